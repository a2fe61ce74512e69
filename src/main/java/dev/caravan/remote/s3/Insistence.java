package dev.caravan.remote.s3;

import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;

/**
 * Asks again at once for one step of work that has many, when the server asked to slow down: to do
 * all the steps before it once more would ask it for more, not for less. Where a step is the whole
 * call, asking again is not decided here.
 */
final class Insistence {

  private static final int TRIES = 6;

  private Insistence() {}

  /** One request, which may be made again. */
  interface Step<T> {
    T ask() throws RemoteException;
  }

  static <T> T insist(Step<T> step) throws RemoteException {
    for (int tries = 1; ; tries++) {
      try {
        return step.ask();
      } catch (RemoteException e) {
        if (e.reason() != Cause.THROTTLED || tries == TRIES) {
          throw e;
        }
      }
    }
  }
}
