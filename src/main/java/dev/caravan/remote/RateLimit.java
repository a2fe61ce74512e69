package dev.caravan.remote;

import dev.caravan.config.Bandwidth;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.util.Optional;
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

  /** A limit that changes holds after this long, also for who waits by the old one. */
  private static final Duration SLICE = Duration.ofSeconds(1);

  private static final int SMALLEST_READ = 512;

  private final Optional<Bandwidth> usual;
  private final Clock clock;
  private final Pause pause;
  private volatile Optional<Bandwidth> bandwidth;
  private Instant free = Instant.MIN;

  /**
   * Makes a limit that nobody has used yet.
   *
   * @param clock whose zone is that of the timetable
   */
  public RateLimit(Bandwidth bandwidth, Clock clock, Pause pause) {
    this(Optional.of(bandwidth), clock, pause);
  }

  /**
   * Makes a limit that nobody has used yet.
   *
   * @param usual as configured; empty for none
   * @param clock whose zone is that of the timetable
   */
  public RateLimit(Optional<Bandwidth> usual, Clock clock, Pause pause) {
    this.usual = usual;
    this.bandwidth = usual;
    this.clock = clock;
    this.pause = pause;
  }

  /** The limit that holds now. */
  public Optional<Bandwidth> bandwidth() {
    return bandwidth;
  }

  /** The limit as configured. */
  public Optional<Bandwidth> usual() {
    return usual;
  }

  /** Sets another limit, also for what moves already; empty for none. */
  public synchronized void set(Optional<Bandwidth> value) {
    bandwidth = value;
    // What was owed by the old limit is not waited for by the new one.
    free = Instant.MIN;
  }

  /** Bytes a second at this time of day; empty when there is no limit. */
  public OptionalLong bytesPerSecond() {
    return limitNow();
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
    Optional<Bandwidth> by = bandwidth;
    while (!wait.isZero() && bandwidth.equals(by)) {
      Duration slice = wait.compareTo(SLICE) > 0 ? SLICE : wait;
      pause.sleep(slice);
      wait = wait.minus(slice);
    }
  }

  private Duration reserve(int bytes) {
    // Without a limit, those who read must not wait for one another.
    return bandwidth.isEmpty() ? Duration.ZERO : reserveTurn(bytes);
  }

  private synchronized Duration reserveTurn(int bytes) {
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
    Optional<Bandwidth> now = bandwidth;
    return now.isEmpty() ? OptionalLong.empty() : now.get().limitAt(LocalTime.now(clock));
  }
}
