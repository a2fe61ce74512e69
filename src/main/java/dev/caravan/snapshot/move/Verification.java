package dev.caravan.snapshot.move;

import dev.caravan.event.Counted;
import dev.caravan.event.StorePath;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.RemoteException;
import dev.caravan.snapshot.fetch.ObjectFetch;
import dev.caravan.snapshot.manifest.ManifestEntry;
import dev.caravan.snapshot.manifest.ManifestReader;
import java.io.IOException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the bucket once more for every object of a backup: each must be there with its size and its
 * SHA-256. One whose SHA-256 is not recorded beside it is read. What is wrong in a backup that has
 * no manifest yet is taken out of the way, so that the next attempt sends it again.
 */
public final class Verification implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.datamover");
  private static final int PORTION = 100;
  private static final int TOLD_MAX = 20;

  private final MoverWorld world;
  private final String folder;
  private final ManifestReader reader;
  private final long files;
  private final boolean mends;
  private final AtomicLong asked = new AtomicLong();
  private final AtomicLong wrong = new AtomicLong();
  private Optional<IOException> failure = Optional.empty();

  /**
   * Begins one.
   *
   * @param folder with its slash; {@code ""} for a mirror
   * @param reader of its manifest; is closed with this
   * @param files that the manifest says it names
   * @param mends true while it is no backup yet
   */
  Verification(MoverWorld world, String folder, ManifestReader reader, long files, boolean mends) {
    this.world = world;
    this.folder = folder;
    this.reader = reader;
    this.files = files;
    this.mends = mends;
  }

  /** All files, some at a time; each portion is to be given to {@link #ask}. */
  public Iterator<List<ManifestEntry>> portions() {
    return new Iterator<>() {
      private List<ManifestEntry> next = read();

      @Override
      public boolean hasNext() {
        return !next.isEmpty();
      }

      @Override
      public List<ManifestEntry> next() {
        if (next.isEmpty()) {
          throw new NoSuchElementException();
        }
        List<ManifestEntry> portion = next;
        next = read();
        return portion;
      }
    };
  }

  private List<ManifestEntry> read() {
    List<ManifestEntry> portion = new ArrayList<>(PORTION);
    try {
      while (portion.size() < PORTION) {
        Optional<ManifestEntry> entry = reader.next();
        if (entry.isEmpty()) {
          break;
        }
        if (entry.get().isFile()) {
          portion.add(entry.get());
        }
      }
    } catch (IOException e) {
      failure = Optional.of(e);
      return List.of();
    }
    return portion;
  }

  /** Asks for some files. */
  public void ask(List<ManifestEntry> files) throws RemoteException {
    for (ManifestEntry file : files) {
      ObjectKey key = new ObjectKey(folder + file.path().value());
      Optional<ObjectStat> there = world.remote().find(key);
      String fault = there.isEmpty() ? "it is not there" : faultOf(there.get(), file);
      asked.incrementAndGet();
      if (fault.isEmpty()) {
        world.counts().verified.increment();
        continue;
      }
      if (wrong.incrementAndGet() <= TOLD_MAX) {
        LOG.error("Verification: {}: {}", key.value().replaceAll("\\p{Cntrl}", "?"), fault);
      }
      if (mends && there.isPresent()) {
        remove(key);
      }
    }
  }

  private String faultOf(ObjectStat there, ManifestEntry file) throws RemoteException {
    if (there.sizeBytes() != file.sizeBytes()) {
      return "it has %d bytes instead of %d".formatted(there.sizeBytes(), file.sizeBytes());
    }
    Optional<String> sha256 = there.sha256();
    if (sha256.isEmpty()) {
      try {
        ObjectFetch fetch = new ObjectFetch(world.remote(), there.key(), file.sizeBytes());
        sha256 = Optional.of(fetch.read(ObjectFetch.Sink.NONE));
      } catch (IOException e) {
        throw new IllegalStateException("Nothing is written here", e);
      }
    }
    return sha256.equals(file.sha256()) ? "" : "it has another SHA-256 than the file";
  }

  private void remove(ObjectKey key) throws RemoteException {
    LocalDate today = LocalDate.ofInstant(world.clock().instant(), ZoneOffset.UTC);
    Map<ObjectKey, RemoteException> failed =
        world.mirror()
            ? new MirrorTrash(world.remote()).take(List.of(StorePath.of(key.value())), today)
            : world.remote().delete(List.of(key));
    failed.forEach((each, why) -> LOG.warn("it cannot be taken away: {}", why.getMessage()));
  }

  /** How many files are there as they should be, so far. */
  public long good() {
    return world.counts().verified.sum();
  }

  /**
   * Ends it.
   *
   * @throws IOException when something was wrong
   */
  public void end() throws IOException {
    if (failure.isPresent()) {
      throw failure.get();
    }
    if (wrong.get() > 0) {
      throw new IOException(
          "verification failed: %s not as sent; %s"
              .formatted(
                  Counted.of(wrong.get(), "object"),
                  mends
                      ? "no manifest was stored: run the backup again"
                      : "this snapshot was complete before: begin another one"));
    }
    if (asked.get() != files) {
      throw new IOException(
          "verification failed: %d of %d files were asked for".formatted(asked.get(), files));
    }
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
