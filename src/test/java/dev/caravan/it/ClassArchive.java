package dev.caravan.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The classes of the built jar as the JVM's own archive (class data sharing), which takes a third
 * off each of the many starts of the tests. Made once in each fork, by a daemon that has done some
 * work; the JVM passes over it where it does not fit.
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
      Path place = Path.of(System.getProperty("caravan.lab", "target/lab/0")).toAbsolutePath();
      Path folder = Files.createTempDirectory(Files.createDirectories(place), "classes");
      Path archive = folder.resolve("caravan.jsa");
      Path to = Files.createDirectories(folder.resolve("to"));
      String queue = "archives=[{name: a, remote_basedir: %s, db_path: %s}]";
      CaravanSetup setup =
          CaravanSetup.unarchived(folder).mirror(queue.formatted(to, folder.resolve("queue.db")));
      setup.jvm("-XX:+RecordDynamicDumpInfo");
      Trees.write(setup.store().resolve("a"), "a");
      try (CaravanProcess daemon = setup.start()) {
        daemon.sync("{}");
        daemon.get("/api/storage");
        daemon.post(
            "/api/archives/a/files",
            "{\"local_path\":\"%s\",\"remote_path\":\"a\"}".formatted(setup.store().resolve("a")));
        daemon.get("/api/archives");
        dump(daemon.pid(), archive);
      }
      return Optional.of(archive).filter(Files::isReadable);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static void dump(long pid, Path archive) throws IOException {
    Process jcmd =
        new ProcessBuilder(
                JAVA_HOME.resolve("bin/jcmd").toString(),
                Long.toString(pid),
                "VM.cds",
                "dynamic_dump",
                archive.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      if (!jcmd.waitFor(60, TimeUnit.SECONDS)) {
        jcmd.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
