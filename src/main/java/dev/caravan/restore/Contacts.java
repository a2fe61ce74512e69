package dev.caravan.restore;

import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which remotes answer. However many want to read from one, it is asked once whether it can be
 * used; where it cannot, all who had asked by then are told so. So a reader waits for one such
 * question, and not for those of everybody before him.
 */
final class Contacts {

  private final Map<String, Contact> contacts = new ConcurrentHashMap<>();

  private static final class Contact {
    private volatile boolean good;
    private Optional<RemoteException> fault = Optional.empty();
    private long faultNanos;

    synchronized void ensure(Remote remote, long askedNanos) throws RemoteException {
      if (good) {
        return;
      }
      if (fault.isPresent() && faultNanos - askedNanos > 0) {
        throw fault.get();
      }
      try {
        remote.reach();
        good = true;
      } catch (RemoteException e) {
        fault = Optional.of(e);
        faultNanos = System.nanoTime();
        throw e;
      }
    }
  }

  /**
   * Returns once a remote can be used.
   *
   * @param askedNanos when the file was asked for, of {@link System#nanoTime}
   */
  void ensure(Remote remote, long askedNanos) throws RemoteException {
    Contact contact = contacts.computeIfAbsent(remote.name(), name -> new Contact());
    if (!contact.good) {
      contact.ensure(remote, askedNanos);
    }
  }

  /** A remote failed: it is asked again before its next use. */
  void forget(Remote remote) {
    Optional.ofNullable(contacts.get(remote.name())).ifPresent(contact -> contact.good = false);
  }
}
