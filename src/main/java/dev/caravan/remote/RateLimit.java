package dev.caravan.remote;

import dev.caravan.config.Bandwidth;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.util.OptionalLong;

/**
 * Spreads bytes over time so that a {@link Bandwidth} is kept by all who share this limit: one for
 * all remotes when the line is the limit. Thread safe and fair to within one read.
 */
public final class RateLimit {

  /** What was not used may be caught up, but no more than this. */
  private static final Duration BURST = Duration.ofMillis(250);

  /** When the clock jumps back, nobody waits longer than this for it to catch up. */
  private static final Duration MAX_WAIT = Duration.ofSeconds(10);

  private static final int SMALLEST_READ = 512;

  private final Bandwidth bandwidth;
  private final Clock clock;
  private final Pause pause;
  private Instant free = Instant.MIN;

  /**
   * Makes a limit that nobody has used yet.
   *
   * @param clock whose zone is that of the timetable
   */
  public RateLimit(Bandwidth bandwidth, Clock clock, Pause pause) {
    this.bandwidth = bandwidth;
    this.clock = clock;
    this.pause = pause;
  }

  /** At most how many bytes may be read at once, so that no single wait is long. */
  int allow(int wanted) {
    OptionalLong limit = limitNow();
    if (limit.isEmpty()) {
      return wanted;
    }
    return (int) Math.min(wanted, Math.max(SMALLEST_READ, limit.getAsLong() / 16));
  }

  /** Waits until the bytes that were just read are paid for. */
  void pay(int bytes) throws InterruptedException {
    Duration wait = reserve(bytes);
    if (!wait.isZero()) {
      pause.sleep(wait);
    }
  }

  private synchronized Duration reserve(int bytes) {
    OptionalLong limit = limitNow();
    Instant now = clock.instant();
    if (limit.isEmpty()) {
      free = now;
      return Duration.ZERO;
    }
    Instant earliest = now.minus(BURST);
    Instant latest = now.plus(MAX_WAIT);
    Instant from = free.isBefore(earliest) ? earliest : free.isAfter(latest) ? latest : free;
    free = from.plusNanos((long) (bytes * 1e9 / Math.max(1, limit.getAsLong())));
    return free.isAfter(now) ? Duration.between(now, free) : Duration.ZERO;
  }

  private OptionalLong limitNow() {
    return bandwidth.limitAt(LocalTime.now(clock));
  }
}
