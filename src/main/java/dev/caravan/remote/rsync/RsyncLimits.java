package dev.caravan.remote.rsync;

import java.time.Duration;

/**
 * How patient we are with a child. There is no limit to the time that a transfer takes.
 *
 * @param look how often a child under way is looked after
 * @param stall a child that moves nothing for so long is ended
 * @param grace it gets to end by itself
 * @param segmentBytes a bigger file is carried in pieces of this size
 */
public record RsyncLimits(Duration look, Duration stall, Duration grace, long segmentBytes) {

  public static final RsyncLimits STANDARD =
      new RsyncLimits(
          Duration.ofMillis(200), Duration.ofMinutes(5), Duration.ofSeconds(5), 64L << 20);
}
