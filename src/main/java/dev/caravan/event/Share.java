package dev.caravan.event;

/**
 * What a call that is made of many requests, such as the upload of a big file in parts, may take of
 * its remote: places for several requests at once, and tries after failed ones. It is known by the
 * thread of the call.
 */
public interface Share {

  /** Without limits: what a remote has that nobody wrapped. */
  Share ALL =
      new Share() {
        @Override
        public boolean takePlace() {
          return true;
        }

        @Override
        public void givePlace() {
          // There is always another.
        }

        @Override
        public boolean isCrowded() {
          return false;
        }

        @Override
        public boolean again() {
          return true;
        }

        @Override
        public void answered(boolean complaint) {
          // Nobody learns from it.
        }
      };

  /** Takes a place beside the call's own; false when there is none. */
  boolean takePlace();

  /** Gives back a place that was taken. */
  void givePlace();

  /** True when there are fewer places now than are taken: one of them had better be given back. */
  boolean isCrowded();

  /** Takes one more try for a request that failed; false when there is none left. */
  boolean again();

  /**
   * A request was answered.
   *
   * @param complaint the remote asked to slow down, failed inside or did not answer in time
   */
  void answered(boolean complaint);

  /** What the call of this thread may take. */
  static Share ofThisCall() {
    return Current.SHARE.get();
  }

  /** Makes it what the calls of this thread may take; returns what they might before. */
  static Share set(Share share) {
    Share before = Current.SHARE.get();
    Current.SHARE.set(share);
    return before;
  }

  /** Holds it. */
  final class Current {
    private static final ThreadLocal<Share> SHARE = ThreadLocal.withInitial(() -> ALL);

    private Current() {}
  }
}
