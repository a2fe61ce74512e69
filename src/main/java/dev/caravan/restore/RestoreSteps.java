package dev.caravan.restore;

import dev.caravan.catalog.RunView;
import dev.caravan.catalog.turn.RunWake;
import dev.caravan.event.StorePath;
import dev.caravan.event.Trigger;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** The steps that the routes of a restore are made of; registered as the bean {@code restore}. */
public final class RestoreSteps {

  private static final String RUN = "CaravanRestore";
  private static final Logger LOG = LoggerFactory.getLogger("caravan.restore");

  /** A file may leave the disk, or be replaced, between the restore and the reading. */
  private static final int TRIES = 3;

  private final RestoreRuns runs;
  private final Restores restores;
  private final Runnable waker;

  /**
   * @param waker sends something to {@code seda:restore.request}
   */
  public RestoreSteps(RestoreRuns runs, Restores restores, Runnable waker) {
    this.runs = runs;
    this.restores = restores;
    this.waker = waker;
  }

  /** Begins the run that waits, or one for the paths in the body; the body becomes the run. */
  public void begin(Exchange exchange) throws InterruptedException {
    Object body = exchange.getMessage().getBody();
    Optional<RestoreRun> begun =
        body instanceof RunWake ? runs.beginWaiting() : Optional.of(runs.begin(requestOf(body)));
    if (begun.isEmpty()) {
      // What this wake-up was for was cancelled, or has begun.
      exchange.getMessage().setBody(null);
      exchange.setRouteStop(true);
      return;
    }
    RestoreRun run = begun.get();
    exchange.setProperty(RUN, run);
    MDC.put("run_id", run.book().id().value());
    run.plan();
    exchange.getMessage().setBody(runs.view(run));
  }

  /** A path or several, as a route of the user's may send them. */
  private static RestoreRequest requestOf(@Nullable Object body) {
    List<String> paths = new ArrayList<>();
    if (body instanceof Iterable<?> several) {
      several.forEach(each -> paths.add(String.valueOf(each)));
    } else if (body instanceof String text && !text.isEmpty()) {
      paths.add(text);
    }
    paths.replaceAll(path -> path.equals(".") ? "" : path);
    if (paths.isEmpty()) {
      throw new IllegalArgumentException("No paths to restore were given");
    }
    return new RestoreRequest(Trigger.HOOK, paths, Optional.empty(), Optional.empty(), false);
  }

  /** Brings back the files of a batch, or one as it was. */
  public void bring(@Body Object files, @ExchangeProperty(RUN) RestoreRun run) {
    if (files instanceof PastFile past) {
      run.bring(past);
    } else {
      run.bring((RestoreBatch) files);
    }
  }

  /** Something unforeseen ended the run; {@link #end} follows. */
  public void fail(Exchange exchange) {
    Throwable fault = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
    RestoreRun run = exchange.getProperty(RUN, RestoreRun.class);
    LOG.debug("The restore failed", fault);
    if (run != null) {
      run.fail(String.valueOf(fault.getMessage()));
    } else {
      LOG.error("A restore could not begin: {}", fault.getMessage());
      if (runs.hasWaiting()) {
        waker.run();
      }
    }
  }

  /** Ends the run; the body becomes the run, or null where none was under way. */
  public void end(Exchange exchange) {
    RestoreRun run = exchange.getProperty(RUN, RestoreRun.class);
    exchange.removeProperty(RUN);
    exchange.getMessage().setBody(null);
    if (run == null) {
      return;
    }
    boolean more = runs.end(run);
    MDC.remove("run_id");
    Map<String, @Nullable Object> view = runs.view(run);
    RunView.headers(view).forEach(exchange.getMessage()::setHeader);
    exchange.getMessage().setBody(view);
    if (more) {
      waker.run();
    }
  }

  /** A hook failed; the run fares no worse for it. */
  public void hookFailed(@ExchangeProperty(Exchange.EXCEPTION_CAUGHT) Throwable fault) {
    LOG.warn("A hook failed (hook-run-ended): {}", fault.getMessage());
  }

  /** Makes a file local; the body, its path, becomes its content. */
  public InputStream read(@Body String path) throws RestoreException, IOException {
    StorePath wanted = StorePath.of(path);
    for (int tries = TRIES; ; tries--) {
      Restores.Brought brought = Restores.await(restores.begin(wanted));
      restores.noteRead(wanted);
      try {
        return Channels.newInputStream(restores.open(wanted, brought).channel());
      } catch (NoSuchFileException e) {
        if (tries == 1) {
          throw e;
        }
      }
    }
  }
}
