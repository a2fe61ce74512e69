package dev.caravan.config;

import java.time.LocalTime;
import java.util.NavigableMap;
import java.util.OptionalLong;

/**
 * A rate limit by time of day.
 *
 * @param bytesPerSecond from each time of day on; {@code Long.MAX_VALUE} means no limit; never
 *     empty
 */
public record Bandwidth(NavigableMap<LocalTime, Long> bytesPerSecond) {

  /** The limit at a time of day; empty when there is none. */
  public OptionalLong limitAt(LocalTime time) {
    var entry = bytesPerSecond.floorEntry(time);
    long limit = (entry == null ? bytesPerSecond.lastEntry() : entry).getValue();
    return limit == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(limit);
  }
}
