package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line: what it does, what it prints, how it exits. */
class CliIT {

  @TempDir Path folder;

  @Test
  void aSyncMirrorsAndIsRecorded() throws Exception {
    CaravanSetup caravan = CaravanSetup.in(folder).mirror("store.settle=0s");
    Trees.zoo(caravan.store());
    int files = Trees.snapshot(caravan.store()).size();

    Outcome first = caravan.cli("sync");
    assertThat(first.exitCode()).as("%s", first).isZero();
    Mirrored.assertEqual(caravan.store(), caravan.remote());

    Outcome second = caravan.cli("sync", "--json");
    assertThat(second.exitCode()).as("%s", second).isZero();
    JsonNode run = second.json();
    assertThat(run.at("/state").asText()).isEqualTo("succeeded");
    assertThat(run.at("/operation").asText()).isEqualTo("sync");
    assertThat(run.at("/trigger").asText()).isEqualTo("manual");
    assertThat(run.at("/counts/uploaded").asInt()).isZero();

    JsonNode runs = caravan.cli("runs", "--json").json();
    JsonNode list = runs.isArray() ? runs : runs.at("/runs");
    assertThat(list).hasSize(2);
    assertThat(list.get(1).at("/counts/uploaded").asInt()).isEqualTo(files);
    assertThat(list.get(1).at("/bytes").asLong()).isPositive();

    JsonNode listed = caravan.cli("files", "--json").json();
    assertThat(listed.isArray() ? listed : listed.at("/files")).hasSize(files);
    assertThat(caravan.cli("files", "level-0").out())
        .contains("bottom.txt")
        .doesNotContain("empty");
    assertThat(caravan.cli("files", "--state", "failed").out()).doesNotContain("plain.txt");
    assertThat(caravan.cli("status", "--json").json().at("/files/total").asInt()).isEqualTo(files);
    assertThat(caravan.cli("runs").out()).contains("succeeded");
  }

  /** Without it the scan still works, and is slower: nothing else would tell. */
  @Test
  void theJarOpensWhatTheScanReads() throws Exception {
    try (JarFile jar = new JarFile(CaravanSetup.builtJar().toFile())) {
      assertThat(jar.getManifest().getMainAttributes().getValue("Add-Opens"))
          .isEqualTo("java.base/sun.nio.fs");
    }
  }

  @Test
  void aDryRunPrintsThePlanAndChangesNothing() throws Exception {
    CaravanSetup caravan = CaravanSetup.in(folder).mirror("store.settle=0s");
    Trees.write(caravan.store().resolve("a/new.txt"), "new");
    Trees.write(caravan.store().resolve("gone.txt"), "gone");
    assertThat(caravan.cli("sync").exitCode()).isZero();
    Files.delete(caravan.store().resolve("gone.txt"));
    Files.writeString(caravan.store().resolve("a/new.txt"), "newer");
    Trees.write(caravan.store().resolve("b.txt"), "b");
    var before = Trees.snapshot(caravan.remote());

    for (int i = 0; i < 3; i++) {
      Outcome dry = caravan.cli("sync", "--dry-run");
      assertThat(dry.exitCode()).as("%s", dry).isZero();
      assertThat(dry.out()).contains("a/new.txt", "b.txt", "2 planned (6 B)");
      assertThat(Trees.snapshot(caravan.remote())).isEqualTo(before);
    }
    for (JsonNode run : caravan.cli("runs", "--json").json().at("/runs")) {
      boolean dry = run.at("/dry_run").asBoolean();
      assertThat(run.at("/counts/uploaded").asInt()).as("%s", run).isEqualTo(dry ? 0 : 2);
    }
  }

  @Test
  void aFileThatCannotBeReadMakesTheRunPartial() throws Exception {
    CaravanSetup caravan = CaravanSetup.in(folder).mirror("store.settle=0s").asUser("nobody");
    Trees.write(caravan.store().resolve("good.txt"), "good");
    Trees.write(caravan.store().resolve("bad.txt"), "bad");
    Permissions.giveTo("nobody", folder);
    Permissions.chmod("000", caravan.store().resolve("bad.txt"));
    Outcome sync = caravan.cli("sync");
    assertThat(sync.exitCode()).as("%s", sync).isEqualTo(3);
    assertThat(sync.out() + sync.err()).contains("bad.txt");
    assertThat(caravan.remote().resolve("good.txt")).hasContent("good");
    assertThat(caravan.cli("files", "--state", "failed").out()).contains("bad.txt");
  }

  @Test
  void aDeletionWaitsForASecondSyncAndSaysSo() throws Exception {
    CaravanSetup caravan = CaravanSetup.in(folder).mirror("store.settle=0s");
    Trees.many(caravan.store(), 20, 100, 3);
    Path gone = caravan.store().resolve("gone.txt");
    Trees.write(gone, "gone");
    assertThat(caravan.cli("sync").out()).doesNotContain("no longer where they were");
    Files.delete(gone);
    assertThat(caravan.cli("sync").out())
        .contains(" 0 trashed")
        .contains("\nFiles no longer where they were: 1; the next sync looks again");
    assertThat(caravan.remote().resolve("gone.txt")).exists();
    assertThat(caravan.cli("sync").out())
        .contains(" 1 trashed")
        .doesNotContain("no longer where they were");
    assertThat(caravan.remote().resolve("gone.txt")).doesNotExist();
  }

  /** Jobs of cron have no locale: Java takes the words of the command line for ASCII then. */
  @Test
  void namesAreTakenAndShownAsTheyAreWhereNoLocaleIsSet() throws Exception {
    CaravanSetup caravan =
        CaravanSetup.in(folder).mirror("store.settle=0s").env("LC_ALL", "C").env("LANG", "");
    String script = "exec \"$@\" 'Übersicht.txt' \"$(printf 'raw\\351.txt')\" @notes";
    Path fill = Files.writeString(folder.resolve("fill"), "touch " + script.split(" ", 3)[2]);
    Permissions.run("sh", "-c", "cd \"$1\" && sh \"$2\"", "sh", "" + caravan.store(), "" + fill);
    assertThat(caravan.cli("sync").out()).contains("3 uploaded");
    assertThat(caravan.cli("files").out()).contains(" Übersicht.txt ", " raw‛E9.txt ");
    assertThat(caravan.cli("files", "--json").out()).contains("\"Übersicht.txt\"");

    Files.writeString(folder.resolve("notes"), "--help");
    Path to = folder.resolve("Rückkehr");
    Path command = Files.writeString(folder.resolve("command"), script + " --to " + to);
    Outcome back = caravan.within("sh", command.toString()).cli("restore");
    assertThat(back.exitCode()).as("%s", back).isZero();
    try (Stream<Path> files = Files.list(to)) {
      assertThat(files).hasSize(3);
    }
    Files.writeString(command, "exec \"$@\" 'keine-Übersicht.txt'");
    assertThat(caravan.cli("restore").err()).contains("keine-Übersicht.txt");
    Files.writeString(command, "exec \"$@\" --set store.path=Ü");
    assertThat(caravan.cli("sync").err()).contains("store.path: is not a path", "LC_ALL=C.UTF-8");
  }

  @Test
  void theCommandsWorkBesideARunningDaemon() throws Exception {
    CaravanSetup caravan = CaravanSetup.in(folder).mirror();
    Trees.many(caravan.store(), 20, 100, 3);
    Path deleted = caravan.store().resolve("d/by mistake.txt");
    Trees.write(deleted, "wanted after all");
    try (CaravanProcess daemon = caravan.start()) {
      Mirrored.await(caravan.store(), caravan.remote(), Duration.ofSeconds(15), daemon);
      daemon.post("/api/storage/pause", "{}");
      Files.delete(deleted);
      Outcome restore = caravan.cli("restore", "d");
      assertThat(restore.exitCode()).as("%s", restore).isZero();
      assertThat(deleted).hasContent("wanted after all");
      daemon.post("/api/storage/resume", "{}");
      assertThat(caravan.cli("status").exitCode()).isZero();
      assertThat(caravan.cli("runs").exitCode()).isZero();
      assertThat(caravan.cli("files").out()).contains("f00007.bin");
      Outcome sync = caravan.cli("sync");
      assertThat(sync.exitCode()).as("%s", sync).isZero();
      assertThat(daemon.isAlive()).isTrue();
    }
  }

  @Test
  void validateNamesEveryProblemWithItsLine() throws Exception {
    CaravanSetup caravan =
        CaravanSetup.in(folder)
            .config(
                """
                store:
                  pth: %s
                  settle: 2 parsecs
                storage:
                  transfers: many
                  remotes:
                    - provider: s4
                """
                    .formatted(folder));
    Outcome validate = caravan.cli("validate");
    assertThat(validate.exitCode()).as("%s", validate).isEqualTo(2);
    assertThat(validate.out() + validate.err())
        .contains("caravan.yaml:2", "store.pth", "path")
        .contains("caravan.yaml:3", "store.settle")
        .contains("caravan.yaml:5", "storage.transfers")
        .contains("caravan.yaml:7", "provider");
    for (String command : new String[] {"run", "sync", "status"}) {
      assertThat(caravan.cli(command).exitCode()).as(command).isEqualTo(2);
    }
    assertThat(CaravanSetup.in(folder).mirror().cli("validate").exitCode()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"run", "sync", "status", "runs", "files", "validate"})
  void helpExplainsEveryCommand(String command) {
    CaravanSetup caravan = CaravanSetup.in(folder);
    Outcome help = caravan.cli(command, "--help");
    assertThat(help.exitCode()).as("%s", help).isZero();
    assertThat(help.out()).contains("Usage:").contains(command);
    assertThat(folder.resolve("data")).doesNotExist();
  }

  @Test
  void theVersionAndTheListOfCommandsAreShown() {
    CaravanSetup caravan = CaravanSetup.in(folder);
    Outcome version = caravan.cli("--version");
    assertThat(version.exitCode()).isZero();
    assertThat(version.out().strip()).containsPattern("[0-9]+\\.[0-9]+\\.[0-9]+");
    Outcome help = caravan.cli("--help");
    assertThat(help.exitCode()).isZero();
    assertThat(help.out()).contains("sync", "status", "runs", "files", "validate", "--config");
  }

  @ParameterizedTest
  @CsvSource({
    "snyc, snyc",
    "sync --drry-run, --drry-run",
    "files --state, --state",
    "sync --set store.pth=x, store.pth",
    "sync --config /nowhere.yaml, /nowhere.yaml"
  })
  void badUsageIsOneLineAndStartsNothing(String arguments, String named) {
    CaravanSetup caravan = CaravanSetup.in(folder);
    Outcome wrong = caravan.cli(arguments.split(" "));
    assertThat(wrong.exitCode()).as("%s", wrong).isEqualTo(2);
    assertThat(wrong.err()).contains(named).doesNotContain("\tat ");
    assertThat(wrong.out()).isEmpty();
    assertThat(folder.resolve("data")).doesNotExist();
  }
}
