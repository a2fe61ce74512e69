package dev.caravan.store.hand;

import dev.caravan.event.StorePath;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Files that Caravan brings into the store at this moment. Who follows or looks through the store
 * leaves them alone, and it is noted that he did: once such a file is on record, it is looked at
 * again if anybody did, and where it is not what was recorded, somebody else had a hand in it, and
 * that is told as any change of the owner's. Nothing of this outlives the process; what a crash
 * leaves without a record is a file like any other. For any thread.
 */
public final class InHand {

  /** So many whose events have not come yet; those of older ones are told as changes. */
  private static final int LATE_MAX = 4_096;

  private enum Mark {
    HELD,
    /** A scan met it. */
    MET,
    /** An event came: its own, or one of somebody else's. */
    HEARD
  }

  private final Map<StorePath, Mark> held = new ConcurrentHashMap<>();
  private final Map<StorePath, Look> late = new LinkedHashMap<>();
  private volatile Optional<Consumer<StorePath>> follower = Optional.empty();

  /** A look at a file that is on record. */
  public interface Look {
    /** True while it is exactly what was recorded. */
    boolean isAsRecorded();
  }

  /**
   * Somebody follows changes from now on.
   *
   * @param onChange is told, on any thread, of a file that is not what was recorded of it
   */
  public void follow(Consumer<StorePath> onChange) {
    follower = Optional.of(onChange);
  }

  /** A file is about to appear; {@link #recorded} or {@link #drop} follows. */
  public void take(StorePath path) {
    held.put(path, Mark.HELD);
  }

  /** It is there and on record. */
  public void recorded(StorePath path, Look look) {
    if (follower.isPresent()) {
      await(path, look);
    }
    Mark mark = held.remove(path);
    if (mark == Mark.HEARD) {
      forget(path);
    }
    if (mark != Mark.HELD && !look.isAsRecorded()) {
      tell(path);
    }
  }

  /** Nothing of it was recorded: what anybody left alone meanwhile is to be looked at. */
  public void drop(StorePath path) {
    if (held.remove(path) != Mark.HELD) {
      tell(path);
    }
  }

  private void tell(StorePath path) {
    follower.ifPresent(each -> each.accept(path));
  }

  /** True for a file in hand, which a scan leaves alone. */
  public boolean isHeld(StorePath path) {
    return held.computeIfPresent(path, (p, mark) -> mark == Mark.HELD ? Mark.MET : mark) != null;
  }

  /** True where an event tells nothing: the file is in hand, or exactly what was recorded. */
  public boolean isNoNews(StorePath path) {
    if (held.computeIfPresent(path, (p, mark) -> Mark.HEARD) != null) {
      return true;
    }
    return forget(path).filter(Look::isAsRecorded).isPresent();
  }

  private void await(StorePath path, Look look) {
    synchronized (late) {
      late.put(path, look);
      if (late.size() > LATE_MAX) {
        late.remove(late.keySet().iterator().next());
      }
    }
  }

  private Optional<Look> forget(StorePath path) {
    synchronized (late) {
      return Optional.ofNullable(late.remove(path));
    }
  }
}
