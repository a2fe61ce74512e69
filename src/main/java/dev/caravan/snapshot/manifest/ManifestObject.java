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
 * A manifest as it was loaded from a remote: held compressed in memory, to be read as often as
 * wanted.
 */
public final class ManifestObject {

  /** Below the folder of a snapshot, or the prefix of a mirror. */
  public static final String PLACE = ObjectKey.OWN + "manifest.jsonl.gz";

  private static final int BUFFER = 64 * 1024;
  private static final int TRIES = 5;

  private final String name;
  private final Chunks chunks;
  private final ManifestHeader header;
  private Optional<ManifestTotals> totals = Optional.empty();

  private ManifestObject(String name, Chunks chunks) throws IOException {
    this.name = name;
    this.chunks = chunks;
    try (ManifestReader reader = open()) {
      this.header = reader.header();
    } catch (DamagedManifestException e) {
      throw named(name, e);
    }
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
    Optional<ManifestObject> fetched = fetch(remote, folder);
    if (fetched.isPresent()) {
      fetched.get().prove();
    }
    return fetched;
  }

  /**
   * Loads a manifest of which no more than the header was read: who reads it to its end knows that
   * it is whole, and nobody else.
   *
   * @return empty when there is none
   * @throws DamagedManifestException when it has no header
   */
  public static Optional<ManifestObject> fetch(Remote remote, String folder)
      throws RemoteException, IOException {
    ObjectKey key = keyIn(folder);
    Optional<ObjectStat> stat = remote.find(key);
    if (stat.isEmpty()) {
      return Optional.empty();
    }
    String name = "Manifest %s at %s".formatted(key, remote.identity());
    return Optional.of(new ManifestObject(name, bytes(remote, stat.get())));
  }

  /** Says of which manifest that is true. */
  public DamagedManifestException named(DamagedManifestException fault) {
    return named(name, fault);
  }

  private static DamagedManifestException named(String name, DamagedManifestException fault) {
    return new DamagedManifestException(name + " cannot be used: " + fault.getMessage(), fault);
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

  private void prove() throws IOException {
    try (ManifestReader reader = open()) {
      while (reader.next().isPresent()) {
        // Only the end tells whether all of it is there.
      }
      totals = Optional.of(reader.totals());
    } catch (DamagedManifestException e) {
      throw named(e);
    }
  }

  public ManifestHeader header() {
    return header;
  }

  /** What it sums up to; only of one that was loaded to its end. */
  public ManifestTotals totals() {
    return totals.orElseThrow(() -> new IllegalStateException("It was not read to its end"));
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
