package dev.caravan.snapshot.claim;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
 * <p>The first that is there counts: {@code MOVER_OWNER}; the id of a store of Caravan's in the
 * source; {@code POD_NAMESPACE} and {@code PVC_NAME}; in Kubernetes the namespace and what the name
 * of the pod tells of the PVC or the job; elsewhere the machine and the folder.
 */
public final class SourceIdentity {

  /** Pods of the upstream operator: {@code verify-<pvc>-cloned-<seconds>-<random>}. */
  private static final Pattern OPERATORS_POD =
      Pattern.compile("verify-(.+)-cloned-[0-9]+-[a-z0-9]{5}");

  /** Pods of a CronJob: {@code <name>-<minutes>-<random>}, and of a Job, without the minutes. */
  private static final Pattern JOBS_POD = Pattern.compile("(.+?)(-[0-9]{8,10})?-[a-z0-9]{5}");

  private final Map<String, String> env;
  private final Path namespaceFile;

  public SourceIdentity(Map<String, String> env) {
    this(env, Path.of("/var/run/secrets/kubernetes.io/serviceaccount/namespace"));
  }

  SourceIdentity(Map<String, String> env, Path namespaceFile) {
    this.env = env;
    this.namespaceFile = namespaceFile;
  }

  /**
   * The name of this source, in one line.
   *
   * @param told {@code MOVER_OWNER}
   * @param host the name of this machine
   */
  public String of(Optional<String> told, Path source, String host) {
    return told.or(() -> storeId(source))
        .or(this::claimedVolume)
        .or(this::pod)
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
    return find("PVC_NAME").map(pvc -> "pvc " + namespace() + "/" + pvc);
  }

  private Optional<String> pod() {
    Optional<String> pod = find("POD_NAME").or(() -> find("HOSTNAME"));
    if (find("KUBERNETES_SERVICE_HOST").isEmpty() || pod.isEmpty()) {
      return Optional.empty();
    }
    Matcher operators = OPERATORS_POD.matcher(pod.get());
    if (operators.matches()) {
      return Optional.of("pvc " + namespace() + "/" + operators.group(1));
    }
    Matcher jobs = JOBS_POD.matcher(pod.get());
    return Optional.of("job " + namespace() + "/" + (jobs.matches() ? jobs.group(1) : pod.get()));
  }

  private String namespace() {
    return find("POD_NAMESPACE")
        .orElseGet(
            () -> {
              try {
                return Files.readString(namespaceFile).strip();
              } catch (IOException e) {
                return "default";
              }
            });
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
