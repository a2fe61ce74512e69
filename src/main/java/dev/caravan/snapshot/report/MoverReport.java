package dev.caravan.snapshot.report;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * One run of the mover, after its end.
 *
 * @param operation what was asked for
 * @param succeeded true for exit code 0
 * @param backup where the backup lies, {@code bucket} or {@code bucket/prefix}: the name under
 *     which the runs of one backup are counted together, the same for each of them
 * @param namespace of the pod, empty outside Kubernetes
 * @param startedAt when the run began
 * @param endedAt when it ended, not before it began
 * @param amounts what was moved; empty when nobody counted, as for the rclone binary
 * @param errors how often something went wrong, by a name of what it was: {@code network}, {@code
 *     permission}; lower-case letters, digits and underscores, and never the name of a file
 */
public record MoverReport(
    Operation operation,
    boolean succeeded,
    String backup,
    String namespace,
    Instant startedAt,
    Instant endedAt,
    Optional<Amounts> amounts,
    Map<String, Long> errors) {

  public MoverReport {
    errors = Map.copyOf(errors);
    if (endedAt.isBefore(startedAt)) {
      throw new IllegalArgumentException("A run ended before it began");
    }
    errors.forEach(
        (name, count) -> {
          if (!name.matches("[a-z][a-z0-9_]{0,39}") || count < 0) {
            throw new IllegalArgumentException("Not the name of an error, or its count: " + name);
          }
        });
  }

  /** What the mover was asked to do. */
  public enum Operation {
    BACKUP,
    RESTORE,
    VERIFY;

    /** As it stands in labels: {@code backup}. */
    String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** As the upstream writes its phases: {@code Backup}. */
    String phase() {
      return name().charAt(0) + label().substring(1);
    }
  }

  /**
   * What was moved; 0 where an operation has no such thing.
   *
   * @param files in the backup, or among those asked for
   * @param bytes their sizes
   * @param uploaded objects that were sent, or files that were brought back
   * @param uploadedBytes their sizes
   * @param copied objects that were copied by the server, without being sent
   * @param problems files that could not be read, sent, brought or verified
   */
  public record Amounts(
      long files, long bytes, long uploaded, long uploadedBytes, long copied, long problems) {

    /** Of a run that ended before it moved anything. */
    public static final Amounts NONE = new Amounts(0, 0, 0, 0, 0, 0);

    public Amounts {
      if (Math.min(files, Math.min(bytes, uploaded)) < 0
          || Math.min(uploadedBytes, Math.min(copied, problems)) < 0) {
        throw new IllegalArgumentException("An amount is negative");
      }
    }
  }

  Duration duration() {
    return Duration.between(startedAt, endedAt);
  }
}
