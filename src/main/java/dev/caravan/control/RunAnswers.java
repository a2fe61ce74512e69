package dev.caravan.control;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.RunRow;
import dev.caravan.event.RunId;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/** Starts runs for requests, each once, and waits for their end where that is asked for. */
public final class RunAnswers {

  static final int WAIT_MAX_SECONDS = 3_600;
  private static final long POLL_MILLIS = 50;
  private static final int WAITERS_MAX = 6;

  private final Catalog catalog;
  private final Clock clock;
  private final Pause pause;
  private final RunKeys keys;
  private final Semaphore waiters = new Semaphore(WAITERS_MAX);

  /** Waits a moment; replaced in tests. */
  public interface Pause {
    void millis(long millis) throws InterruptedException;
  }

  public RunAnswers(Catalog catalog, Clock clock, Pause pause) {
    this.catalog = catalog;
    this.clock = clock;
    this.pause = pause;
    this.keys = new RunKeys(catalog, clock);
  }

  /** How long a request wants to wait, in seconds; 0 for not at all. */
  static int waitOf(Request request) {
    return request.number("wait", 0, 0, WAIT_MAX_SECONDS);
  }

  /** Answers with the run of the same request before, or starts one. */
  RunKeys.Ticket once(Request request, String what, Supplier<RunKeys.Ticket> start) {
    return keys.once(request, what, start);
  }

  /** Answers with the run that ended within these seconds, else with where to ask for it. */
  void answer(
      Exchange exchange,
      RunKeys.Ticket ticket,
      int seconds,
      Function<RunRow, Map<String, @Nullable Object>> view)
      throws InterruptedException {
    Optional<RunRow> ended = await(ticket.run(), seconds);
    if (ended.isPresent()) {
      Answers.json(exchange, 200, view.apply(ended.get()));
    } else {
      Answers.accepted(exchange, ticket.run().value(), ticket.status());
    }
  }

  /**
   * Waits for a run's end; empty when it is not there in time. Those who wait hold a thread each;
   * beyond a few, callers are sent away to ask again.
   */
  Optional<RunRow> await(RunId id, int seconds) throws InterruptedException {
    if (seconds == 0 || !waiters.tryAcquire()) {
      return Optional.empty();
    }
    try {
      return poll(id, seconds);
    } finally {
      waiters.release();
    }
  }

  private Optional<RunRow> poll(RunId id, int seconds) throws InterruptedException {
    long deadline = clock.millis() + seconds * 1_000L;
    while (true) {
      Optional<RunRow> run = catalog.runs().find(id).filter(row -> row.state().isEnded());
      if (run.isPresent() || clock.millis() > deadline) {
        return run;
      }
      pause.millis(POLL_MILLIS);
    }
  }
}
