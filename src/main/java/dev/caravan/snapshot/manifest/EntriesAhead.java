package dev.caravan.snapshot.manifest;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Reads a manifest on a thread of its own, a few thousand entries ahead of who asks for them: who
 * walks along it has something else to do as well. As strict as {@link ManifestReader}: what is
 * wrong is told in the place where it is. For one thread.
 */
public final class EntriesAhead implements AutoCloseable {

  private static final int TOGETHER = 250;
  private static final int AHEAD = 12;

  private final BlockingQueue<Portion> queue = new ArrayBlockingQueue<>(AHEAD);
  private final ManifestReader reader;
  private final Thread thread;
  private volatile boolean closed;
  private Iterator<ManifestEntry> entries = Collections.emptyIterator();
  private Optional<Portion> last = Optional.empty();

  /** Some entries; the last ones tell how it ended. */
  private record Portion(List<ManifestEntry> entries, boolean isLast, Optional<Throwable> fault) {}

  /**
   * Begins to read.
   *
   * @param reader is closed with this
   */
  public EntriesAhead(ManifestReader reader) {
    this.reader = reader;
    this.thread = new Thread(this::read, "mover-manifest");
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * The next entry; empty when all came, and are what was written.
   *
   * @throws DamagedManifestException when it is not whole: what came before must not be used
   */
  public Optional<ManifestEntry> next() throws IOException {
    while (!entries.hasNext()) {
      if (last.isPresent()) {
        throwFault(last.get());
        return Optional.empty();
      }
      Portion portion = take();
      entries = portion.entries().iterator();
      last = Optional.of(portion).filter(Portion::isLast);
    }
    return Optional.of(entries.next());
  }

  private static void throwFault(Portion last) throws IOException {
    if (last.fault().isPresent()) {
      Throwable fault = last.fault().get();
      if (fault instanceof IOException e) {
        throw e;
      }
      throw new IllegalStateException(fault);
    }
  }

  private Portion take() throws IOException {
    try {
      return queue.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while a manifest was read");
    }
  }

  private void read() {
    List<ManifestEntry> portion = new ArrayList<>(TOGETHER);
    Optional<Throwable> fault = Optional.empty();
    try (reader) {
      for (Optional<ManifestEntry> next = reader.next();
          next.isPresent() && !closed;
          next = reader.next()) {
        portion.add(next.get());
        if (portion.size() == TOGETHER) {
          put(new Portion(List.copyOf(portion), false, fault));
          portion.clear();
        }
      }
    } catch (IOException | RuntimeException | Error e) {
      fault = Optional.of(e);
    }
    put(new Portion(portion, true, fault));
  }

  private void put(Portion portion) {
    try {
      if (!closed) {
        queue.put(portion);
      }
    } catch (InterruptedException e) {
      closed = true;
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
