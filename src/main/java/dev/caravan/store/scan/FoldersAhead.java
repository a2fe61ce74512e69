package dev.caravan.store.scan;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * Has the folders of a walk read on a thread of its own while those before are compared: the one
 * has as much to do as the other. What is ahead are listings, which are small and no garbage.
 */
final class FoldersAhead implements FolderFeed {

  /** So many entries may be ahead; of a folder that has more, no more are read until it is due. */
  static final int MOST = 4_096;

  /** Fewer are not worth to wake a thread for. */
  private static final int TOGETHER = 64;

  private final Deque<FolderFound> taken = new ArrayDeque<>();

  // Both threads', under the monitor.
  private final Deque<FolderFound> ready = new ArrayDeque<>();
  private Optional<Throwable> fault = Optional.empty();
  private int entries;
  private boolean begun;
  private boolean asked;
  private boolean holding;
  private boolean ended;
  private boolean closed;

  /** Begins to read a walk, which belongs to this thread from now on. */
  void begin(FolderFeed folders) {
    synchronized (this) {
      begun = true;
    }
    Thread thread = new Thread(() -> walk(folders), "scan");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public Optional<FolderFound> next() {
    if (taken.isEmpty()) {
      take();
    }
    return Optional.ofNullable(taken.poll());
  }

  /** Who asks waits for the disk, as it would without this thread: no interrupt ends that. */
  private synchronized void take() {
    boolean interrupted = false;
    asked = true;
    notifyAll();
    while (!isEnough()) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    asked = false;
    taken.addAll(ready);
    ready.clear();
    entries = 0;
    notifyAll();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (taken.isEmpty()) {
      rethrow();
    }
  }

  private boolean isEnough() {
    return ended || entries >= TOGETHER || (holding && !ready.isEmpty());
  }

  /** What ended the walk, told once. */
  private void rethrow() {
    Optional<Throwable> why = fault;
    fault = Optional.empty();
    if (why.isPresent() && why.get() instanceof Error error) {
      throw error;
    }
    if (why.isPresent() && why.get() instanceof RuntimeException exception) {
      throw exception;
    }
  }

  private void walk(FolderFeed walk) {
    try (walk) {
      for (Optional<FolderFound> next = walk.next(); next.isPresent(); next = walk.next()) {
        if (!put(next.get())) {
          return;
        }
      }
      end(Optional.empty());
    } catch (RuntimeException | Error e) {
      end(Optional.of(e));
    }
  }

  /** Hands one over, when there is room; false when no more are wanted. */
  private synchronized boolean put(FolderFound next) {
    while (entries >= MOST && !closed) {
      await();
    }
    ready.add(next);
    entries += 1 + next.count();
    if (asked && isEnough()) {
      notifyAll();
    }
    return !closed;
  }

  /**
   * For the walk: a folder turns out to be large. Returns when it is the one that is asked for, so
   * that not two of them are in memory.
   */
  synchronized void large() {
    holding = true;
    notifyAll();
    while (begun && !(asked && ready.isEmpty()) && !closed) {
      await();
    }
    holding = false;
  }

  /** Nobody else knows of the walk's thread. */
  private void await() {
    try {
      wait();
    } catch (InterruptedException e) {
      throw new IllegalStateException("the walk of the store was interrupted", e);
    }
  }

  private synchronized void end(Optional<Throwable> why) {
    fault = why;
    ended = true;
    notifyAll();
  }

  @Override
  public synchronized void close() {
    closed = true;
    notifyAll();
  }
}
