package dev.caravan.purge;

import dev.caravan.catalog.RunView;
import dev.caravan.catalog.purge.PurgeTable.Candidate;
import dev.caravan.catalog.turn.RunQueue;
import dev.caravan.catalog.turn.RunWake;
import dev.caravan.event.Causes;
import dev.caravan.event.Operation;
import dev.caravan.event.RunState;
import dev.caravan.event.Trigger;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Message;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** The steps that the routes of the purge are made of; registered as the bean {@code purge}. */
public final class PurgeSteps {

  /** The exchange property that holds the run while it is under way. */
  private static final String RUN = "CaravanPurgeRun";

  /** The exchange property that holds the run once it has ended, for hooks that fail then. */
  private static final String ENDED = "CaravanEndedPurge";

  /** The exchange property that holds the name of the hook that is called. */
  private static final String HOOK = "CaravanHook";

  private static final Logger LOG = LoggerFactory.getLogger("caravan.purge");

  private final Purge purge;
  private final Runnable waker;
  private final BooleanSupplier follows;

  /**
   * @param waker sends something to {@code seda:purge-request}
   * @param follows false where nothing listens to that, in one run without a daemon, and while
   *     nothing begins by itself
   */
  public PurgeSteps(Purge purge, Runnable waker, BooleanSupplier follows) {
    this.purge = purge;
    this.waker = waker;
    this.follows = follows;
  }

  /** What a purge is asked for with that has to follow a sync cycle; null when none has to. */
  public @Nullable String follow(@Body @Nullable Map<String, @Nullable Object> run) {
    return follows.getAsBoolean() && isDueAfter(purge, run) ? Trigger.SCHEDULE.label() : null;
  }

  /**
   * The same where no route is needed to begin it: only a full success proves anything new, and
   * none is full while something waits for a remote that is held.
   */
  public static boolean isDueAfter(Purge purge, @Nullable Map<String, @Nullable Object> run) {
    return run != null
        && RunState.SUCCEEDED.label().equals(run.get("state"))
        && Boolean.FALSE.equals(run.get("dry_run"))
        && !isAnyHeldBack(run.get("remotes"))
        && purge.isDue();
  }

  private static boolean isAnyHeldBack(@Nullable Object remotes) {
    return remotes instanceof Map<?, ?> all
        && all.values().stream()
            .anyMatch(
                each ->
                    each instanceof Map<?, ?> remote
                        && "paused".equals(remote.get("state"))
                        && remote.get("error") != null);
  }

  /** Begins a purge, as soon as nothing else runs; the body becomes the run. */
  public void begin(Exchange exchange) throws InterruptedException {
    Object body = exchange.getMessage().getBody();
    Optional<PurgeRun> begun =
        body instanceof RunWake ? purge.beginWaiting() : Optional.of(purge.begin(requestOf(body)));
    if (begun.isEmpty()) {
      // What this wake-up was for has been done, or cancelled.
      exchange.getMessage().setBody(null);
      exchange.setRouteStop(true);
      return;
    }
    PurgeRun run = begun.get();
    exchange.setProperty(RUN, run);
    MDC.put("run_id", run.book().id().value());
    tell(exchange.getMessage(), purge.view(run));
  }

  private static PurgeRequest requestOf(@Nullable Object body) {
    if (body instanceof PurgeRequest request) {
      return request;
    }
    for (Trigger trigger : Trigger.values()) {
      if (body instanceof String text && text.toLowerCase(Locale.ROOT).equals(trigger.label())) {
        return PurgeRequest.floor(trigger);
      }
    }
    return PurgeRequest.floor(Trigger.HOOK);
  }

  /** The files to be judged, one after the other. */
  public Iterator<Candidate> candidates(@ExchangeProperty(RUN) PurgeRun run) {
    return run.getCandidates();
  }

  /** Judges one file, and lets it leave if it may and has to. */
  public void move(@Body Candidate file, @ExchangeProperty(RUN) PurgeRun run) {
    run.move(file);
  }

  /** Something unforeseen ended the purge; {@link #end} follows. */
  public void fail(Exchange exchange) {
    Throwable fault = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
    PurgeRun run = exchange.getProperty(RUN, PurgeRun.class);
    LOG.debug("The purge failed", fault);
    if (fault instanceof RunQueue.HeldException) {
      return;
    }
    if (run != null) {
      run.fail(Causes.rootTextOf(fault));
    } else if (!purge.queue().isStopping()) {
      LOG.error("A purge could not begin or be ended as it should: {}", Causes.rootTextOf(fault));
      wakeWaiting();
    }
  }

  private void wakeWaiting() {
    if (purge.queue().hasWaiting(Operation.PURGE)) {
      waker.run();
    }
  }

  /** Ends the purge; the body becomes the run, or null where none was under way. */
  public void end(Exchange exchange) {
    PurgeRun run = exchange.getProperty(RUN, PurgeRun.class);
    exchange.removeProperty(RUN);
    exchange.getMessage().setBody(null);
    if (run == null) {
      return;
    }
    exchange.setProperty(ENDED, run);
    try {
      purge.end(run);
    } finally {
      MDC.remove("run_id");
      wakeWaiting();
    }
    tell(exchange.getMessage(), purge.view(run));
  }

  /** A hook failed; the run does not fare worse for it. */
  public void hookFailed(
      @ExchangeProperty(Exchange.EXCEPTION_CAUGHT) Throwable fault,
      @ExchangeProperty(HOOK) @Nullable String hook,
      @ExchangeProperty(ENDED) @Nullable PurgeRun ended) {
    if (ended != null) {
      ended
          .book()
          .warnAfterEnd(
              "A hook failed%s: %s"
                  .formatted(hook == null ? "" : " (" + hook + ")", Causes.rootTextOf(fault)));
    }
  }

  /** A run in the shape of the API, and the most wanted of it as headers. */
  private static void tell(Message message, Map<String, @Nullable Object> run) {
    RunView.headers(run).forEach(message::setHeader);
    message.setBody(run);
  }
}
