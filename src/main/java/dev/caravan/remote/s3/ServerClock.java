package dev.caravan.remote.s3;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;

/**
 * The server's time as far as it is known: this machine's clock, put right by the {@code Date} of
 * the server's answers once they differ by more than four minutes. A server refuses what was signed
 * more than fifteen minutes off.
 */
final class ServerClock extends Clock {

  private static final Duration TOLERATED = Duration.ofMinutes(4);
  private static final long LOOK_EVERY_MS = 60_000;

  private final Clock local;
  private volatile Duration offset = Duration.ZERO;
  private volatile long lookedAtMs = Long.MIN_VALUE;

  ServerClock(Clock local) {
    this.local = local;
  }

  /** How far the server is ahead of this machine; negative when it is behind. */
  Duration offset() {
    return offset;
  }

  /** True when it is time to look at a {@code Date} again; parsing each would cost too much. */
  boolean isLookDue() {
    long now = local.millis();
    if (lookedAtMs != Long.MIN_VALUE && Math.abs(now - lookedAtMs) < LOOK_EVERY_MS) {
      return false;
    }
    lookedAtMs = now;
    return true;
  }

  /** Learns from a {@code Date} header; one that cannot be read is ignored. */
  void learn(String date) {
    Instant server;
    try {
      server = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
    } catch (DateTimeException e) {
      return;
    }
    Duration difference = Duration.between(local.instant(), server);
    if (difference.minus(offset).abs().compareTo(TOLERATED) > 0) {
      offset = difference.abs().compareTo(TOLERATED) > 0 ? difference : Duration.ZERO;
    }
  }

  @Override
  public Instant instant() {
    return local.instant().plus(offset);
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }
}
