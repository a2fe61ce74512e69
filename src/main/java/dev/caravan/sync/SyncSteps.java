package dev.caravan.sync;

import dev.caravan.catalog.turn.RunQueue;
import dev.caravan.catalog.turn.RunWake;
import dev.caravan.event.Causes;
import dev.caravan.event.Operation;
import dev.caravan.event.StorePath;
import dev.caravan.event.Trigger;
import dev.caravan.sync.plan.SyncAction;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** The steps that the routes of the mirror are made of; registered as the bean {@code sync}. */
public final class SyncSteps {

  /** The exchange property that holds the cycle while a run is under way. */
  private static final String CYCLE = "CaravanSyncCycle";

  /** The exchange property that holds the cycle once it has ended, for hooks that fail then. */
  private static final String ENDED = "CaravanEndedCycle";

  /** The exchange property that holds the name of the hook that is called. */
  private static final String HOOK = "CaravanHook";

  private static final Logger LOG = LoggerFactory.getLogger("caravan.sync");

  private final Sync sync;
  private final Runnable waker;
  private final BooleanSupplier heard;

  /**
   * @param waker sends something to {@code seda:sync-request}
   * @param heard false where no route does anything with what became of a file
   */
  public SyncSteps(Sync sync, Runnable waker, BooleanSupplier heard) {
    this.sync = sync;
    this.waker = waker;
    this.heard = heard;
  }

  /** Why a cycle is due now, as text; null when none is. */
  public @Nullable String due() {
    return sync.queue().isBusy() || sync.queue().isHeld()
        ? null
        : sync.schedule().due().map(Trigger::label).orElse(null);
  }

  /** Begins a cycle, as soon as no other runs; the body becomes the run. */
  public void begin(Exchange exchange) throws InterruptedException {
    Object body = exchange.getMessage().getBody();
    Optional<SyncCycle> begun =
        body instanceof RunWake ? sync.beginWaiting() : Optional.of(sync.begin(requestOf(body)));
    if (begun.isEmpty()) {
      // What this wake-up was for has been done, or cancelled.
      exchange.getMessage().setBody(null);
      exchange.setRouteStop(true);
      return;
    }
    SyncCycle cycle = begun.get();
    exchange.setProperty(CYCLE, cycle);
    MDC.put("run_id", cycle.context().book().id().value());
    HookSteps.tellRun(exchange.getMessage(), sync.view(cycle));
  }

  private static SyncRequest requestOf(@Nullable Object body) {
    if (body instanceof SyncRequest request) {
      return request;
    }
    for (Trigger trigger : Trigger.values()) {
      if (body instanceof String text && text.toLowerCase(Locale.ROOT).equals(trigger.label())) {
        return new SyncRequest(trigger, false);
      }
    }
    return new SyncRequest(Trigger.HOOK, false);
  }

  /** Looks at the store and decides; the body becomes the remotes that have their part to do. */
  public List<RemoteCycle> plan(@ExchangeProperty(CYCLE) SyncCycle cycle) {
    sync.plan(cycle);
    return cycle.getRemotes();
  }

  /** Makes one remote ready. */
  public RemoteCycle open(@Body RemoteCycle remote, @ExchangeProperty(CYCLE) SyncCycle cycle) {
    cycle.open(remote);
    return remote;
  }

  /**
   * Carries out one action; the body becomes what the hooks for files are told. Where nobody would
   * hear of it, the way ends here: to go through empty hooks costs a tenth of a small file.
   */
  public void move(
      Exchange exchange,
      @Body SyncAction action,
      @ExchangeProperty("CaravanRemote") RemoteCycle remote,
      @ExchangeProperty(CYCLE) SyncCycle cycle) {
    SyncOutcome outcome = remote.move(action);
    if (!heard.getAsBoolean()) {
      exchange.setRouteStop(true);
      return;
    }
    boolean failed = outcome.state() == SyncOutcome.State.FAILED;
    exchange.setProperty(HOOK, failed ? "hook-file-failed" : "hook-file-uploaded");
    HookSteps.tellFile(exchange.getMessage(), cycle.context().book().id(), action, outcome);
  }

  /** Tells a remote of some files that their owner deleted. */
  public void carry(
      @Body List<StorePath> paths, @ExchangeProperty("CaravanRemote") RemoteCycle remote) {
    remote.carry(paths);
  }

  /** Ends one remote's part. */
  public void close(@ExchangeProperty("CaravanRemote") RemoteCycle remote) {
    remote.end(sync.backup());
  }

  /** A hook failed; neither the run nor the file that it was told of fares worse for it. */
  public void hookFailed(
      @ExchangeProperty(Exchange.EXCEPTION_CAUGHT) Throwable fault,
      @ExchangeProperty(HOOK) @Nullable String hook,
      @ExchangeProperty(CYCLE) @Nullable SyncCycle cycle,
      @ExchangeProperty(ENDED) @Nullable SyncCycle ended) {
    String message =
        "A hook failed%s: %s"
            .formatted(hook == null ? "" : " (" + hook + ")", Causes.rootTextOf(fault));
    if (cycle != null) {
      cycle.context().book().warn(message);
    } else if (ended != null) {
      ended.context().book().warnAfterEnd(message);
    }
  }

  /** Something unforeseen ended the cycle; {@link #end} follows. */
  public void fail(Exchange exchange) {
    Throwable fault = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
    SyncCycle cycle = exchange.getProperty(CYCLE, SyncCycle.class);
    LOG.debug("The cycle failed", fault);
    if (fault instanceof RunQueue.HeldException) {
      return;
    }
    sync.noteFault(fault);
    if (cycle != null) {
      cycle.fail(Causes.rootTextOf(fault));
    } else if (!sync.queue().isStopping()) {
      String what = exchange.getProperty(ENDED) == null ? "begin" : "be ended as it should";
      LOG.error("A sync could not {}: {}", what, Causes.rootTextOf(fault));
      wakeWaiting();
    }
  }

  private void wakeWaiting() {
    if (sync.queue().hasWaiting(Operation.SYNC)) {
      waker.run();
    }
  }

  /** Something unforeseen ended one remote's part. */
  public void failRemote(
      @ExchangeProperty(Exchange.EXCEPTION_CAUGHT) Throwable fault,
      @ExchangeProperty("CaravanRemote") RemoteCycle remote) {
    LOG.debug("A remote's part failed", fault);
    remote.fail(Causes.rootTextOf(fault));
    remote.end(sync.backup());
  }

  /** Ends the cycle; the body becomes the run, or null where none was under way. */
  public void end(Exchange exchange) {
    SyncCycle cycle = exchange.getProperty(CYCLE, SyncCycle.class);
    exchange.removeProperty(CYCLE);
    exchange.getMessage().setBody(null);
    if (cycle == null) {
      return;
    }
    exchange.setProperty(ENDED, cycle);
    try {
      sync.end(cycle);
    } finally {
      MDC.remove("run_id");
      wakeWaiting();
    }
    HookSteps.tellRun(exchange.getMessage(), sync.view(cycle));
  }
}
