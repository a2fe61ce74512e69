package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code make install} puts on a machine. */
class InstallIT {

  private static final String FORCE = "-Xshare:on";

  @TempDir static Path prefix;

  @TempDir Path folder;

  private int runs;

  @BeforeAll
  static void install() throws IOException {
    Outcome made = make("PREFIX=" + prefix);
    assertThat(made.exitCode()).as("%s", made).isZero();
  }

  @BeforeEach
  void store() throws IOException {
    Files.writeString(Files.createDirectories(folder.resolve("store")).resolve("a.txt"), "abc");
    Files.createDirectories(folder.resolve("remote"));
    Files.writeString(
        folder.resolve("own.yaml"),
        """
            store: {path: %1$s/store, settle: 0s}
            storage: {remotes: [{provider: dir, path: %1$s/remote}]}
            """
            .formatted(folder));
  }

  @Test
  void theCommandMirrorsWithTheArchiveOfItsClasses() throws Exception {
    Outcome sync = caravan(Map.of("JAVA_OPTS", FORCE), "--config", "own.yaml", "sync");
    assertThat(sync.exitCode()).as("%s", sync).isZero();
    assertThat(sync.out()).startsWith("Sync succeeded: 1 uploaded (3 B)");
    assertThat(sync.complaints()).isEmpty();
    assertThat(folder.resolve("remote/a.txt")).hasContent("abc");
  }

  @Test
  void whatEndsSoonIsCompiledForThat() throws Exception {
    Map<String, String> env =
        Map.of("CARAVAN_CONFIG", "own.yaml", "JAVA_OPTS", "-XX:+PrintFlagsFinal");
    String counted = "(?m)^.* C1UpdateMethodData += ";
    assertThat(caravan(env, "--verbose", "sync").out())
        .containsPattern(counted + "false")
        .contains("Sync succeeded: 1 uploaded");
    assertThat(caravan(env, "status").out()).containsPattern(counted + "true");
  }

  @Test
  void anArchiveThatDoesNotFitIsPassedOverWithoutAWord() throws Exception {
    Path jar = prefix.resolve("lib/caravan/caravan.jar");
    FileTime before = Files.getLastModifiedTime(jar);
    try {
      Files.setLastModifiedTime(jar, FileTime.from(Instant.EPOCH));
      Outcome version = caravan(Map.of(), "--version");
      assertThat(version.exitCode()).as("%s", version).isZero();
      assertThat(version.err()).isEmpty();
      assertThat(version.out()).startsWith("caravan ");
      assertThat(caravan(Map.of("JAVA_OPTS", FORCE), "--version").exitCode())
          .as("it does not fit")
          .isNotZero();
    } finally {
      Files.setLastModifiedTime(jar, before);
    }
  }

  @Test
  void theEnvironmentNamesTheConfiguration() throws Exception {
    Map<String, String> env = Map.of("CARAVAN_CONFIG", folder.resolve("own.yaml").toString());
    assertThat(caravan(env, "sync").out()).contains("1 uploaded");
    assertThat(caravan(env, "status").out()).contains(folder.resolve("store").toString());
  }

  /** As under cron: also a store whose own place is not plain ASCII. */
  @Test
  void namesAreUtf8WhereNoLocaleIsSet() throws Exception {
    Path store = folder.resolve("Größe");
    Files.createDirectory(store);
    Files.writeString(store.resolve("Übersicht"), "x");
    Map<String, String> env =
        Map.of(
            "CARAVAN_CONFIG", folder.resolve("own.yaml").toString(),
            "LC_ALL", "",
            "LC_CTYPE", "",
            "LANG", "C");
    Outcome sync = caravan(env, "sync", "--set", "store.path=" + store);
    assertThat(sync.out()).as("%s", sync).contains("1 uploaded");
    assertThat(caravan(env, "files", "--set", "store.path=" + store).out()).contains("Übersicht");
  }

  @Test
  void everybodyMayReadWhatIsInstalled() throws Exception {
    try (var files = Files.list(prefix.resolve("lib/caravan"))) {
      assertThat(files)
          .hasSize(7)
          .allSatisfy(
              file ->
                  assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                      .matches("rw[x-]r-[x-]r-[x-]"));
    }
  }

  @Test
  void aPlaceThatAUnitCannotNameIsRefused() throws Exception {
    for (String place : List.of("some/where", "/tmp/a b", "/tmp/a;b")) {
      Outcome made = make("PREFIX=" + place);
      assertThat(made.exitCode()).as("%s", made).isNotZero();
      assertThat(made.err()).contains("PREFIX");
    }
    assertThat(Path.of("some")).doesNotExist();
  }

  @Test
  void whereNoArchiveCanBeMadeTheCommandWorks() throws Exception {
    Path place = folder.resolve("usr");
    Outcome made = make("PREFIX=" + place, "JAVA_HOME=" + folder.resolve("none"));
    assertThat(made.exitCode()).as("%s", made).isZero();
    assertThat(made.err()).contains("archive: there is no").contains("starts slower");
    Outcome version =
        outcome(
            folder,
            folder,
            Map.of(),
            List.of(place.resolve("bin/caravan").toString(), "--version"));
    assertThat(version.out()).as("%s", version).startsWith("caravan ");
    assertThat(version.err()).isEmpty();
  }

  @Test
  void theUnitIsOneThatSystemdTakes() throws Exception {
    Path unit = prefix.resolve("lib/systemd/system/caravan.service");
    assertThat(unit).content().contains("ExecStart=" + prefix + "/bin/caravan run\n");
    assertThatCode(() -> Permissions.run("systemd-analyze", "verify", unit.toString()))
        .doesNotThrowAnyException();
    Path wrong = folder.resolve("caravan.service");
    Files.writeString(wrong, Files.readString(unit).replace("/bin/caravan", "/bin/none"));
    assertThatCode(() -> Permissions.run("systemd-analyze", "verify", wrong.toString()))
        .hasMessageContaining("none");
  }

  @Test
  void aPackagersFolderNamesThePlaceThatComesLater() throws Exception {
    Path stage = folder.resolve("stage");
    Outcome made = make("DESTDIR=" + stage);
    assertThat(made.exitCode()).as("%s", made).isZero();
    assertThat(stage.resolve("usr/local/lib/systemd/system/caravan.service"))
        .content()
        .contains("ExecStart=/usr/local/bin/caravan run\n");
    assertThat(stage.resolve("usr/local/bin/caravan")).isExecutable();
    assertThat(stage.resolve("usr/local/lib/caravan/caravan.jsa"))
        .as("of the jar at another place")
        .doesNotExist();
  }

  private static Outcome make(String... words) throws IOException {
    // The jar that is tested, also where a source is newer.
    List<String> command = new ArrayList<>(List.of("make", "-o", "target/caravan.jar", "install"));
    command.addAll(List.of(words));
    Path said = Files.createTempDirectory(prefix, "make");
    return outcome(said, Path.of("").toAbsolutePath(), Map.of(), command);
  }

  private Outcome caravan(Map<String, String> env, String... words) throws IOException {
    List<String> command = new ArrayList<>(List.of(prefix.resolve("bin/caravan").toString()));
    command.addAll(List.of(words));
    runs++;
    return outcome(Files.createDirectory(folder.resolve("run-" + runs)), folder, env, command);
  }

  private static Outcome outcome(
      Path said, Path within, Map<String, String> env, List<String> command) throws IOException {
    Path out = said.resolve("out");
    Path err = said.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(within.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().keySet().removeIf(name -> name.matches("(CARAVAN|JAVA|JDK|MAKE).*"));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(env);
    Process process = builder.start();
    try {
      if (!process.waitFor(3, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new IOException("still running: " + command);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
    return new Outcome(command, process.exitValue(), Files.readString(out), Files.readString(err));
  }
}
