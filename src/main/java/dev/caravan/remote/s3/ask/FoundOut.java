package dev.caravan.remote.s3.ask;

import dev.caravan.remote.RemoteException;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What a server does, found out with the first need and kept: those who need it meanwhile wait for
 * the one who asks. A question that failed is asked again by the next.
 */
public final class FoundOut<T> {

  private final ReentrantLock asking = new ReentrantLock();
  private volatile @Nullable T known;

  /** Empty until something was found out. */
  public Optional<T> known() {
    return Optional.ofNullable(known);
  }

  /** Takes the place of what was known. */
  public void learn(T found) {
    known = found;
  }

  /** What is known, else the answer to this question. */
  public T orAsk(Insistence.Step<T> question) throws RemoteException {
    T found = known;
    if (found != null) {
      return found;
    }
    asking.lock();
    try {
      found = known;
      if (found == null) {
        found = question.ask();
        known = found;
      }
      return found;
    } finally {
      asking.unlock();
    }
  }
}
