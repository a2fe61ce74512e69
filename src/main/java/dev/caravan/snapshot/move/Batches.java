package dev.caravan.snapshot.move;

import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * Makes batches of the steps: small enough that all hands get some, large enough that a message is
 * nothing beside what it carries. What goes wrong ends them, and is told by {@link #failure}.
 */
public final class Batches implements Iterator<Batch> {

  /** So many that ask the bucket, and so many of all kinds. */
  private static final int CALLS_MAX = 32;

  /** The first are smaller: where few files change, all hands get some as well. */
  private static final int CALLS_FIRST = 4;

  private static final int FIRST = 64;

  private static final int STEPS_MAX = 128;
  private static final long WEIGHT_MAX = 4 << 20;

  private final StepFlow flow;
  private final ManifestSink sink;
  private Optional<Batch> next = Optional.empty();
  private Optional<Exception> failure = Optional.empty();
  private long number;
  private volatile boolean ended;
  private volatile boolean whole;

  Batches(StepFlow flow, ManifestSink sink) {
    this.flow = flow;
    this.sink = sink;
  }

  @Override
  public boolean hasNext() {
    if (next.isEmpty() && !ended) {
      next = make();
      ended = next.isEmpty();
    }
    return next.isPresent();
  }

  @Override
  public Batch next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    Batch batch = next.orElseThrow();
    next = Optional.empty();
    return batch;
  }

  /** No more of them come, and nobody waits any more. */
  public void stop() {
    ended = true;
    sink.breakOff();
  }

  /** True when nothing ended them early, and no more come. */
  boolean isWhole() {
    return whole;
  }

  /** So many were made. */
  long made() {
    return number;
  }

  /** What ended them early. */
  public Optional<Exception> failure() {
    return failure;
  }

  private Optional<Batch> make() {
    try {
      List<Step> steps = new ArrayList<>(STEPS_MAX);
      int callsMax = number < FIRST ? CALLS_FIRST : CALLS_MAX;
      int calls = 0;
      long weight = 0;
      while (steps.size() < STEPS_MAX && calls < callsMax && weight < WEIGHT_MAX) {
        Optional<Step> step = flow.next();
        if (step.isEmpty()) {
          break;
        }
        steps.add(step.get());
        calls += step.get().isQuiet() ? 0 : 1;
        weight += step.get().weight();
      }
      if (steps.isEmpty()) {
        whole = true;
        return Optional.empty();
      }
      sink.awaitRoom(number);
      return Optional.of(new Batch(number++, steps));
    } catch (IOException | RemoteException | HaltException | RuntimeException e) {
      failure = Optional.of(e);
    } catch (Error e) {
      // Whoever splits the batches would wait for ever.
      failure = Optional.of(new IllegalStateException("failed inside: " + e, e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failure = Optional.of(new RemoteException(Cause.CANCELLED, "interrupted", e));
    }
    return Optional.empty();
  }
}
