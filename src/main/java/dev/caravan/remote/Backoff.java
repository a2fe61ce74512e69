package dev.caravan.remote;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before a call is made again, and how often.
 *
 * @param tries all in all, at least 1; twice as many where the remote asks to slow down
 * @param base the first wait lies between zero and this; it doubles with each further one
 * @param cap no wait of our own choice is longer
 * @param bound after this long no further try begins; a remote that asks for a longer pause is not
 *     asked again, for the durable retry on the item's row can wait as long as it takes
 * @param random spreads the waits (full jitter), so that many callers do not come back at once
 */
public record Backoff(
    int tries, Duration base, Duration cap, Duration bound, RandomGenerator random) {

  public Backoff {
    if (tries < 1 || base.isNegative() || cap.isNegative() || bound.isNegative()) {
      throw new IllegalArgumentException("A backoff needs a try and no negative durations");
    }
  }

  /**
   * Five tries within 30 seconds: when a server drops all its connections at once, the first tries
   * may each meet another dead one in the pool.
   */
  public static Backoff standard(RandomGenerator random) {
    return new Backoff(
        5, Duration.ofMillis(400), Duration.ofSeconds(5), Duration.ofSeconds(30), random);
  }

  /**
   * For work that nobody takes up where it stopped: a server that restarts, or whose address moves,
   * is waited for, a minute or two.
   */
  public static Backoff patient(RandomGenerator random) {
    return new Backoff(
        16, Duration.ofMillis(400), Duration.ofSeconds(15), Duration.ofMinutes(5), random);
  }

  /** A remote that asks to slow down says nothing against the call: it is made more often. */
  int triesOfComplaints() {
    return 2 * tries;
  }

  /** True when a call that failed like this has been tried often enough. */
  boolean isLast(int attempt, Throwable failure) {
    return attempt >= (isComplaint(failure) ? triesOfComplaints() : tries);
  }

  /** True when the same call is worth another try, as far as the failure itself goes. */
  boolean isWorthRetrying(Throwable failure) {
    return failure instanceof RemoteException e
        && e.reason().isTransient()
        && e.retryAfter().orElse(Duration.ZERO).compareTo(bound) <= 0;
  }

  /**
   * The wait after the failure of a try.
   *
   * @param attempt 1 for the first try
   */
  Duration waitAfter(int attempt, Throwable failure) {
    int doublings = Math.min(attempt - 1, 30);
    Duration first = isComplaint(failure) ? base.dividedBy(4) : base;
    Duration longest = first.multipliedBy(1L << doublings);
    Duration limit = longest.compareTo(cap) < 0 ? longest : cap;
    Duration ours = Duration.ofNanos(random.nextLong(limit.toNanos() + 1));
    Duration asked =
        failure instanceof RemoteException e ? e.retryAfter().orElse(Duration.ZERO) : Duration.ZERO;
    return asked.compareTo(ours) > 0 ? asked : ours;
  }

  /** What answers at once that it is too much needs fewer calls, not a longer wait of this one. */
  private static boolean isComplaint(Throwable failure) {
    return failure instanceof RemoteException e && e.reason() == RemoteException.Cause.THROTTLED;
  }
}
