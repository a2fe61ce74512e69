package dev.caravan.archive.timecode;

import dev.caravan.archive.queue.TimecodeTable.Contents;
import java.util.OptionalInt;
import java.util.Set;

/** Decides when a timecode directory is complete, and whether it may be announced. */
public final class TimecodePlanner {

  /** How many seconds one timecode lasts. */
  private static final double SECONDS = 1e5;

  private TimecodePlanner() {}

  /** What is to be done about a directory. */
  public enum Verdict {
    /** Files are still to come, or to be copied. */
    WAIT,
    /** Files were given up, and a person has to say what is to become of them. */
    BLOCKED,
    ANNOUNCE
  }

  /** The timecode of a moment, in seconds since 1970. */
  public static int timecodeOf(double now) {
    return (int) Math.floor(now / SECONDS);
  }

  /**
   * True when no more files are to be expected: a later directory of the archive has begun, or a
   * whole timecode has gone by since the end of this one.
   *
   * @param others timecodes that the archive has data of; one that lies in the future says nothing
   */
  public static boolean isComplete(int timecode, Set<Integer> others, double now) {
    int current = timecodeOf(now);
    OptionalInt later =
        others.stream()
            .mapToInt(Integer::intValue)
            .filter(each -> each > timecode && each <= current)
            .findAny();
    return later.isPresent() || current - timecode > 1;
  }

  /**
   * @param announced data files that it was announced with; empty when it was not
   * @param announceDead whether files that were given up are named rather than waited for
   */
  public static Verdict judge(
      Contents contents, java.util.OptionalLong announced, boolean announceDead) {
    boolean nothingNew = announced.isPresent() && contents.verifiedData() <= announced.getAsLong();
    if (contents.data() == 0 || nothingNew || contents.waiting() > 0) {
      return Verdict.WAIT;
    }
    return contents.dead() > 0 && !announceDead ? Verdict.BLOCKED : Verdict.ANNOUNCE;
  }
}
