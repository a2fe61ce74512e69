package dev.caravan.snapshot.env;

import dev.caravan.config.Bandwidth;
import dev.caravan.config.LogSettings;
import dev.caravan.remote.flow.Room;
import java.util.Optional;

/**
 * How hard the native engine works, in the words of rclone's variables.
 *
 * @param transfers files moved at once: {@code RCLONE_TRANSFERS}, where that is not there 16, and
 *     up to 64 to a bucket that is far away
 * @param checkers questions asked at once when a backup is verified: {@code RCLONE_CHECKERS}
 * @param bandwidth {@code RCLONE_BWLIMIT}, or {@code RCLONE_BW_LIMIT} as it was documented upstream
 * @param partsAboveBytes bigger files go in parts: {@code RCLONE_MULTI_THREAD_CUTOFF}
 * @param talk how much is logged
 */
public record MoverTuning(
    Room transfers, int checkers, Optional<Bandwidth> bandwidth, long partsAboveBytes, Talk talk) {

  /** How much is logged, in the order of rclone's levels. */
  public enum Talk {
    /** Only what went wrong. */
    ERRORS(LogSettings.Level.ERROR),
    /** What went wrong and what is odd. */
    WARNINGS(LogSettings.Level.WARN),
    /** The phases and the progress as well. */
    PROGRESS(LogSettings.Level.INFO),
    /** Each file as well. */
    FILES(LogSettings.Level.INFO);

    private final LogSettings.Level level;

    Talk(LogSettings.Level level) {
      this.level = level;
    }

    /** Of the log. */
    public LogSettings.Level level() {
      return level;
    }
  }

  /** Calls that the bucket is given at once, be they for files or for questions. */
  public Room room() {
    return new Room(Math.max(transfers.usual(), checkers), Math.max(transfers.most(), checkers))
        .withoutBreaks();
  }
}
