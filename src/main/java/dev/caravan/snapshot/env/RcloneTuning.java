package dev.caravan.snapshot.env;

import dev.caravan.config.Bandwidth;
import dev.caravan.remote.flow.Room;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Reads those of rclone's variables that mean something to the native engine. */
final class RcloneTuning {

  /** What is read here. */
  static final Set<String> KNOWN =
      Set.of(
          "RCLONE_TRANSFERS",
          "RCLONE_CHECKERS",
          "RCLONE_BWLIMIT",
          "RCLONE_BW_LIMIT",
          "RCLONE_MULTI_THREAD_CUTOFF",
          "RCLONE_VERBOSE",
          "RCLONE_LOG_LEVEL",
          "RCLONE_DUMP");

  private static final int MOST = 256;
  private static final long MIB = 1L << 20;
  private static final int USUAL = 16;

  /** To a bucket that is far away, where nobody said how many. */
  private static final int FAR = 64;

  private static final long USUAL_CUTOFF = 32 * MIB;

  private final Function<String, Optional<String>> env;
  private final List<String> problems;

  RcloneTuning(Function<String, Optional<String>> env, List<String> problems) {
    this.env = env;
    this.problems = problems;
  }

  MoverTuning read() {
    return new MoverTuning(
        transfers(),
        number("RCLONE_CHECKERS", USUAL, 1),
        bandwidth("RCLONE_BWLIMIT").or(() -> bandwidth("RCLONE_BW_LIMIT")),
        cutoff(),
        talk());
  }

  private Room transfers() {
    String name = "RCLONE_TRANSFERS";
    return env.apply(name).isPresent() ? Room.of(number(name, USUAL, 1)) : new Room(USUAL, FAR);
  }

  private Optional<Bandwidth> bandwidth(String name) {
    Optional<String> text = env.apply(name);
    try {
      return text.map(RcloneValues::bandwidth);
    } catch (IllegalArgumentException e) {
      problems.add("%s: '%s': %s".formatted(name, text.orElse(""), e.getMessage()));
      return Optional.empty();
    }
  }

  /** S3 takes at most 5 GiB with one request, and parts of 5 MiB at least. */
  private long cutoff() {
    String name = "RCLONE_MULTI_THREAD_CUTOFF";
    Optional<String> text = env.apply(name);
    try {
      boolean off = text.filter(word -> word.equalsIgnoreCase("off")).isPresent();
      long wanted = off ? Long.MAX_VALUE : text.map(RcloneValues::size).orElse(USUAL_CUTOFF);
      return Math.min(5 * 1024 * MIB, Math.max(16 * MIB, wanted));
    } catch (IllegalArgumentException e) {
      problems.add("%s: '%s': %s".formatted(name, text.orElse(""), e.getMessage()));
      return USUAL_CUTOFF;
    }
  }

  /** rclone's own default is to tell of nothing but what is odd; the upstream image has -v. */
  private MoverTuning.Talk talk() {
    int verbose = number("RCLONE_VERBOSE", 0, 0);
    MoverTuning.Talk talk = verbose > 0 ? MoverTuning.Talk.FILES : MoverTuning.Talk.PROGRESS;
    Optional<String> level = env.apply("RCLONE_LOG_LEVEL");
    if (level.isPresent()) {
      switch (level.get().toUpperCase(Locale.ROOT)) {
        case "DEBUG" -> talk = MoverTuning.Talk.FILES;
        case "INFO" -> talk = verbose > 0 ? MoverTuning.Talk.FILES : MoverTuning.Talk.PROGRESS;
        case "NOTICE" -> talk = MoverTuning.Talk.WARNINGS;
        case "ERROR" -> talk = MoverTuning.Talk.ERRORS;
        default ->
            problems.add(
                "RCLONE_LOG_LEVEL: '%s' is not known; write DEBUG, INFO, NOTICE or ERROR"
                    .formatted(level.get()));
      }
    }
    return env.apply("RCLONE_DUMP").isPresent() ? MoverTuning.Talk.FILES : talk;
  }

  private int number(String name, int usual, int least) {
    Optional<String> text = env.apply(name);
    try {
      int number = text.map(Integer::parseInt).orElse(usual);
      if (number >= least && number <= MOST) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    problems.add(
        "%s: '%s' is not a number from %d to %d".formatted(name, text.orElse(""), least, MOST));
    return usual;
  }
}
