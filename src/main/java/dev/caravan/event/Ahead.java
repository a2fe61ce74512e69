package dev.caravan.event;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;

/**
 * Hands things from a thread that gets them to another one that needs them, a few hundred ahead and
 * some at a time: more would outlive the collector's young generation, and make the heap grow. What
 * the last one is, is for the two of them to know.
 *
 * @param <T> what is handed over
 */
public final class Ahead<T> implements AutoCloseable {

  /** So many go from one thread to the other at once. */
  private static final int TOGETHER = 64;

  private static final int PORTIONS = 8;

  private final BlockingQueue<List<T>> queue = new ArrayBlockingQueue<>(PORTIONS);
  private final Thread thread;
  private volatile boolean closed;
  private List<T> portion = new ArrayList<>(TOGETHER);
  private Iterator<T> taken = Collections.emptyIterator();

  /**
   * Begins to get.
   *
   * @param source calls {@link #put} for each, on a thread of its own, and must not throw
   */
  public Ahead(String name, Consumer<Ahead<T>> source) {
    this.thread =
        new Thread(
            () -> {
              source.accept(this);
              handOver();
            },
            name);
    thread.setDaemon(true);
    thread.start();
  }

  /** For the source: hands one over; waits while enough are ahead. */
  public void put(T next) {
    portion.add(next);
    if (portion.size() == TOGETHER) {
      handOver();
    }
  }

  /** For the source: true when no more are wanted. */
  public boolean isClosed() {
    return closed;
  }

  /** For the other thread: the next one; waits until it is there. */
  public T take() throws InterruptedException {
    while (!taken.hasNext()) {
      taken = queue.take().iterator();
    }
    return taken.next();
  }

  private void handOver() {
    List<T> whole = portion;
    portion = new ArrayList<>(TOGETHER);
    try {
      if (!closed) {
        queue.put(whole);
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
