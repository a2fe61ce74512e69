package dev.caravan.control.flow;

import dev.caravan.sync.Holds;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/**
 * Drains by SIGTSTP and resumes by SIGCONT. A SIGCONT ends only what a SIGTSTP began: shells and
 * supervisors send it for reasons of their own. SIGUSR1 and SIGUSR2 are Java's.
 */
public final class SignalDoor {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.control");

  private final Holds holds;
  private final AtomicBoolean drained = new AtomicBoolean();

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
    if (holds.isPaused()) {
      LOG.info("SIGTSTP: it is paused already");
      return;
    }
    drained.set(true);
    holds.drain();
    LOG.info("SIGTSTP: what is under way is finished, nothing new begins until SIGCONT");
  }

  private void resume() {
    if (drained.getAndSet(false)) {
      holds.resume();
      LOG.info("SIGCONT: runs begin again");
    }
  }
}
