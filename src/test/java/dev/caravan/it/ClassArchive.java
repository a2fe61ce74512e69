package dev.caravan.it;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The classes of the built jar as the JVM's own archive (class data sharing), which takes a third
 * off each of the many starts of the tests. Made once for all forks, of what a daemon and a few
 * commands load; the JVM passes over it where it does not fit.
 */
final class ClassArchive {

  private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));

  /** Made when it is first asked for. */
  private static final class Holder {
    static final Optional<Path> MADE = make();
  }

  private ClassArchive() {}

  /**
   * Options of the JVM for a process of this jar.
   *
   * @param javaHome of the process; another JVM than that of the tests goes without
   * @param jar likewise: the archive is of the jar at its own place
   */
  static List<String> options(Path javaHome, Path jar) {
    if (!javaHome.equals(JAVA_HOME) || !jar.equals(CaravanSetup.builtJar())) {
      return List.of();
    }
    return Holder.MADE.map(file -> List.of("-XX:SharedArchiveFile=" + file)).orElse(List.of());
  }

  private static Optional<Path> make() {
    try {
      Path fork = Path.of(System.getProperty("caravan.lab", "target/lab/0")).toAbsolutePath();
      Path place = Files.createDirectories(fork.resolveSibling("classes"));
      Path jar = CaravanSetup.builtJar();
      Path archive = place.resolve(Files.getLastModifiedTime(jar).toMillis() + ".jsa");
      try (FileChannel door =
              FileChannel.open(
                  place.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock alone = door.lock()) {
        if (Files.notExists(archive)) {
          dump(jar, list(Files.createTempDirectory(place, "list")), archive);
        }
      }
      return Optional.of(archive).filter(Files::isReadable);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Runs what the tests start most; each process writes down what it loaded. */
  private static Path list(Path folder) throws IOException {
    Path to = Files.createDirectories(folder.resolve("to"));
    String queue = "archives=[{name: a, remote_basedir: %s, db_path: %s}]";
    CaravanSetup setup =
        CaravanSetup.unarchived(folder).mirror(queue.formatted(to, folder.resolve("queue.db")));
    setup.jvm("-XX:DumpLoadedClassList=" + folder.resolve("%p.loaded"));
    Trees.write(setup.store().resolve("a"), "a");
    setup.cli("sync");
    setup.cli("datamover");
    try (CaravanProcess daemon = setup.start()) {
      daemon.sync("{}");
      daemon.post(
          "/api/archives/a/files",
          "{\"local_path\":\"%s\",\"remote_path\":\"a\"}".formatted(setup.store().resolve("a")));
      daemon.get("/api/archives");
      setup.cli("status");
      daemon.terminate(Duration.ofSeconds(10));
    }
    Set<String> classes = new LinkedHashSet<>();
    Set<String> lambdas = new LinkedHashSet<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.loaded")) {
      for (Path file : files) {
        for (String line : Files.readAllLines(file)) {
          (line.startsWith("@") ? lambdas : classes).add(line);
        }
      }
    }
    classes.removeIf(line -> line.startsWith("#"));
    classes.addAll(lambdas);
    return Files.write(folder.resolve("all"), classes);
  }

  /** The other fork must never see half of it. */
  private static void dump(Path jar, Path list, Path archive) throws IOException {
    Path part = list.resolveSibling("part.jsa");
    Process java =
        new ProcessBuilder(
                JAVA_HOME.resolve("bin/java").toString(),
                "-Xshare:dump",
                "-XX:+UseSerialGC",
                "-XX:SharedClassListFile=" + list,
                "-XX:SharedArchiveFile=" + part,
                "-cp",
                jar.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      if (!java.waitFor(2, TimeUnit.MINUTES)) {
        java.destroyForcibly();
      } else if (java.exitValue() == 0) {
        Files.move(part, archive);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
