package dev.caravan.remote.rclone;

import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.rclone.rcd.RcloneErrors;
import java.util.HashSet;
import java.util.Set;

/**
 * One put of a key after the other: rclone looks at what it sent, and deletes it when it finds what
 * another one has sent meanwhile.
 */
final class Turns {

  private final Set<ObjectKey> taken = new HashSet<>();

  synchronized void await(ObjectKey key, RcloneErrors errors) throws RemoteException {
    try {
      while (!taken.add(key)) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw errors.of(Cause.CANCELLED, "cancelled", e);
    }
  }

  synchronized void end(ObjectKey key) {
    taken.remove(key);
    notifyAll();
  }
}
