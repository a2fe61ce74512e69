package dev.caravan.remote;

import dev.caravan.event.Caller;
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
import java.util.List;
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

  /** How calls of one kind are made again. */
  private record Tries(FailsafeExecutor<Object> retry, Allowance allowance) {}

  /** Says whether there may be another try. */
  public interface Allowance {

    /** A call succeeded. */
    void succeeded();

    /** Takes one try; false when there is none left. */
    boolean take();
  }

  /** Lets every call be tried as often as the backoff says. */
  private static final Allowance ENOUGH =
      new Allowance() {
        @Override
        public void succeeded() {
          // Nothing is saved up.
        }

        @Override
        public boolean take() {
          return true;
        }
      };

  private final Tries writes;
  private final Tries reads;
  private final Backoff backoff;

  public RetryingRemote(Remote remote, Backoff backoff) {
    this(remote, backoff, ENOUGH, ENOUGH);
  }

  /**
   * Wraps a remote.
   *
   * @param writes for all calls together that change something there
   * @param reads for all others together
   */
  public RetryingRemote(Remote remote, Backoff backoff, Allowance writes, Allowance reads) {
    super(remote);
    this.backoff = backoff;
    this.writes = new Tries(executor(backoff, writes), writes);
    this.reads = new Tries(executor(backoff, reads), reads);
  }

  private static FailsafeExecutor<Object> executor(Backoff backoff, Allowance allowance) {
    return Failsafe.with(
        RetryPolicy.builder()
            .handleIf(
                failure -> backoff.isWorthRetrying(failure) && !Caller.isGone() && allowance.take())
            .withMaxAttempts(backoff.triesOfComplaints())
            .withMaxDuration(backoff.bound())
            .withDelayFn(call -> backoff.waitAfter(call.getAttemptCount(), call.getLastException()))
            .build());
  }

  @Override
  public Map<String, String> probe() throws RemoteException {
    return ask(reads, remote::probe);
  }

  @Override
  public StoredObject put(ObjectKey key, ObjectContent content)
      throws RemoteException, IOException {
    return call(writes, () -> remote.put(key, content));
  }

  @Override
  public Optional<ObjectStat> find(ObjectKey key) throws RemoteException {
    return ask(reads, () -> remote.find(key));
  }

  @Override
  public InputStream open(ObjectKey key, long offset, long length) throws RemoteException {
    return ask(reads, () -> remote.open(key, offset, length));
  }

  /** Begins again only as long as nothing was visited, for no object may be visited twice. */
  @Override
  public void list(String prefix, Visitor each) throws RemoteException {
    AtomicBoolean visited = new AtomicBoolean();
    Optional<RemoteException> broken =
        ask(
            reads,
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
    return ask(reads, () -> remote.folders(prefix));
  }

  @Override
  public Optional<ObjectStat> copy(ObjectStat from, ObjectKey to) throws RemoteException {
    return ask(writes, () -> remote.copy(from, to));
  }

  @Override
  public Optional<ObjectStat> copyOnWord(ObjectStat from, ObjectKey to) throws RemoteException {
    return ask(writes, () -> remote.copyOnWord(from, to));
  }

  @Override
  public Optional<ObjectStat> describe(ObjectStat held, ObjectContent content)
      throws RemoteException {
    return ask(writes, () -> remote.describe(held, content));
  }

  @Override
  public Traits traits(ObjectKey key) throws RemoteException {
    return ask(reads, () -> remote.traits(key));
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
        writes,
        () -> {
          remote.sweep(key, begunAt);
          return key;
        });
  }

  @Override
  protected Past wrapped(Past past) {
    return new Past() {
      @Override
      public Optional<Cursor> at(String prefix, Instant time) throws RemoteException {
        Optional<Cursor> cursor = ask(reads, () -> past.at(prefix, time));
        return cursor.map(each -> () -> ask(reads, each::next));
      }

      @Override
      public Optional<ObjectStat> find(ObjectKey key, String version) throws RemoteException {
        return ask(reads, () -> past.find(key, version));
      }

      @Override
      public InputStream open(ObjectKey key, String version) throws RemoteException {
        return ask(reads, () -> past.open(key, version));
      }
    };
  }

  /**
   * A creation whose answer was lost finds itself when it is tried again: that is {@code TAKEN}.
   */
  @Override
  protected Conditions wrapped(Conditions conditions) {
    return new Conditions() {
      @Override
      public Creation create(ObjectKey key, ObjectContent content)
          throws RemoteException, IOException {
        return call(writes, () -> conditions.create(key, content));
      }

      @Override
      public InputStream open(ObjectStat seen, long offset) throws RemoteException {
        return ask(reads, () -> conditions.open(seen, offset));
      }
    };
  }

  @Override
  public List<Begun> begunUploads(int most) throws RemoteException {
    return ask(reads, () -> remote.begunUploads(most));
  }

  @Override
  public void sweepBelow(String folder) throws RemoteException {
    ask(
        writes,
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
          writes,
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

  private <T> T ask(Tries tries, CheckedSupplier<T> call) throws RemoteException {
    try {
      return call(tries, call);
    } catch (IOException e) {
      throw new IllegalStateException("Remote '" + name() + "' threw what it may not", e);
    }
  }

  /** This was the last try of a failure of its kind. */
  private static final class Enough extends Exception {
    private static final long serialVersionUID = 1L;

    Enough(RemoteException cause) {
      super(cause);
    }
  }

  private <T> T call(Tries tries, CheckedSupplier<T> call) throws RemoteException, IOException {
    try {
      T result =
          tries
              .retry()
              .get(
                  context -> {
                    try {
                      return call.get();
                    } catch (RemoteException e) {
                      if (backoff.isLast(context.getAttemptCount() + 1, e)) {
                        throw new Enough(e);
                      }
                      throw e;
                    }
                  });
      tries.allowance().succeeded();
      return result;
    } catch (FailsafeException e) {
      Throwable cause = e.getCause() instanceof Enough enough ? enough.getCause() : e.getCause();
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
