package dev.caravan.remote.s3.ask;

import dev.caravan.event.Share;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Asks again soon for one step of work that has many, when the server asked to slow down: to do all
 * the steps before it once more would ask it for more, not for less. Where a step is the whole
 * call, asking again is not decided here. A server that asks for a longer pause than a moment is
 * not asked again, and each further try is taken from the {@link Share} of the call.
 */
public final class Insistence {

  private static final int TRIES = 6;
  private static final Duration LONGEST = Duration.ofSeconds(5);

  private Insistence() {}

  /** One request, which may be made again. */
  public interface Step<T> {
    T ask() throws RemoteException;
  }

  /**
   * The answer to a request, which is made six times at most.
   *
   * @throws RemoteException the last refusal, or the first that is not worth another try
   */
  public static <T> T insist(Step<T> step) throws RemoteException {
    for (int tries = 1; ; tries++) {
      try {
        return step.ask();
      } catch (RemoteException e) {
        if (!isWorthIt(e, tries) || !Share.ofThisCall().again() || !await(e)) {
          throw e;
        }
      }
    }
  }

  private static boolean isWorthIt(RemoteException e, int tries) {
    return e.reason() == Cause.THROTTLED && tries < TRIES;
  }

  /** Waits as long as the server asked for; false when that is too long, or was broken off. */
  public static boolean await(RemoteException e) {
    Duration asked = e.retryAfter().orElse(Duration.ZERO);
    if (asked.compareTo(LONGEST) > 0) {
      return false;
    }
    try {
      TimeUnit.NANOSECONDS.sleep(asked.toNanos());
      return true;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
