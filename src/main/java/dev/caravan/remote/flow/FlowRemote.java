package dev.caravan.remote.flow;

import dev.caravan.event.ObjectContent;
import dev.caravan.event.Share;
import dev.caravan.remote.ForwardingRemote;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.RetryingRemote;
import dev.caravan.remote.StoredObject;
import dev.caravan.remote.flow.Gate.Answer;
import dev.caravan.remote.flow.Gate.Kind;
import dev.caravan.remote.flow.Gate.Pass;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Works a remote as hard as it bears: as many calls at once as it answers without complaint, and
 * none for a while once it has failed many in a row. Wrapped inside the retries, so that a call
 * that waits for its next try takes nobody's place.
 */
public final class FlowRemote extends ForwardingRemote {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.remote");

  /** Asked for to find out whether a remote answers again; it need not be there. */
  private static final ObjectKey QUESTION = new ObjectKey(ObjectKey.OWN + "store.id");

  private static final int RETRIES_SAVED_PER_CALL = 5;

  private final Gate gate;
  private final RetryBudget writes;
  private final RetryBudget reads;
  private final Share share;

  /**
   * Wraps a remote.
   *
   * @param room how many calls at once
   */
  public FlowRemote(Remote remote, Room room) {
    this(remote, room, System::nanoTime);
  }

  /**
   * @param nanos a time that only grows
   */
  FlowRemote(Remote remote, Room room, LongSupplier nanos) {
    super(remote);
    this.gate = new Gate(room, nanos);
    this.writes = new RetryBudget(RETRIES_SAVED_PER_CALL * room.usual(), nanos);
    this.reads = new RetryBudget(RETRIES_SAVED_PER_CALL * room.usual(), nanos);
    this.share = new GateShare(gate, writes);
  }

  /** How many tries may follow failed ones of what changes something there. */
  public RetryingRemote.Allowance budget() {
    return writes;
  }

  /** The same for what reads: uploads that fail take nothing from it. */
  public RetryingRemote.Allowance readBudget() {
    return reads;
  }

  /** True while any call is under way, or a stream is open. */
  public boolean isBusy() {
    return gate.isBusy();
  }

  /**
   * A cycle begins, or a person asks: one call finds out whether a remote that is left alone
   * answers again, however long it was to be left alone still.
   */
  public void tryAgain() {
    gate.tryAgain();
  }

  /** How it stands at this moment. */
  public FlowState state() {
    return gate.state();
  }

  /** Shows how it stands among the metrics. */
  public FlowRemote metered(MeterRegistry registry) {
    Gauge.builder("caravan.remote.window", this, flow -> flow.state().window())
        .description("Calls that a remote bears at once")
        .tag("remote", name())
        .register(registry);
    Gauge.builder("caravan.remote.in.flight", this, flow -> flow.state().inFlight())
        .description("Calls under way")
        .tag("remote", name())
        .register(registry);
    Gauge.builder("caravan.remote.breaker.open", this, FlowRemote::openness)
        .description("1 while a remote is left alone because it failed many calls in a row")
        .tag("remote", name())
        .register(registry);
    FunctionCounter.builder(
            "caravan.remote.retries.refused",
            this,
            flow -> flow.writes.refused() + flow.reads.refused())
        .description("Tries put off to a later cycle because there were too many")
        .tag("remote", name())
        .register(registry);
    return this;
  }

  private static double openness(FlowRemote flow) {
    return flow.state().breaker().equals("closed") ? 0 : 1;
  }

  @Override
  public Map<String, String> probe() throws RemoteException {
    return ask(Kind.READ, remote::probe);
  }

  @Override
  public StoredObject put(ObjectKey key, ObjectContent content)
      throws RemoteException, IOException {
    return write(() -> remote.put(key, content));
  }

  private interface Write<T> {
    T run() throws RemoteException, IOException;
  }

  private <T> T write(Write<T> call) throws RemoteException, IOException {
    Pass pass = enter(Kind.WRITE);
    Share before = Share.set(share);
    Answer answer = Answer.NEUTRAL;
    Duration asked = Duration.ZERO;
    try {
      T stored = call.run();
      answer = Answer.GOOD;
      return stored;
    } catch (RemoteException e) {
      answer = Answers.of(e);
      asked = Answers.asked(e);
      throw e;
    } finally {
      Share.set(before);
      tell(gate.leave(Kind.WRITE, pass, answer, asked));
    }
  }

  @Override
  public Optional<ObjectStat> find(ObjectKey key) throws RemoteException {
    return ask(Kind.READ, () -> remote.find(key));
  }

  @Override
  public InputStream open(ObjectKey key, long offset, long length) throws RemoteException {
    return ask(Kind.READ, () -> counted(remote.open(key, offset, length)));
  }

  @Override
  public void list(String prefix, Visitor each) throws RemoteException {
    ask(
        Kind.VISIT,
        () -> {
          remote.list(prefix, each);
          return prefix;
        });
  }

  /** Takes no room, as a listing. */
  @Override
  public SortedSet<String> folders(String prefix) throws RemoteException {
    return ask(Kind.VISIT, () -> remote.folders(prefix));
  }

  @Override
  public Optional<ObjectStat> copy(ObjectStat from, ObjectKey to) throws RemoteException {
    return ask(Kind.WRITE, () -> remote.copy(from, to));
  }

  @Override
  public Optional<ObjectStat> copyOnWord(ObjectStat from, ObjectKey to) throws RemoteException {
    return ask(Kind.WRITE, () -> remote.copyOnWord(from, to));
  }

  @Override
  public Optional<ObjectStat> describe(ObjectStat held, ObjectContent content)
      throws RemoteException {
    return ask(Kind.WRITE, () -> remote.describe(held, content));
  }

  @Override
  public Traits traits(ObjectKey key) throws RemoteException {
    return ask(Kind.READ, () -> remote.traits(key));
  }

  /** Older versions are read and listed by people who wait: that takes nobody's room. */
  @Override
  protected Past wrapped(Past past) {
    return new Past() {
      @Override
      public Optional<Cursor> at(String prefix, Instant time) throws RemoteException {
        return ask(Kind.VISIT, () -> past.at(prefix, time));
      }

      @Override
      public Optional<ObjectStat> find(ObjectKey key, String version) throws RemoteException {
        return ask(Kind.VISIT, () -> past.find(key, version));
      }

      @Override
      public InputStream open(ObjectKey key, String version) throws RemoteException {
        return ask(Kind.VISIT, () -> counted(past.open(key, version)));
      }
    };
  }

  @Override
  protected Conditions wrapped(Conditions conditions) {
    return new Conditions() {
      @Override
      public Creation create(ObjectKey key, ObjectContent content)
          throws RemoteException, IOException {
        return write(() -> conditions.create(key, content));
      }

      @Override
      public InputStream open(ObjectStat seen, long offset) throws RemoteException {
        return ask(Kind.READ, () -> counted(conditions.open(seen, offset)));
      }
    };
  }

  @Override
  public Map<ObjectKey, RemoteException> move(Map<ObjectKey, ObjectKey> moves)
      throws RemoteException {
    return ask(Kind.WRITE, () -> remote.move(moves));
  }

  @Override
  public Map<ObjectKey, RemoteException> delete(Collection<ObjectKey> keys) throws RemoteException {
    return ask(Kind.WRITE, () -> remote.delete(keys));
  }

  @Override
  public void sweep(ObjectKey key, Instant begunAt) throws RemoteException {
    ask(
        Kind.WRITE,
        () -> {
          remote.sweep(key, begunAt);
          return key;
        });
  }

  @Override
  public void close() {
    gate.close();
    super.close();
  }

  private InputStream counted(InputStream stream) {
    return new CountedStream(stream, gate);
  }

  private interface Call<T> {
    T run() throws RemoteException;
  }

  private <T> T ask(Kind kind, Call<T> call) throws RemoteException {
    Pass pass = enter(kind);
    Share before = Share.set(share);
    Answer answer = Answer.NEUTRAL;
    Duration asked = Duration.ZERO;
    try {
      T result = call.run();
      answer = result instanceof Map<?, ?> failed ? Answers.of(failed) : Answer.GOOD;
      return result;
    } catch (RemoteException e) {
      answer = Answers.of(e);
      asked = Answers.asked(e);
      throw e;
    } finally {
      Share.set(before);
      tell(gate.leave(kind, pass, answer, asked));
    }
  }

  /** Lets a call through; the one that is to find out asks something cheap first. */
  private Pass enter(Kind kind) throws RemoteException {
    try {
      Pass pass = gate.enter(kind);
      if (pass == Pass.PROBE && remote.canFind()) {
        question(kind);
        // Whoever can be read from need not take anything: for that, the call itself finds out.
        return kind == Kind.WRITE ? Pass.PROBE : Pass.CALL;
      }
      return pass;
    } catch (Gate.RefusedException e) {
      throw refused(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RemoteException(
          Cause.CANCELLED, "Remote '" + name() + "': cancelled while waiting for its turn", e);
    }
  }

  private void question(Kind kind) throws RemoteException {
    boolean passed = false;
    Answer answer = Answer.NEUTRAL;
    Duration asked = Duration.ZERO;
    try {
      remote.find(QUESTION);
      answer = Answer.GOOD;
      passed = true;
    } catch (RemoteException e) {
      answer = Answers.of(e);
      asked = Answers.asked(e);
      passed = answer == Answer.GOOD;
      if (!passed) {
        throw e;
      }
    } finally {
      if (!passed) {
        tell(gate.leave(kind, Pass.PROBE, answer, asked));
      } else if (kind != Kind.WRITE) {
        tell(gate.learn(kind, Pass.PROBE, answer, asked));
      }
    }
  }

  private RemoteException refused(Gate.RefusedException e) {
    Duration left = e.left().orElse(Duration.ZERO);
    String name = "Remote '" + name() + "'";
    return switch (e.why()) {
      case CLOSED -> new RemoteException(Cause.CANCELLED, name + " is being closed");
      case CANCELLED ->
          new RemoteException(Cause.CANCELLED, name + ": cancelled while waiting for its turn");
      case BUSY ->
          new RemoteException(
              Cause.THROTTLED, name + " is busy: no room for a call; try again later");
      case LEFT_ALONE ->
          new RemoteException(
              Cause.NETWORK,
              "%s failed many calls in a row and is left alone for %d s more"
                  .formatted(name, left.toSeconds() + 1),
              null,
              left);
    };
  }

  private void tell(Gate.Change change) {
    switch (change) {
      case OPENED ->
          LOG.warn("Remote '{}' failed many calls in a row: it is left alone for a while", name());
      case CLOSED -> LOG.info("Remote '{}' answers again", name());
      case NONE -> {
        // as before
      }
    }
  }
}
