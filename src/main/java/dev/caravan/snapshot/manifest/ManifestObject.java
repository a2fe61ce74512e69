package dev.caravan.snapshot.manifest;

import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * A manifest as it was loaded from a remote: held compressed in memory, proven whole, to be read as
 * often as wanted.
 */
public final class ManifestObject {

  /** Below the folder of a snapshot, or the prefix of a mirror. */
  public static final String PLACE = ObjectKey.OWN + "manifest.jsonl.gz";

  private static final int BUFFER = 64 * 1024;
  private static final int TRIES = 5;

  private final Chunks chunks;
  private final ManifestHeader header;
  private final ManifestTotals totals;

  private ManifestObject(Chunks chunks, ManifestHeader header, ManifestTotals totals) {
    this.chunks = chunks;
    this.header = header;
    this.totals = totals;
  }

  /**
   * Where the manifest of a snapshot lies.
   *
   * @param folder {@code 2026-11-21-032800/}, with its slash; {@code ""} for a mirror
   */
  public static ObjectKey keyIn(String folder) {
    return new ObjectKey(folder + PLACE);
  }

  /**
   * Loads a manifest and reads it once to its end.
   *
   * @return empty when there is none
   * @throws DamagedManifestException when it is not whole: it must not be used
   */
  public static Optional<ManifestObject> load(Remote remote, String folder)
      throws RemoteException, IOException {
    ObjectKey key = keyIn(folder);
    Optional<ObjectStat> stat = remote.find(key);
    if (stat.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(read(bytes(remote, stat.get())));
    } catch (DamagedManifestException e) {
      throw new DamagedManifestException(
          "Manifest %s at %s cannot be used: %s".formatted(key, remote.identity(), e.getMessage()),
          e);
    }
  }

  /**
   * What a manifest sums up to, from its last bytes alone: said, not proven.
   *
   * @param manifest as the remote listed or found it
   */
  public static ManifestTotals peek(Remote remote, ObjectStat manifest)
      throws RemoteException, IOException {
    long length = Math.min(ManifestReader.TAIL, manifest.sizeBytes());
    for (int attempt = 1; ; attempt++) {
      try (InputStream in = remote.open(manifest.key(), manifest.sizeBytes() - length, length)) {
        return ManifestReader.totalsIn(in.readNBytes((int) length));
      } catch (DamagedManifestException e) {
        throw e;
      } catch (IOException e) {
        if (attempt == TRIES) {
          throw brokenOff(remote, manifest, e);
        }
      }
    }
  }

  private static ManifestObject read(Chunks chunks) throws IOException {
    try (ManifestReader reader = new ManifestReader(chunks.open(0, chunks.length()))) {
      while (reader.next().isPresent()) {
        // Only the end tells whether all of it is there.
      }
      return new ManifestObject(chunks, reader.header(), reader.totals());
    }
  }

  public ManifestHeader header() {
    return header;
  }

  public ManifestTotals totals() {
    return totals;
  }

  /** Reads it again from its first entry; the caller closes. */
  public ManifestReader open() throws IOException {
    return new ManifestReader(chunks.open(0, chunks.length()));
  }

  /** Goes on where a stream broke off. */
  private static Chunks bytes(Remote remote, ObjectStat stat) throws RemoteException {
    Chunks chunks = new Chunks();
    byte[] buffer = new byte[BUFFER];
    for (int attempt = 1; chunks.length() < stat.sizeBytes(); attempt++) {
      long at = chunks.length();
      try (InputStream in = remote.open(stat.key(), at, stat.sizeBytes() - at)) {
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
          chunks.write(buffer, 0, n);
        }
        if (chunks.length() < stat.sizeBytes()) {
          throw new IOException("it ended too early");
        }
      } catch (IOException e) {
        if (attempt >= TRIES) {
          throw brokenOff(remote, stat, e);
        }
      }
    }
    return chunks;
  }

  private static RemoteException brokenOff(Remote remote, ObjectStat stat, IOException e) {
    return new RemoteException(
        Cause.NETWORK,
        "Remote '%s' broke off while it sent %s (%s)"
            .formatted(remote.name(), stat.key(), e.getMessage()),
        e);
  }
}
