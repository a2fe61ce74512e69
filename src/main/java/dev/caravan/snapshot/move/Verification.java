package dev.caravan.snapshot.move;

import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.RemoteException;
import dev.caravan.snapshot.manifest.ManifestEntry;
import dev.caravan.snapshot.manifest.ManifestObject;
import dev.caravan.snapshot.manifest.ManifestReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the bucket once more for every object of a backup, by the manifest as it lies there: each
 * must be there with its size, and with its SHA-256 as far as the bucket can say it.
 */
public final class Verification implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.datamover");
  private static final int PORTION = 100;
  private static final int TOLD_MAX = 20;

  private final MoverWorld world;
  private final String folder;
  private final ManifestReader reader;
  private final AtomicLong wrong = new AtomicLong();
  private Optional<IOException> failure = Optional.empty();

  /**
   * Begins one.
   *
   * @param folder with its slash; {@code ""} for a mirror
   * @throws IOException when the manifest is not there, or is not whole
   */
  public Verification(MoverWorld world, String folder) throws RemoteException, IOException {
    this.world = world;
    this.folder = folder;
    ManifestObject manifest =
        ManifestObject.load(world.remote(), folder)
            .orElseThrow(() -> new IOException("the manifest that was just stored is not there"));
    this.reader = manifest.open();
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
      String fault = there.map(each -> faultOf(each, file)).orElse("it is not there");
      if (fault.isEmpty()) {
        world.counts().verified.increment();
      } else if (wrong.incrementAndGet() <= TOLD_MAX) {
        LOG.error("Verification: {}: {}", key.value().replaceAll("\\p{Cntrl}", "?"), fault);
      }
    }
  }

  private static String faultOf(ObjectStat there, ManifestEntry file) {
    if (there.sizeBytes() != file.sizeBytes()) {
      return "it has %d bytes instead of %d".formatted(there.sizeBytes(), file.sizeBytes());
    }
    boolean differs = there.sha256().isPresent() && !there.sha256().equals(file.sha256());
    return differs ? "it has another SHA-256 than the file" : "";
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
          "verification failed: %d objects are not what was sent; run the backup again"
              .formatted(wrong.get()));
    }
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
