package dev.caravan.remote.rclone;

import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Does one thing to many objects, a few at once; what fails does not stop the rest. */
final class Batch implements AutoCloseable {

  private static final int THREADS = 4;

  private final String name;
  private final ThreadPoolExecutor pool;

  Batch(String name) {
    this.name = name;
    pool =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            30,
            TimeUnit.SECONDS,
            // Bounded by the callers: each waits for its own, of which there are at most 1,000.
            new LinkedBlockingQueue<>(),
            work -> {
              Thread thread = new Thread(work, "rclone-" + name);
              thread.setDaemon(true);
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
  }

  /** What is done to each. */
  interface Work {
    void on(ObjectKey key) throws RemoteException;
  }

  /** Returns once all is done, with what failed. */
  Map<ObjectKey, RemoteException> run(Collection<ObjectKey> keys, Work work)
      throws RemoteException {
    Map<ObjectKey, RemoteException> failed = new ConcurrentHashMap<>();
    List<Future<?>> under = new ArrayList<>();
    try {
      for (ObjectKey key : keys) {
        under.add(pool.submit(() -> one(key, work, failed)));
      }
      for (Future<?> each : under) {
        each.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RemoteException(Cause.CANCELLED, "Remote '" + name + "': cancelled", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } finally {
      under.forEach(each -> each.cancel(true));
    }
    return failed;
  }

  private static void one(ObjectKey key, Work work, Map<ObjectKey, RemoteException> failed) {
    try {
      work.on(key);
    } catch (RemoteException e) {
      failed.put(key, e);
    }
  }

  @Override
  public void close() {
    pool.shutdownNow();
  }
}
