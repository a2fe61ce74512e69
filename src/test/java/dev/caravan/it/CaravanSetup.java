package dev.caravan.it;

import dev.caravan.lab.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A working folder with a configuration, in which the built jar is run: as a command that ends
 * ({@link #cli}) or as a daemon ({@link #start}). The folder is the process's working directory.
 */
final class CaravanSetup {

  private static final Duration COMMAND_LIMIT = Duration.ofMinutes(10);

  private final Path folder;
  private final List<String> options = new ArrayList<>();
  private final List<String> jvm = new ArrayList<>();
  private final Map<String, String> environment = new LinkedHashMap<>();
  private final AtomicInteger commands = new AtomicInteger();
  private Path javaHome = Path.of(System.getProperty("java.home"));
  private List<String> within = List.of();
  private Path jar = builtJar();
  private int port = Ports.free();

  private CaravanSetup(Path folder) {
    this.folder = folder;
    jvm.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
  }

  /** The built-in defaults, but for a free port. */
  static CaravanSetup in(Path folder) {
    return new CaravanSetup(folder);
  }

  /** Writes the configuration file; {@code %s} in the text is no placeholder. */
  CaravanSetup config(String yaml) {
    Path file = folder.resolve("caravan.yaml");
    write(file, yaml);
    if (!options.contains("--config")) {
      options.addAll(List.of("--config", file.toString()));
    }
    return this;
  }

  /**
   * A store {@code store} and a {@code dir} remote {@code remote} in the folder, quick to react.
   */
  CaravanSetup mirror(String... moreSettings) {
    makeFolder(folder.resolve("store"));
    makeFolder(folder.resolve("remote"));
    return config(
            """
        store:
          path: %s
          settle: 200ms
          scan_interval: 1s
        storage:
          remotes:
            - provider: dir
              name: disk
              path: %s
        """
                .formatted(store(), remote()))
        .set(moreSettings);
  }

  /** Adds {@code key=value} settings. */
  CaravanSetup set(String... settings) {
    for (String setting : settings) {
      options.addAll(List.of("--set", setting));
    }
    return this;
  }

  CaravanSetup env(String name, String value) {
    environment.put(name, value);
    return this;
  }

  CaravanSetup jvm(String... more) {
    jvm.addAll(List.of(more));
    return this;
  }

  /** For much work: with the optimizing compiler, which short tests do better without. */
  CaravanSetup optimized() {
    return jvm("-XX:TieredStopAtLevel=4");
  }

  CaravanSetup javaHome(Path home) {
    javaHome = home;
    return this;
  }

  /** Runs a copy of the jar as somebody without privileges, so that permissions mean something. */
  CaravanSetup asUser(String name) throws IOException {
    within =
        List.of(
            "setpriv",
            "--reuid=" + name,
            "--regid=nogroup",
            "--clear-groups",
            "--inh-caps=-all",
            "--");
    Files.copy(jar, folder.resolve("caravan.jar"));
    jar = folder.resolve("caravan.jar");
    return this;
  }

  /** Runs it by another command, which is given Java's as its last arguments. */
  CaravanSetup within(String... command) {
    within = List.of(command);
    return this;
  }

  CaravanSetup port(int wanted) {
    port = wanted;
    return this;
  }

  int port() {
    return port;
  }

  Path folder() {
    return folder;
  }

  Path store() {
    return folder.resolve("store");
  }

  Path remote() {
    return folder.resolve("remote");
  }

  /** How many runs on record ended by a kill. */
  long interruptedRuns() {
    return cli("runs", "--json").json().findValuesAsText("state").stream()
        .filter("interrupted"::equals)
        .count();
  }

  /** Runs a command to its end. */
  Outcome cli(String... arguments) {
    String log = "cli-" + commands.incrementAndGet();
    Process process = launch(log, arguments);
    try {
      if (!process.waitFor(COMMAND_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
        throw new AssertionError(
            "still running after " + COMMAND_LIMIT + ": " + String.join(" ", command(arguments)));
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    return new Outcome(
        command(arguments), process.exitValue(), read(log + ".out"), read(log + ".err"));
  }

  /** Starts a command and leaves it running. */
  CaravanProcess launched(String... arguments) {
    String log = "run-" + commands.incrementAndGet();
    return new CaravanProcess(
        launch(log, arguments), port, folder.resolve(log + ".out"), folder.resolve(log + ".err"));
  }

  /** Starts the daemon and waits until it answers. */
  CaravanProcess start() {
    CaravanProcess daemon = launched("run");
    daemon.awaitLive();
    return daemon;
  }

  private Process launch(String log, String... arguments) {
    ProcessBuilder builder =
        new ProcessBuilder(command(arguments))
            .directory(folder.toFile())
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectOutput(folder.resolve(log + ".out").toFile())
            .redirectError(folder.resolve(log + ".err").toFile());
    builder.environment().keySet().removeIf(name -> name.matches("AWS_.*|CARAVAN.*|JAVA_.*"));
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.environment().putAll(environment);
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> command(String... arguments) {
    List<String> command = new ArrayList<>();
    command.addAll(within);
    command.add(javaHome.resolve("bin/java").toString());
    command.addAll(jvm);
    command.addAll(ClassArchive.options(javaHome, jar));
    command.addAll(List.of("-jar", jar.toString()));
    command.addAll(options);
    command.addAll(List.of("--set", "http.port=" + port));
    command.addAll(List.of(arguments));
    return command;
  }

  /** The jar under test; failsafe says where it is. */
  static Path builtJar() {
    Path jar = Path.of(System.getProperty("caravan.jar", "target/caravan.jar")).toAbsolutePath();
    if (!Files.exists(jar)) {
      throw new IllegalStateException("There is no " + jar + "; build it: make jar");
    }
    return jar;
  }

  private String read(String name) {
    try {
      return Files.readString(folder.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void makeFolder(Path path) {
    try {
      Files.createDirectories(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
