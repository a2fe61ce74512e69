package dev.caravan.remote.rclone.rcd;

import java.time.Duration;

/**
 * How patient we are with the child. There is no limit to the time that a transfer takes.
 *
 * @param start until it must listen
 * @param look how often a call under way is looked after
 * @param stall a transfer of which nothing moved for so long is broken off
 * @param answer a child that does not answer a plain question for so long is ended
 * @param grace it gets to end by itself
 */
public record RcloneLimits(
    Duration start, Duration look, Duration stall, Duration answer, Duration grace) {

  /** The stall is rclone's own default for its connections. */
  public static final RcloneLimits STANDARD =
      new RcloneLimits(
          Duration.ofSeconds(30),
          Duration.ofSeconds(5),
          Duration.ofMinutes(5),
          Duration.ofSeconds(30),
          Duration.ofSeconds(5));
}
