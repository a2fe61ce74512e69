package dev.caravan.control.flow;

import dev.caravan.control.Answers;
import dev.caravan.control.ApiFault;
import dev.caravan.control.Body;
import dev.caravan.control.Request;
import dev.caravan.sync.Holds;
import dev.caravan.sync.move.MirroredRemote.Hold;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.camel.Exchange;

/**
 * The steps behind {@code /api/storage/pause}, {@code resume}, {@code drain} and {@code stop};
 * registered as the bean {@code holds}.
 */
public final class HoldDoorSteps {

  private static final int WAIT_MAX_SECONDS = 60;
  private static final int WAITERS_MAX = 4;
  private static final long LOOK_MILLIS = 100;

  private final Holds holds;
  private final Runnable cancelAll;
  private final Semaphore waiters = new Semaphore(WAITERS_MAX);

  /**
   * @param cancelAll asks every run that runs or waits to end
   */
  public HoldDoorSteps(Holds holds, Runnable cancelAll) {
    this.holds = holds;
    this.cancelAll = cancelAll;
  }

  /** {@code POST /api/storage/pause}. */
  public void pause(Exchange exchange) {
    Optional<String> remote = remoteOf(Request.of(exchange));
    remote.ifPresentOrElse(name -> holds.hold(name, Hold.PAUSED), holds::pause);
    answer(exchange, 200, remote);
  }

  /** {@code POST /api/storage/resume}. */
  public void resume(Exchange exchange) {
    Optional<String> remote = remoteOf(Request.of(exchange));
    remote.ifPresentOrElse(name -> holds.hold(name, Hold.NONE), holds::resume);
    answer(exchange, 200, remote);
  }

  /** {@code POST /api/storage/drain}: 200 once nothing is under way any more, else 202. */
  public void drain(Exchange exchange) throws InterruptedException {
    Request request = Request.of(exchange, "wait");
    int wait = waitOf(request);
    Optional<String> remote = remoteOf(request);
    remote.ifPresentOrElse(name -> holds.hold(name, Hold.PAUSED), holds::drain);
    answer(exchange, await(remote, wait) ? 200 : 202, remote);
  }

  /** {@code POST /api/storage/stop}: as a drain, but what is under way is broken off. */
  public void stop(Exchange exchange) throws InterruptedException {
    Request request = Request.of(exchange, "wait");
    int wait = waitOf(request);
    Optional<String> remote = remoteOf(request);
    if (remote.isPresent()) {
      holds.hold(remote.get(), Hold.STOPPED);
    } else {
      holds.drain();
      cancelAll.run();
    }
    answer(exchange, await(remote, wait) ? 200 : 202, remote);
  }

  private static int waitOf(Request request) {
    return request.number("wait", 0, 0, WAIT_MAX_SECONDS);
  }

  private Optional<String> remoteOf(Request request) {
    Optional<String> remote = request.body(Map.of("remote", Body.Kind.TEXT)).text("remote");
    if (remote.isPresent() && !holds.isKnown(remote.get())) {
      throw new ApiFault(422, "remote: no remote has the name '%s'".formatted(remote.get()));
    }
    return remote;
  }

  /** Those who wait hold a thread each; beyond a few, callers are sent away to ask again. */
  private boolean await(Optional<String> remote, int seconds) throws InterruptedException {
    if (seconds == 0 || !waiters.tryAcquire()) {
      return holds.isIdle(remote);
    }
    try {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
      while (!holds.isIdle(remote)) {
        if (System.nanoTime() - deadline > 0) {
          return false;
        }
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      }
      return true;
    } finally {
      waiters.release();
    }
  }

  private void answer(Exchange exchange, int status, Optional<String> remote) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("paused", holds.isPaused());
    answer.put("paused_remotes", holds.heldRemotes());
    answer.put("idle", holds.isIdle(remote));
    Answers.json(exchange, status, answer);
  }
}
