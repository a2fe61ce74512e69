package dev.caravan.it;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What a kubelet does with a container of ours, as far as it goes without a container engine: the
 * layout of the image, its user, a read-only root, and the volumes.
 */
final class Pod {

  private static final int USER = 65534;

  private final Path folder;
  private final Path image;
  private final Map<String, String> mounts = new LinkedHashMap<>();
  private final Map<String, String> environment = new LinkedHashMap<>();
  private int runs;

  Pod(Path folder) throws IOException {
    this.folder = folder;
    this.image = Files.createDirectories(folder.resolve("image"));
    Path jar = Path.of(System.getProperty("caravan.jar", "target/caravan.jar"));
    for (Dockerfile.Copy copy : Dockerfile.read().image().copies()) {
      Path from = copy.stage().isPresent() ? jar : Path.of(copy.from());
      Path to = image.resolve(copy.to().substring(1));
      Files.createDirectories(to.getParent());
      Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES);
    }
    try (var tops = Files.list(image)) {
      tops.forEach(top -> mount("/" + top.getFileName(), top, true));
    }
    environment.put("PATH", "/app:/opt/java/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    environment.put("HOME", "/config");
    environment.put("LC_ALL", "C.UTF-8");
    java(Path.of(System.getProperty("java.home")));
  }

  /** Where {@code bin/java} is. */
  Pod java(Path home) {
    return mount("/opt/java", home, true);
  }

  Pod mount(String at, Path from, boolean readOnly) {
    mounts.put(at, from + ":" + at + (readOnly ? ":ro" : ""));
    return this;
  }

  /** An emptyDir, or a claim with nothing in it: the group's, as fsGroup makes it. */
  Path volume(String at) throws IOException {
    Path volume = Files.createDirectories(folder.resolve("volumes" + at));
    Files.setAttribute(volume, "unix:gid", USER);
    Files.setPosixFilePermissions(volume, PosixFilePermissions.fromString("rwxrwxr-x"));
    mount(at, volume, false);
    return volume;
  }

  /**
   * The volume of a ConfigMap: links into a folder that is exchanged as a whole. Called again, it
   * is an update.
   */
  Pod configMap(String at, Map<String, String> files) throws IOException {
    Path volume = Files.createDirectories(folder.resolve("volumes" + at));
    Path version = Files.createTempDirectory(volume, "..2026_11_21_");
    Files.setPosixFilePermissions(version, PosixFilePermissions.fromString("rwxr-xr-x"));
    for (Map.Entry<String, String> file : files.entrySet()) {
      Files.writeString(version.resolve(file.getKey()), file.getValue());
      Path link = volume.resolve(file.getKey());
      if (!Files.isSymbolicLink(link)) {
        Files.createSymbolicLink(link, Path.of("..data", file.getKey()));
      }
    }
    Path fresh = Files.createSymbolicLink(volume.resolve("..data_tmp"), version.getFileName());
    Files.move(fresh, volume.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    return mount(at, volume, true);
  }

  Pod env(String name, String value) {
    environment.put(name, value);
    return this;
  }

  /** The plain values of a container's environment. */
  Pod env(JsonNode container) {
    for (JsonNode each : container.path("env")) {
      if (each.has("value")) {
        env(each.path("name").asText(), each.path("value").asText());
      }
    }
    return this;
  }

  /** Runs the image's entry point. */
  Process launch(Path out, Path err, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of("src/test/lab/pod.sh"));
    try {
      Path root = Files.createDirectories(folder.resolve("root"));
      command.add(root.toString());
      command.addAll(mounts.values());
      command.add("--");
      command.addAll(Dockerfile.read().image().entrypoint());
      command.addAll(arguments);
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder.environment().clear();
      builder.environment().putAll(environment);
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts what serves HTTP on a port. */
  CaravanProcess start(int port, List<String> arguments) {
    runs++;
    Path out = folder.resolve("pod-" + runs + ".out");
    Path err = folder.resolve("pod-" + runs + ".err");
    return new CaravanProcess(launch(out, err, arguments), port, out, err);
  }

  /** Runs to the end. */
  Outcome run(List<String> arguments) throws Exception {
    runs++;
    Path out = folder.resolve("pod-" + runs + ".out");
    Path err = folder.resolve("pod-" + runs + ".err");
    Process process = launch(out, err, arguments);
    if (!process.waitFor(2, TimeUnit.MINUTES)) {
      process.destroyForcibly().waitFor();
      throw new AssertionError("still running: " + arguments);
    }
    return new Outcome(
        arguments, process.exitValue(), Files.readString(out), Files.readString(err));
  }
}
