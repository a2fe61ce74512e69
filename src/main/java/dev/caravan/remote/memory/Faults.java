package dev.caravan.remote.memory;

import dev.caravan.remote.RemoteException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What shall go wrong at a {@link MemoryRemote}. Each fault waits for its turn among the calls of
 * its kind and is spent when it has happened; {@link #happened()} lets a test assert that it did.
 * Thread safe.
 */
public final class Faults {

  /** The calls that can go wrong. */
  public enum Call {
    PROBE,
    PUT,
    FIND,
    OPEN,
    LIST,
    COPY,
    MOVE,
    DELETE,
    SWEEP
  }

  private final List<Planned> planned = new ArrayList<>();
  private int happened;

  /** A fault whose turn is counted down; 0 means on every call. */
  private static final class Planned {
    private final Call call;
    private final Fault fault;
    private int turn;

    Planned(Call call, int turn, Fault fault) {
      this.call = call;
      this.turn = turn;
      this.fault = fault;
    }
  }

  /** One of the three is set. */
  private record Fault(
      @Nullable Supplier<RemoteException> failure, @Nullable Runnable action, boolean lie) {}

  /**
   * The call fails with the cause.
   *
   * @param turn 1 for the next call of this kind
   */
  public Faults fail(Call call, int turn, RemoteException.Cause cause) {
    return fail(call, turn, () -> new RemoteException(cause, "planned fault: " + cause));
  }

  /** The call fails with an exception of the test's own. */
  public Faults fail(Call call, int turn, Supplier<RemoteException> failure) {
    return plan(call, turn, new Fault(failure, null, false));
  }

  /** Every call of this kind fails with the cause, until {@link #clear()}. */
  public Faults failAll(Call call, RemoteException.Cause cause) {
    return fail(call, 0, cause);
  }

  /** The action runs before the call does anything: a delay, a change, another call. */
  public Faults before(Call call, int turn, Runnable action) {
    return plan(call, turn, new Fault(null, action, false));
  }

  /** The put stores other bytes than it was given, of the same length, and reports success. */
  public Faults lieOnPut(int turn) {
    return plan(Call.PUT, turn, new Fault(null, null, true));
  }

  /** Forgets what has not happened yet. */
  public synchronized void clear() {
    planned.clear();
  }

  /** How many faults took place. */
  public synchronized int happened() {
    return happened;
  }

  private synchronized Faults plan(Call call, int turn, Fault fault) {
    planned.add(new Planned(call, turn, fault));
    return this;
  }

  /** Lets what is due happen; true when the call shall lie. */
  boolean meet(Call call) throws RemoteException {
    boolean lie = false;
    for (Fault fault : due(call)) {
      if (fault.action() != null) {
        fault.action().run();
      }
      if (fault.failure() != null) {
        throw fault.failure().get();
      }
      lie |= fault.lie();
    }
    return lie;
  }

  private synchronized List<Fault> due(Call call) {
    List<Fault> due = new ArrayList<>();
    for (Iterator<Planned> rest = planned.iterator(); rest.hasNext(); ) {
      Planned next = rest.next();
      boolean always = next.turn == 0;
      if (next.call == call && (always || --next.turn == 0)) {
        due.add(next.fault);
        happened++;
        if (!always) {
          rest.remove();
        }
      }
    }
    return due;
  }
}
