package dev.caravan.it;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The classes of the built jar as the JVM's own archive (class data sharing), which takes a third
 * off each of the many starts of the tests. Made once for all forks, by the script that makes the
 * image's; the JVM passes over it where it does not fit.
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
      Path lab = Path.of(System.getProperty("caravan.lab", "target/lab")).toAbsolutePath();
      Path place = Files.createDirectories(lab.resolve("classes"));
      Path jar = CaravanSetup.builtJar();
      Path archive = place.resolve(Files.getLastModifiedTime(jar).toMillis() + ".jsa");
      try (FileChannel door =
              FileChannel.open(
                  place.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock alone = door.lock()) {
        if (Files.notExists(archive)) {
          make(jar, archive);
        }
      }
      return Optional.of(archive).filter(Files::isReadable);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** As the image is built; the other fork never sees half of it. */
  private static void make(Path jar, Path archive) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of("image/archive").toAbsolutePath().toString(),
                jar.toString(),
                archive.toString())
            .directory(archive.getParent().toFile())
            .redirectErrorStream(true)
            .redirectOutput(archive.resolveSibling("log").toFile());
    builder.environment().keySet().removeIf(name -> name.matches("AWS_.*|CARAVAN.*|JAVA_.*"));
    builder.environment().put("JAVA_HOME", JAVA_HOME.toString());
    Process script = builder.start();
    try {
      if (!script.waitFor(5, TimeUnit.MINUTES)) {
        script.descendants().forEach(ProcessHandle::destroyForcibly);
        script.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
