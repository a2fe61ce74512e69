package dev.caravan.snapshot.verify;

import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.snapshot.fetch.ObjectFetch;
import dev.caravan.snapshot.fetch.Workers;
import dev.caravan.snapshot.manifest.ManifestEntry;
import dev.caravan.snapshot.manifest.ManifestObject;
import dev.caravan.snapshot.manifest.ManifestReader;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Asks for every file of a manifest whether its object is there and is what was stored. */
public final class SnapshotVerify {

  /** How closely it is looked. */
  public enum Mode {
    /**
     * The remote is asked for size and checksum; what it knows no checksum of is read. The checksum
     * may be the one that was recorded when the object was put.
     */
    HASH,
    /** Every byte is read again and hashed. */
    FULL
  }

  private final Remote remote;
  private final int atOnce;
  private final BiConsumer<String, String> differences;
  private final LongAdder files = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final LongAdder bytesRead = new LongAdder();
  private final LongAdder different = new LongAdder();
  private final AtomicReference<@Nullable RemoteException> stopped = new AtomicReference<>();

  /**
   * @param atOnce objects that are asked for at the same time
   * @param differences is told of each path and what is wrong with it, from many threads
   */
  public SnapshotVerify(Remote remote, int atOnce, BiConsumer<String, String> differences) {
    this.remote = remote;
    this.atOnce = atOnce;
    this.differences = differences;
  }

  /**
   * Looks at all files.
   *
   * @param folder where they lie: {@code 2026-11-21-032800/}, {@code ""} for a mirror
   * @throws RemoteException when the remote as a whole cannot be asked
   */
  public void run(ManifestObject manifest, String folder, Mode mode)
      throws IOException, RemoteException, InterruptedException {
    try (Workers workers = new Workers(atOnce);
        ManifestReader reader = manifest.open()) {
      for (Optional<ManifestEntry> next = reader.next();
          next.isPresent() && stopped.get() == null;
          next = reader.next()) {
        ManifestEntry entry = next.get();
        if (entry.isFile()) {
          workers.submit(() -> look(entry, folder, mode));
        }
      }
      workers.await();
    }
    RemoteException failure = stopped.get();
    if (failure != null) {
      throw failure;
    }
  }

  /** Files that were looked at. */
  public long files() {
    return files.sum();
  }

  /** Sizes of the files that were looked at. */
  public long bytes() {
    return bytes.sum();
  }

  /** Of files that were read again. */
  public long bytesRead() {
    return bytesRead.sum();
  }

  /** Files that are not there or not what was stored, or could not be looked at. */
  public long different() {
    return different.sum();
  }

  private void look(ManifestEntry entry, String folder, Mode mode) {
    ObjectKey key = new ObjectKey(folder + entry.path().value());
    String sha256 = entry.sha256().orElseThrow();
    try {
      Optional<ObjectStat> stat = remote.find(key);
      String fault =
          stat.map(found -> faultOf(found, entry.sizeBytes(), sha256)).orElse("it is not there");
      boolean known = stat.flatMap(ObjectStat::sha256).isPresent();
      if (fault.isEmpty() && (mode == Mode.FULL || !known)) {
        ObjectFetch fetch = new ObjectFetch(remote, key, entry.sizeBytes());
        String read = fetch.read(ObjectFetch.Sink.NONE);
        bytesRead.add(entry.sizeBytes());
        fault =
            read.equals(sha256) ? "" : "its content does not have the SHA-256 of what was stored";
      }
      tell(entry, fault);
    } catch (RemoteException e) {
      if (e.reason().concernsWholeRemote()) {
        stopped.compareAndSet(null, e);
      }
      String gone = e.reason() == Cause.NO_SUCH_OBJECT ? "it is not there" : e.getMessage();
      tell(entry, String.valueOf(gone));
    } catch (IOException | RuntimeException e) {
      tell(entry, "it could not be looked at: " + e);
    }
  }

  private static String faultOf(ObjectStat found, long sizeBytes, String sha256) {
    if (found.sizeBytes() != sizeBytes) {
      return "it has %d bytes instead of %d".formatted(found.sizeBytes(), sizeBytes);
    }
    boolean same = found.sha256().isEmpty() || found.sha256().get().equals(sha256);
    return same ? "" : "the remote knows it by another SHA-256 than that of what was stored";
  }

  private void tell(ManifestEntry entry, String fault) {
    files.increment();
    bytes.add(entry.sizeBytes());
    if (!fault.isEmpty()) {
      different.increment();
      differences.accept(entry.path().value(), fault);
    }
  }
}
