package dev.caravan.remote.s3;

import dev.caravan.remote.Pause;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * How long a server is waited for.
 *
 * @param answer how long it may say nothing, or take nothing, in the middle of a request
 * @param completion for the answer that a big object is put together
 * @param idle until a connection that nobody uses is closed
 * @param look between two looks for an object whose completion is in doubt; it doubles each time
 * @param pause lets time pass
 */
public record S3Patience(
    Duration answer, Duration completion, Duration idle, Duration look, Pause pause) {

  /** Looks for an object that the server still puts together, as it says itself: two minutes. */
  static final int LOOKS_UNDERWAY = 7;

  /** Looks for an object after no answer came. */
  static final int LOOKS_UNHEARD = 3;

  static final S3Patience USUAL = of(Duration.ofMinutes(15), Duration.ofSeconds(30));

  /** Waits in real time. */
  public static S3Patience of(Duration completion, Duration idle) {
    return new S3Patience(
        Duration.ofSeconds(60),
        completion,
        idle,
        Duration.ofSeconds(1),
        wait -> TimeUnit.NANOSECONDS.sleep(wait.toNanos()));
  }
}
