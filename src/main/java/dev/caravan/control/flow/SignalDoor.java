package dev.caravan.control.flow;

import dev.caravan.sync.Holds;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/**
 * Drains by SIGTSTP and resumes by SIGCONT. A SIGCONT ends only what a SIGTSTP began: shells and
 * supervisors send it for reasons of their own. Neither outlives the process. SIGUSR1 and SIGUSR2
 * are Java's.
 */
public final class SignalDoor {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.control");

  private final Holds holds;

  public SignalDoor(Holds holds) {
    this.holds = holds;
  }

  /** Listens from now on, as long as the process lives. */
  public void open() {
    for (Map.Entry<String, Runnable> each :
        Map.<String, Runnable>of("TSTP", this::drain, "CONT", this::resume).entrySet()) {
      try {
        Signal.handle(new Signal(each.getKey()), signal -> each.getValue().run());
      } catch (IllegalArgumentException e) {
        LOG.debug("SIG{} cannot be listened to: {}", each.getKey(), e.getMessage());
      }
    }
  }

  private void drain() {
    holds.suspend();
    LOG.info("SIGTSTP: what is under way is finished, nothing new begins until SIGCONT");
  }

  private void resume() {
    if (holds.wake()) {
      LOG.info("SIGCONT: {}", holds.isPaused() ? "it stays paused" : "runs begin again");
    }
  }
}
