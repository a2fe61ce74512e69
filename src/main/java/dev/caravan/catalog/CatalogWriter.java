package dev.caravan.catalog;

import dev.caravan.catalog.sql.Connections;
import dev.caravan.catalog.sql.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The one thread that writes the catalog. Changes are gathered into transactions: a change that
 * nobody waits for is committed within half a second, one that somebody waits for as soon as the
 * queue is empty, together with all that came before it. Changes keep their order.
 */
final class CatalogWriter implements AutoCloseable {

  private static final int QUEUE_MAX = 4_096;
  private static final int BATCH_MAX = 10_000;
  private static final long LINGER_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private record Change(
      Consumer<Session> work, CompletableFuture<Void> committed, boolean awaited, boolean last) {}

  private final BlockingQueue<Change> queue = new ArrayBlockingQueue<>(QUEUE_MAX);
  private final Connections connections;
  private final Consumer<Throwable> faults;
  private final Thread thread;
  private volatile boolean closed;
  private volatile boolean ended;

  /**
   * @param faults is told of each change and each transaction that failed
   */
  CatalogWriter(Connections connections, Consumer<Throwable> faults) {
    this.connections = connections;
    this.faults = faults;
    this.thread = new Thread(this::work, "catalog-writer");
    thread.setDaemon(true);
    thread.start();
  }

  /** Queues a change; the future completes when it is committed. Blocks while the queue is full. */
  CompletableFuture<Void> submit(Consumer<Session> work) {
    return put(new Change(work, new CompletableFuture<>(), false, false));
  }

  /** Makes a change and returns once it is committed. */
  <T> T call(Function<Session, T> work) {
    List<T> result = new ArrayList<>(1);
    CompletableFuture<Void> committed =
        put(
            new Change(
                session -> result.add(work.apply(session)),
                new CompletableFuture<>(),
                true,
                false));
    try {
      committed.join();
    } catch (CompletionException e) {
      throw unwrapped(e);
    }
    return result.get(0);
  }

  private static RuntimeException unwrapped(CompletionException e) {
    return e.getCause() instanceof RuntimeException cause ? cause : e;
  }

  private CompletableFuture<Void> put(Change change) {
    if (closed && !change.last) {
      throw closedFault();
    }
    boolean interrupted = false;
    try {
      while (true) {
        try {
          queue.put(change);
          if (ended) {
            refuseTheRest();
          }
          return change.committed;
        } catch (InterruptedException e) {
          // A change must not be lost because its thread is asked to stop: it stops afterwards.
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static CatalogException closedFault() {
    return new CatalogException(
        CatalogException.Fault.UNUSABLE, "The catalog is closed: Caravan is stopping", null);
  }

  private void work() {
    try {
      boolean last = false;
      while (!last) {
        last = commit(queue.take());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      ended = true;
      refuseTheRest();
    }
  }

  /** What came too late is answered, else its caller would wait for ever. */
  private void refuseTheRest() {
    List<Change> late = new ArrayList<>();
    queue.drainTo(late);
    late.forEach(each -> each.committed.completeExceptionally(closedFault()));
  }

  /** Runs one transaction; true when the closing change was in it. */
  private boolean commit(Change first) {
    List<Change> taken = new ArrayList<>();
    boolean last = first.last;
    try (Session session = connections.open()) {
      session.begin();
      long deadline = System.nanoTime() + LINGER_NANOS;
      boolean hurry = false;
      Optional<Change> change = Optional.of(first);
      while (change.isPresent()) {
        taken.add(change.get());
        last |= change.get().last;
        hurry |= change.get().awaited;
        run(session, change.get());
        change = taken.size() >= BATCH_MAX ? Optional.empty() : next(hurry, deadline);
      }
      session.commit();
      taken.forEach(each -> each.committed.complete(null));
    } catch (RuntimeException | InterruptedException e) {
      faults.accept(e);
      RuntimeException fault =
          new CatalogException(
              CatalogException.Fault.UNUSABLE,
              "The catalog cannot be written (" + e.getMessage() + "): see to the disk it lies on",
              e);
      first.committed.completeExceptionally(fault);
      taken.forEach(each -> each.committed.completeExceptionally(fault));
    }
    return last;
  }

  private Optional<Change> next(boolean hurry, long deadline) throws InterruptedException {
    long left = deadline - System.nanoTime();
    if (left <= 0) {
      return Optional.empty();
    }
    return Optional.ofNullable(hurry ? queue.poll() : queue.poll(left, TimeUnit.NANOSECONDS));
  }

  /**
   * A change that fails takes only itself back; its fellows in the transaction stay. On a full disk
   * SQLite may have taken back the whole transaction: then the roll-back throws, and all fail.
   */
  private void run(Session session, Change change) {
    session.execute("SAVEPOINT change");
    try {
      change.work.accept(session);
      session.execute("RELEASE change");
    } catch (Throwable e) { // an error must not end the thread either
      faults.accept(e);
      session.execute("ROLLBACK TO change");
      session.execute("RELEASE change");
      change.committed.completeExceptionally(e);
    }
  }

  /** Commits what is queued and ends the thread. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    // Who waited for a change that cannot be committed was told; closing goes on even so.
    put(new Change(session -> {}, new CompletableFuture<>(), true, true))
        .exceptionally(fault -> null)
        .join();
    try {
      thread.join(TimeUnit.SECONDS.toMillis(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
