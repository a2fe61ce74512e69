package dev.caravan.check;

import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.RunView;
import dev.caravan.catalog.turn.RunQueue;
import dev.caravan.catalog.turn.RunWake;
import dev.caravan.event.Causes;
import dev.caravan.event.Operation;
import dev.caravan.event.Trigger;
import java.util.Iterator;
import java.util.List;
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

/** The steps that the routes of the check are made of; registered as the bean {@code check}. */
public final class CheckSteps {

  /** The exchange property that holds the run while it is under way. */
  private static final String RUN = "CaravanCheck";

  /** The exchange property that holds one remote's part. */
  private static final String REMOTE = "CaravanCheckRemote";

  /** The exchange property that holds the run once it has ended, for hooks that fail then. */
  private static final String ENDED = "CaravanEndedCheck";

  private static final Logger LOG = LoggerFactory.getLogger("caravan.check");

  private final Check check;
  private final Runnable waker;
  private final Follow follow;

  /**
   * @param waker sends something to {@code seda:check.request}
   */
  public CheckSteps(Check check, Runnable waker, Follow follow) {
    this.check = check;
    this.waker = waker;
    this.follow = follow;
  }

  /**
   * What else may begin by itself.
   *
   * @param syncs false where nothing listens to {@code seda:sync-request}: in one run without a
   *     daemon
   * @param paused whether a person wants nothing to begin by itself
   */
  public record Follow(boolean syncs, BooleanSupplier paused) {}

  /** Asks for today's share where that is due; the body becomes null when it is not. */
  public @Nullable RunWake due() {
    return !follow.paused().getAsBoolean() && check.requestDue() ? RunWake.UP : null;
  }

  /** Begins a check, as soon as no other runs; the body becomes the run. */
  public void begin(Exchange exchange) throws InterruptedException {
    Object body = exchange.getMessage().getBody();
    Optional<CheckRun> begun =
        body instanceof RunWake ? check.beginWaiting() : Optional.of(check.begin(requestOf(body)));
    if (begun.isEmpty()) {
      // What this wake-up was for has been done, or cancelled.
      exchange.getMessage().setBody(null);
      exchange.setRouteStop(true);
      return;
    }
    CheckRun run = begun.get();
    exchange.setProperty(RUN, run);
    MDC.put("run_id", run.book().id().value());
    tell(exchange.getMessage(), check.view(run));
  }

  /** A route of the user's may send the mode, or what the API takes. */
  private static CheckRequest requestOf(@Nullable Object body) {
    Object mode = body instanceof Map<?, ?> map ? map.get("mode") : body;
    boolean repair = body instanceof Map<?, ?> map && Boolean.TRUE.equals(map.get("repair"));
    return new CheckRequest(
        Trigger.HOOK,
        CheckRequest.Terms.all(
            Optional.ofNullable(mode)
                .flatMap(label -> CheckMode.find(label.toString()))
                .orElse(CheckMode.SIZE),
            repair));
  }

  /** The files of the store, one after the other. */
  public Iterator<FileRow> files(@ExchangeProperty(RUN) CheckRun run) {
    return run.getFiles();
  }

  /** Compares one file of the store. */
  public void lookAtFile(@Body FileRow file, @ExchangeProperty(RUN) CheckRun run) {
    run.look(file);
  }

  /** Compares the folders and links of the store. */
  public void lookAtNodes(@ExchangeProperty(RUN) CheckRun run) {
    run.lookAtNodes();
  }

  /** Each remote's part. */
  public List<RemoteCheck> remotes(@ExchangeProperty(RUN) CheckRun run) {
    return run.getRemotes();
  }

  /** Begins one remote's part; the body becomes what has to be looked at there. */
  public Iterator<RemoteCheck.Subject> open(Exchange exchange) {
    RemoteCheck remote = exchange.getMessage().getBody(RemoteCheck.class);
    exchange.setProperty(REMOTE, remote);
    remote.begin();
    return remote.getSubjects();
  }

  /** Compares one object of a remote. */
  public void lookAtObject(
      @Body RemoteCheck.Subject subject,
      @ExchangeProperty(REMOTE) RemoteCheck remote,
      @ExchangeProperty(RUN) CheckRun run) {
    run.look(remote, subject);
  }

  /** Ends one remote's part. */
  public void close(@ExchangeProperty(REMOTE) RemoteCheck remote) {
    remote.end();
  }

  /** Restores a few files beside the store, where today's share has that in it. */
  public void drill(@ExchangeProperty(RUN) CheckRun run) {
    run.drill();
  }

  /** Something unforeseen ended the check; {@link #end} follows. */
  public void fail(Exchange exchange) {
    Throwable fault = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
    CheckRun run = exchange.getProperty(RUN, CheckRun.class);
    LOG.debug("The check failed", fault);
    if (fault instanceof RunQueue.HeldException) {
      return;
    }
    if (run != null) {
      run.fail(Causes.rootTextOf(fault));
    } else if (!check.queue().isStopping()) {
      LOG.error("A check could not begin: {}", Causes.rootTextOf(fault));
    }
  }

  /** Ends the check; the body becomes the run, or null where none was under way. */
  public void end(Exchange exchange) {
    CheckRun run = exchange.getProperty(RUN, CheckRun.class);
    exchange.removeProperty(RUN);
    exchange.getMessage().setBody(null);
    if (run == null) {
      return;
    }
    exchange.setProperty(ENDED, run);
    try {
      check.end(run);
    } finally {
      MDC.remove("run_id");
      if (check.queue().hasWaiting(Operation.CHECK)) {
        waker.run();
      }
    }
    tell(exchange.getMessage(), check.view(run));
  }

  /** True when a sync has to send again what this check found to be missing or wrong. */
  public boolean isSyncWanted(@ExchangeProperty(ENDED) @Nullable CheckRun run) {
    return follow.syncs() && run != null && run.isSyncWanted();
  }

  /** A hook failed; the run does not fare worse for it. */
  public void hookFailed(
      @ExchangeProperty(Exchange.EXCEPTION_CAUGHT) Throwable fault,
      @ExchangeProperty(ENDED) @Nullable CheckRun ended) {
    if (ended != null) {
      ended.book().warnAfterEnd("A hook failed (hook-run-ended): " + Causes.rootTextOf(fault));
    }
  }

  /** A run in the shape of the API, and the most wanted of it as headers. */
  private static void tell(Message message, Map<String, @Nullable Object> run) {
    RunView.headers(run).forEach(message::setHeader);
    message.setBody(run);
  }
}
