package dev.caravan.remote;

import dev.caravan.event.ObjectContent;
import dev.caravan.remote.RemoteException.Cause;
import dev.failsafe.Failsafe;
import dev.failsafe.FailsafeException;
import dev.failsafe.FailsafeExecutor;
import dev.failsafe.RetryPolicy;
import dev.failsafe.function.CheckedSupplier;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Makes a call again when its failure may pass by itself: the one place where that happens in
 * memory. A changed or unreadable local file, and what the remote refuses for good, is thrown at
 * once.
 *
 * <p>A stream that breaks after {@link #open} is not resumed; the caller opens the rest.
 */
public final class RetryingRemote extends ForwardingRemote {

  private final FailsafeExecutor<Object> retry;

  public RetryingRemote(Remote remote, Backoff backoff) {
    super(remote);
    this.retry =
        Failsafe.with(
            RetryPolicy.builder()
                .handleIf(backoff::isWorthRetrying)
                .withMaxAttempts(backoff.tries())
                .withMaxDuration(backoff.bound())
                .withDelayFn(
                    call -> backoff.waitAfter(call.getAttemptCount(), call.getLastException()))
                .build());
  }

  @Override
  public Map<String, String> probe() throws RemoteException {
    return ask(remote::probe);
  }

  @Override
  public StoredObject put(ObjectKey key, ObjectContent content)
      throws RemoteException, IOException {
    return call(() -> remote.put(key, content));
  }

  @Override
  public Optional<ObjectStat> find(ObjectKey key) throws RemoteException {
    return ask(() -> remote.find(key));
  }

  @Override
  public InputStream open(ObjectKey key, long offset, long length) throws RemoteException {
    return ask(() -> remote.open(key, offset, length));
  }

  /** Begins again only as long as nothing was visited, for no object may be visited twice. */
  @Override
  public void list(String prefix, Visitor each) throws RemoteException {
    AtomicBoolean visited = new AtomicBoolean();
    Optional<RemoteException> broken =
        ask(
            () -> {
              try {
                remote.list(
                    prefix,
                    stat -> {
                      visited.set(true);
                      each.visit(stat);
                    });
                return Optional.empty();
              } catch (RemoteException e) {
                if (visited.get()) {
                  return Optional.of(e);
                }
                throw e;
              }
            });
    if (broken.isPresent()) {
      throw broken.get();
    }
  }

  @Override
  public SortedSet<String> folders(String prefix) throws RemoteException {
    return ask(() -> remote.folders(prefix));
  }

  @Override
  public Optional<ObjectStat> copy(ObjectStat from, ObjectKey to) throws RemoteException {
    return ask(() -> remote.copy(from, to));
  }

  @Override
  public Map<ObjectKey, RemoteException> move(Map<ObjectKey, ObjectKey> moves)
      throws RemoteException {
    return batch(moves, remote::move);
  }

  @Override
  public Map<ObjectKey, RemoteException> delete(Collection<ObjectKey> keys) throws RemoteException {
    Map<ObjectKey, ObjectKey> all = new LinkedHashMap<>();
    keys.forEach(key -> all.put(key, key));
    return batch(all, left -> remote.delete(left.keySet()));
  }

  @Override
  public void sweep(ObjectKey key, Instant begunAt) throws RemoteException {
    ask(
        () -> {
          remote.sweep(key, begunAt);
          return key;
        });
  }

  @Override
  public void sweepBelow(String folder) throws RemoteException {
    ask(
        () -> {
          remote.sweepBelow(folder);
          return folder;
        });
  }

  private interface Batch {
    Map<ObjectKey, RemoteException> run(Map<ObjectKey, ObjectKey> left) throws RemoteException;
  }

  /** Makes again only what failed and may pass; what failed for good stays failed. */
  private Map<ObjectKey, RemoteException> batch(Map<ObjectKey, ObjectKey> all, Batch batch)
      throws RemoteException {
    Map<ObjectKey, ObjectKey> left = new LinkedHashMap<>(all);
    Map<ObjectKey, RemoteException> failed = new LinkedHashMap<>();
    Map<ObjectKey, RemoteException> passing = new HashMap<>();
    try {
      ask(
          () -> {
            Map<ObjectKey, RemoteException> now = batch.run(left);
            passing.clear();
            now.forEach((key, e) -> (e.reason().isTransient() ? passing : failed).put(key, e));
            left.keySet().retainAll(passing.keySet());
            if (!passing.isEmpty()) {
              throw passing.values().iterator().next();
            }
            return failed;
          });
    } catch (RemoteException e) {
      if (!passing.containsValue(e)) {
        throw e;
      }
      failed.putAll(passing);
    }
    return failed;
  }

  private <T> T ask(CheckedSupplier<T> call) throws RemoteException {
    try {
      return call(call);
    } catch (IOException e) {
      throw new IllegalStateException("Remote '" + name() + "' threw what it may not", e);
    }
  }

  private <T> T call(CheckedSupplier<T> call) throws RemoteException, IOException {
    try {
      return retry.get(call);
    } catch (FailsafeException e) {
      Throwable cause = e.getCause();
      if (cause instanceof RemoteException failure) {
        throw failure;
      }
      if (cause instanceof IOException failure) {
        throw failure;
      }
      if (cause instanceof InterruptedException) {
        Thread.currentThread().interrupt();
        throw new RemoteException(
            Cause.CANCELLED, "Remote '" + name() + "': cancelled while waiting to try again", e);
      }
      throw e;
    }
  }
}
