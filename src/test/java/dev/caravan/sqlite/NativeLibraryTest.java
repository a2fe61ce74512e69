package dev.caravan.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.lab.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLibraryTest {

  @TempDir Path folder;

  @Test
  void aKilledProcessLeavesNoLibrary() throws Exception {
    Process process = start("-Djava.io.tmpdir=" + folder);
    assertThat(process.inputReader().readLine()).as("it opened a file").isEqualTo("open");
    process.destroyForcibly();
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();

    assertThat(process.exitValue()).as("it was killed").isEqualTo(128 + 9);
    assertThat(names(folder)).isEmpty();
  }

  @Test
  void theFolderThatAPersonNamedIsUsed() throws Exception {
    Path named = Files.createDirectory(folder.resolve("named"));
    Process process =
        start(
            "-Djava.io.tmpdir=" + folder.resolve("not-there"),
            "-Dorg.sqlite.tmpdir=" + named.toAbsolutePath());
    assertThat(process.inputReader().readLine()).as("it opened a file").isEqualTo("open");
    process.destroyForcibly();
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(names(named)).isEmpty();
  }

  @Test
  void aTemporaryFolderThatMayHoldNoProgramsIsPassedOver() throws Exception {
    Path temporary = Files.createDirectory(folder.resolve("temporary"));
    Path state = Files.createDirectory(folder.resolve("state"));
    try (Mount mount = Mount.on(temporary, "noexec-temporary")) {
      mount.forbidPrograms();
      Process process = start(state.resolve("a.db"), "-Djava.io.tmpdir=" + temporary);
      assertThat(process.inputReader().readLine()).as("it opened a file").isEqualTo("open");
      process.destroyForcibly();
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
      assertThat(names(temporary)).isEmpty();
      assertThat(names(state)).containsExactly("a.db");
    }
  }

  @Test
  void whereNoFolderMayHoldProgramsItSaysSo() throws Exception {
    try (Mount mount = Mount.on(folder, "noexec-everything")) {
      mount.forbidPrograms();
      Process process = start(folder.resolve("a.db"), "-Djava.io.tmpdir=" + folder);
      assertThat(process.inputReader().readLine())
          .startsWith(
              "The library of SQLite cannot be loaded from %s (it may hold no programs)"
                  .formatted(folder))
          .contains(", nor from ")
          .endsWith("-Dorg.sqlite.tmpdir");
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
      assertThat(names(folder)).isEmpty();
    }
  }

  @Test
  void whereTheDriverWasLoadedBeforeNoSecondCopyIs() throws Exception {
    Process process = start(folder.resolve("a.db"), "-Djava.io.tmpdir=" + folder, "-Ddirect=true");
    assertThat(process.inputReader().readLine()).as("it opened a file").isEqualTo("open");
    try (Stream<String> maps = Files.lines(Path.of("/proc/" + process.pid() + "/maps"))) {
      assertThat(
              maps.filter(line -> line.contains("libsqlitejdbc"))
                  .map(line -> line.replaceFirst(".* ([^ ]*libsqlitejdbc).*", "$1"))
                  .distinct())
          .hasSize(1);
    }
    process.destroyForcibly();
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
  }

  private static Process start(String... options) throws IOException {
    return start(Path.of(":memory:"), options);
  }

  private static Process start(Path database, String... options) throws IOException {
    List<String> command =
        Stream.of(
                Stream.of(Path.of(System.getProperty("java.home"), "bin/java").toString()),
                Stream.of(options),
                Stream.of("-cp", System.getProperty("java.class.path"), Opener.class.getName()),
                Stream.of(database.toString()))
            .flatMap(words -> words)
            .toList();
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  /** Opens a database and waits to be killed. */
  static final class Opener {

    private Opener() {}

    public static void main(String[] words) throws SQLException, IOException {
      if (Boolean.getBoolean("direct")) {
        DriverManager.getConnection("jdbc:sqlite::memory:").close();
      }
      try (Connection connection = SqliteFile.plain(Path.of(words[0])).getConnection()) {
        System.out.println(connection.isValid(1) ? "open" : "closed");
        System.out.flush();
        System.in.read();
      } catch (NativeLibraryException e) {
        System.out.println(e.getMessage());
      }
    }
  }
}
