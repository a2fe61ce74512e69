package dev.caravan.snapshot.move;

import dev.caravan.event.Ahead;
import dev.caravan.event.StorePath;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Walks along the objects below a folder while another walk asks for names in ascending order; the
 * next page is fetched meanwhile. Where a remote does not list in the order of bytes, objects are
 * passed over: an answer may be "not there", and never wrong.
 */
final class SortedListing implements AutoCloseable {

  private final Remote remote;
  private final String folder;
  private final Ahead<Seen> ahead;
  private @Nullable Seen head;
  private String last = "";
  private boolean ordered = true;
  private final List<ObjectKey> passed = new ArrayList<>();
  private final int passedMax;

  /** An object, the end, or why there is no more. */
  private record Seen(String name, @Nullable ObjectStat stat, @Nullable RemoteException failure) {}

  /**
   * Begins to list.
   *
   * @param folder with a slash at its end; {@code ""} for all
   * @param passedMax so many objects that nobody asks for are remembered
   */
  SortedListing(Remote remote, String folder, int passedMax) {
    this.remote = remote;
    this.folder = folder;
    this.passedMax = passedMax;
    this.ahead = new Ahead<>("mover-list-" + folder, this::list);
  }

  /**
   * The object of this name; names that are asked for ascend.
   *
   * @throws RemoteException when the listing cannot go on
   */
  Optional<ObjectStat> at(String name) throws RemoteException {
    while (true) {
      Seen next = head == null ? take() : head;
      head = next;
      if (next.failure() != null) {
        throw next.failure();
      }
      if (next.stat() == null || StorePath.compareUtf8(next.name(), name) > 0) {
        return Optional.empty();
      }
      head = null;
      if (next.name().equals(name)) {
        return Optional.of(next.stat());
      }
      pass(next.stat());
    }
  }

  /**
   * Reads on to the end: objects that nobody asked for, as many as are remembered; none where that
   * is not certain.
   */
  List<ObjectKey> extraneous() throws RemoteException {
    at("\uDBFF\uDFFF");
    return ordered ? List.copyOf(passed) : List.of();
  }

  /** False when objects may have been passed over. */
  boolean isOrdered() {
    return ordered;
  }

  private void pass(ObjectStat stat) {
    if (passed.size() < passedMax) {
      passed.add(stat.key());
    }
  }

  private Seen take() throws RemoteException {
    try {
      Seen next = ahead.take();
      if (next.stat() != null && StorePath.compareUtf8(last, next.name()) >= 0) {
        ordered = false;
      }
      last = next.name();
      return next;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RemoteException(Cause.CANCELLED, "interrupted while listing", e);
    }
  }

  private void list(Ahead<Seen> to) {
    Seen end = new Seen("", null, null);
    try {
      remote.list(
          folder,
          stat -> {
            String name = stat.key().value().substring(folder.length());
            if (!name.startsWith(ObjectKey.OWN) && !name.isEmpty()) {
              to.put(new Seen(name, stat, null));
            }
            if (to.isClosed()) {
              throw new RemoteException(Cause.CANCELLED, "no more is wanted");
            }
          });
    } catch (RemoteException e) {
      end = new Seen("", null, e);
    } catch (RuntimeException | Error e) {
      end = new Seen("", null, new RemoteException(Cause.OTHER, "listing failed: " + e, e));
    }
    to.put(end);
  }

  @Override
  public void close() {
    ahead.close();
  }
}
