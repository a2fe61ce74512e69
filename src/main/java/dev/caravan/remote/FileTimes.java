package dev.caravan.remote;

import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Modification times as Java can set them. */
public final class FileTimes {
  private FileTimes() {}

  /** Java turns a time before 1970 into 1970 unless it is whole seconds. */
  public static FileTime settable(Instant time) {
    return FileTime.from(time.getEpochSecond() < 0 ? time.truncatedTo(ChronoUnit.SECONDS) : time);
  }
}
