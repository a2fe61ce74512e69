package dev.caravan.snapshot.claim;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Says which source a mover saves, so that the next backup of the same source is known as such and
 * another source is not. Nothing is written into the source: it may be a clone that is gone
 * tomorrow, and a backup must not change what it saves.
 *
 * <p>The first that is there counts: {@code MOVER_OWNER}; the namespace and {@code PVC_NAME}, or
 * the PVC that the name of the pod tells; the id of a store of Caravan's in the source; in
 * Kubernetes the namespace and the job that the name of the pod tells; elsewhere the machine and
 * the folder.
 */
public final class SourceIdentity {

  /** What Kubernetes puts behind the name of a job: none of these letters makes a word. */
  private static final String RANDOM = "[bcdfghjklmnpqrstvwxz2456789]{5}";

  /**
   * Pods of the upstream operator: {@code verify-<pvc>-cloned-<seconds>-<random>}. Kubernetes cuts
   * what stands before the random letters after 58 characters, so some digits and the dash may be
   * missing.
   */
  private static final Pattern OPERATORS_POD =
      Pattern.compile("verify-(.+)-cloned-[0-9]*-?" + RANDOM);

  /** Pods of a Job; where the name was cut, without the dash. */
  private static final Pattern JOBS_POD = Pattern.compile("(.+)-" + RANDOM + "|(.{58})" + RANDOM);

  /** Jobs of a CronJob: behind its name come the minutes since 1970, cut where they do not fit. */
  private static final Pattern CRON_JOB = Pattern.compile("(.+)-([0-9]{4,8})");

  /** A CronJob's pod starts soon after the time that is in its name. */
  private static final Duration NEAR = Duration.ofDays(31);

  private static final int CUT = 58;

  private final Map<String, String> env;
  private final Path namespaceFile;
  private final Clock clock;

  public SourceIdentity(Map<String, String> env, Clock clock) {
    this(env, Path.of("/var/run/secrets/kubernetes.io/serviceaccount/namespace"), clock);
  }

  SourceIdentity(Map<String, String> env, Path namespaceFile, Clock clock) {
    this.env = env;
    this.namespaceFile = namespaceFile;
    this.clock = clock;
  }

  /**
   * Why this source has no name that only it has; empty when it has one.
   *
   * @param told {@code MOVER_OWNER}
   */
  public Optional<String> fault(Optional<String> told) {
    boolean needed = find("PVC_NAME").isPresent() || podName().isPresent();
    return told.isEmpty() && needed && namespace().isEmpty()
        ? Optional.of(
            "POD_NAMESPACE: is missing, and no token of a service account tells the namespace;"
                + " without it, volumes of one name are one source. Set it from the field"
                + " metadata.namespace, or set MOVER_OWNER")
        : Optional.empty();
  }

  /**
   * The name of this source, in one line; to be asked where nothing is at {@link #fault}.
   *
   * @param told {@code MOVER_OWNER}
   * @param host the name of this machine
   */
  public String of(Optional<String> told, Path source, String host) {
    return told.or(this::claimedVolume)
        .or(() -> storeId(source))
        .or(this::job)
        .orElseGet(() -> host + ":" + real(source));
  }

  private static Optional<String> storeId(Path source) {
    try {
      List<String> lines =
          Files.readAllLines(source.resolve(".caravan/store.id"), StandardCharsets.ISO_8859_1);
      return lines.stream()
          .findFirst()
          .map(String::strip)
          .filter(id -> id.matches("[0-9a-f-]{36}"));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private Optional<String> claimedVolume() {
    Optional<String> pvc =
        find("PVC_NAME")
            .or(
                () ->
                    podName()
                        .map(OPERATORS_POD::matcher)
                        .filter(Matcher::matches)
                        .map(pod -> pod.group(1)));
    return namespace().flatMap(space -> pvc.map(name -> "pvc " + space + "/" + name));
  }

  private Optional<String> job() {
    return namespace().flatMap(space -> podName().map(pod -> "job " + space + "/" + jobOf(pod)));
  }

  private String jobOf(String pod) {
    Matcher jobs = JOBS_POD.matcher(pod);
    if (!jobs.matches()) {
      return pod;
    }
    String job = jobs.group(1) == null ? jobs.group(2) : jobs.group(1);
    Matcher cron = CRON_JOB.matcher(job);
    boolean isCron =
        cron.matches()
            && (cron.group(2).length() == 8 || job.length() == CUT)
            && isNear(cron.group(2));
    return isCron ? cron.group(1) : job;
  }

  /** Whether these are, or begin, the minutes since 1970 of a time near now. */
  private boolean isNear(String digits) {
    Instant now = clock.instant();
    return minutes(now.minus(NEAR), digits.length()).compareTo(digits) <= 0
        && digits.compareTo(minutes(now.plus(NEAR), digits.length())) <= 0;
  }

  private static String minutes(Instant time, int digits) {
    String all = Long.toString(time.getEpochSecond() / 60);
    return all.substring(0, Math.min(digits, all.length()));
  }

  private Optional<String> podName() {
    return find("KUBERNETES_SERVICE_HOST").isEmpty()
        ? Optional.empty()
        : find("POD_NAME").or(() -> find("HOSTNAME"));
  }

  private Optional<String> namespace() {
    Optional<String> told = find("POD_NAMESPACE");
    if (told.isPresent()) {
      return told;
    }
    try {
      return Optional.of(Files.readString(namespaceFile).strip()).filter(text -> !text.isEmpty());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private Optional<String> find(String name) {
    return Optional.ofNullable(env.get(name)).filter(text -> !text.isBlank()).map(String::strip);
  }

  private static Path real(Path source) {
    try {
      return source.toRealPath();
    } catch (IOException e) {
      return source.toAbsolutePath().normalize();
    }
  }
}
