package dev.caravan.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.config.ArchiveSettings.FinalizeIncomplete;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Timecode directories are announced at their instants, once, and for the right files. */
class TimecodeTest {

  @TempDir Path folder;
  private ArchiveLab lab;

  @BeforeEach
  void setUp() throws Exception {
    lab = new ArchiveLab(folder);
  }

  @AfterEach
  void tearDown() throws Exception {
    lab.close();
  }

  private void rowAt(double at, String archive, String path) throws Exception {
    lab.at(at);
    lab.register(archive, path);
    lab.round(archive);
  }

  @Test
  void aDirectoryIsAnnouncedAWholeTimecodeAfterItsEndToTheSecond() throws Exception {
    rowAt(1_700_000_000, "A", "17000/s/a");
    for (double quiet : new double[] {1_700_099_999, 1_700_100_000, 1_700_199_999}) {
      lab.at(quiet);
      lab.round("A");
      assertThat(lab.announced()).isEmpty();
      assertThat(lab.number("SELECT completed FROM timecode_dirs_v0")).isZero();
    }
    lab.at(1_700_200_000);
    lab.round("A");
    assertThat(lab.announced()).containsExactly("17002/inst/1700200000_A_17000_finalized.yaml");
    assertThat(lab.number("SELECT completed + synced + finalized FROM timecode_dirs_v0"))
        .isEqualTo(3);
  }

  @Test
  void theFileHasThePlacesAndTheBytesThatSupRsyncGivesIt() throws Exception {
    rowAt(1_675_000_000, "smurf", "16750/sub/b");
    rowAt(1_675_000_001, "smurf", "16750/also/deep/c");
    rowAt(1_675_000_002, "smurf", "16750/top");
    lab.at(1_686_152_766);
    lab.round("smurf");
    String name = "16861/inst/1686152766_smurf_16750_finalized.yaml";
    assertThat(lab.announced()).containsExactly(name);
    assertThat(lab.announcement(name))
        .isEqualTo(
            """
            archive_name: smurf
            finalized_at: 1686152766.0
            finalized_until: 1686152766.0
            instance_id: inst
            num_files: 3
            subdirs:
            - also
            - sub
            timecode: 16750
            """);
    lab.at(1_686_152_767);
    lab.round("smurf");
    assertThat(lab.at("smurf", "16861/suprsync/inst/1686152766_smurf_16750_finalized.yaml"))
        .hasContent(lab.announcement(name));
    assertThat(
            lab.texts(
                "SELECT f.remote_path FROM supersync_v0 f JOIN timecode_dirs_v0 t"
                    + " ON t.finalize_file_id = f.id"))
        .containsExactly("16861/suprsync/inst/1686152766_smurf_16750_finalized.yaml");
  }

  @Test
  void aDirectoryThatCouldNotBeAnnouncedIsAnnouncedAsSoonAsItCanBe() throws Exception {
    rowAt(1_700_000_000, "A", "17000/s/a");
    Path root = Files.writeString(folder.resolve("finalized"), "in the way");
    lab.at(1_700_200_000);
    assertThatThrownBy(() -> lab.round("A")).isInstanceOf(IOException.class);
    Files.delete(root);
    lab.archive("A").end();
    lab.clock.advance(Duration.ofMinutes(1));
    lab.round("A");
    assertThat(lab.announced()).hasSize(1);
  }

  @Test
  void anArchiveThatIsIdleAnnouncesNothingFurther() throws Exception {
    rowAt(1_700_000_000, "A", "17000/s/a");
    for (int timecode = 17_002; timecode < 17_012; timecode += 1) {
      lab.at(timecode * 1e5);
      lab.round("A");
      lab.round("A");
    }
    assertThat(lab.announced()).containsExactly("17002/inst/1700200000_A_17000_finalized.yaml");
    assertThat(lab.texts("SELECT timecode FROM timecode_dirs_v0")).containsExactly("17000");
  }

  @Test
  void aLaterDirectoryOfTheSameArchiveCompletesThisOneAtOnce() throws Exception {
    rowAt(1_700_000_000, "A", "17000/s/a");
    rowAt(1_700_100_000, "A", "17001/s/a");
    lab.round("A");
    assertThat(lab.announced()).containsExactly("17001/inst/1700100000_A_17000_finalized.yaml");
  }

  @Test
  void anotherArchiveCompletesNothingHere() throws Exception {
    rowAt(1_699_800_000, "A", "16998/s/a");
    lab.at(1_699_900_000);
    lab.register("B", "17000/x/b");
    lab.round("B");
    lab.round("A");
    assertThat(lab.announced()).isEmpty();
  }

  @Test
  void anotherArchivesWaitingFileBlocksNothingHere() throws Exception {
    rowAt(1_700_000_000, "A", "17000/s/a");
    lab.register("B", "17000/s/b");
    lab.at(1_700_200_000);
    lab.round("A");
    assertThat(lab.announced()).hasSize(1);
  }

  @Test
  void aFileOfTheFutureCompletesNothing() throws Exception {
    rowAt(1_700_000_000, "A", "99999/s/misdated");
    rowAt(1_700_000_001, "A", "17000/s/a");
    lab.at(1_700_100_000);
    lab.round("A");
    assertThat(lab.announced()).isEmpty();
  }

  @Test
  void sixTimecodesOfTenFilesGiveFiveAnnouncementsAtTheDestination() throws Exception {
    int now = 17_005;
    lab.at(now * 1e5);
    for (int timecode = now - 5; timecode <= now; timecode++) {
      for (int i = 0; i < 10; i++) {
        lab.register("A", timecode + "/s/" + i);
      }
    }
    lab.round("A");
    lab.at(now * 1e5 + 1);
    lab.round("A");
    assertThat(lab.announced()).hasSize(5);
    try (var files = Files.list(lab.at("A", "17005/suprsync/inst"))) {
      assertThat(files).hasSize(5);
    }
    assertThat(lab.announcement(lab.announced().get(0))).contains("num_files: 10\n");
  }

  @Test
  void aPathThatIsNoPlaceOpensNoDirectory() throws Exception {
    lab.at(1_700_000_000);
    for (String odd : List.of("/17000/x", " 17000/x", "17_00/x", "-1675/x", "017000/x", "17000")) {
      lab.register(
          "A", lab.write("odd", "odd"), ArchiveLab.md5(lab.write("odd", "odd")), odd, true);
    }
    lab.at(1_700_200_000);
    lab.rounds("A", 2);
    assertThat(lab.texts("SELECT timecode FROM timecode_dirs_v0")).isEmpty();
    assertThat(lab.announced()).isEmpty();
  }

  @Test
  void anIgnoredFileIsNamedAndBlocksNothing() throws Exception {
    rowAt(1_700_000_000, "A", "17000/s/a");
    long left = lab.register("A", "17000/s/left out");
    lab.sql("UPDATE supersync_v0 SET ignore = 1 WHERE id = " + left);
    lab.at(1_700_200_000);
    lab.round("A");
    assertThat(lab.announcement(lab.announced().get(0)))
        .contains("ignored_files:\n- '17000/s/left out'\n")
        .contains("num_files: 1\n");
  }

  @Test
  void aFileThatWasGivenUpBlocksWithAnAlertUntilSomebodySaysWhatIsToBe() throws Exception {
    rowAt(1_700_000_000, "A", "17000/s/a");
    long bad = lab.register("A", "17000/s/bad");
    lab.carrier("A").refused.add("17000/s/bad");
    lab.rounds("A", 6);
    assertThat(lab.state(bad)).isEqualTo("dead");
    lab.alerts.clear();
    lab.at(1_700_200_000);
    lab.rounds("A", 3);
    assertThat(lab.announced()).isEmpty();
    assertThat(lab.alerts)
        .singleElement()
        .satisfies(
            alert ->
                assertThat(alert.get("text").toString())
                    .contains("17000", "archive 'A'", "1 of its files", "retry or ignore"));
    assertThat(lab.archive("A").announcer().blocked()).containsExactly(17000);
    assertThat(lab.desk("A").views().stats().finalizedUntil()).isEqualTo(1_699_999_999.0);

    lab.desk("A").ignore(new ArchiveDesk.Choice.Id(bad), true);
    lab.round("A");
    assertThat(lab.announced()).hasSize(1);
    assertThat(lab.archive("A").announcer().blocked()).isEmpty();
  }

  @Test
  void aFileThatWasGivenUpIsNamedWhereThatIsWanted() throws Exception {
    lab.incomplete(FinalizeIncomplete.ANNOUNCE);
    rowAt(1_700_000_000, "A", "17000/s/a");
    lab.register("A", "17000/s/bad");
    lab.carrier("A").refused.add("17000/s/bad");
    lab.rounds("A", 6);
    lab.at(1_700_200_000);
    lab.round("A");
    assertThat(lab.announcement(lab.announced().get(0)))
        .contains("given_up_files:\n- 17000/s/bad\n")
        .contains("num_files: 1\n")
        .contains("finalized_until: 1700200000.0\n");
  }

  @Test
  void lateFilesAreAnnouncedAnewUnderTheNameOfWhatTheySupersede() throws Exception {
    rowAt(1_700_000_000, "A", "17000/s/a");
    lab.at(1_700_200_000);
    lab.round("A");
    rowAt(1_700_200_500, "A", "17000/late/b");
    assertThat(lab.announced())
        .containsExactly(
            "17002/inst/1700200000_A_17000_finalized.yaml",
            "17002/inst/1700200500_A_17000_finalized.yaml");
    assertThat(lab.announcement("17002/inst/1700200500_A_17000_finalized.yaml"))
        .contains("num_files: 2\n", "supersedes: 1700200000_A_17000_finalized.yaml\n");
    lab.restart();
    lab.at(1_700_300_000);
    lab.rounds("A", 3);
    assertThat(lab.announced()).hasSize(2);
  }

  @Test
  void anAnnouncementNeverTakesThePlaceOfAnotherOfTheSameSecond() throws Exception {
    rowAt(1_700_000_000, "A", "17000/s/a");
    lab.at(1_700_200_000);
    lab.round("A");
    String first = lab.announcement("17002/inst/1700200000_A_17000_finalized.yaml");
    rowAt(1_700_200_000.5, "A", "17000/late/b");
    assertThat(lab.announcement("17002/inst/1700200000_A_17000_finalized.yaml")).isEqualTo(first);
    lab.at(1_700_200_001);
    lab.round("A");
    assertThat(lab.announced())
        .containsExactly(
            "17002/inst/1700200000_A_17000_finalized.yaml",
            "17002/inst/1700200001_A_17000_finalized.yaml");
  }

  @Test
  void aDirectoryThatSupRsyncAnnouncedIsAnnouncedAgainOnlyForLateFiles() throws Exception {
    rowAt(1_700_000_000, "A", "17000/s/a");
    lab.at(1_700_200_000);
    long yaml = lab.register("A", "17002/suprsync/x/1700200000_A_17000_finalized.yaml");
    lab.sql(
        "UPDATE timecode_dirs_v0 SET completed = 1, synced = 1, finalized = 1,"
            + " finalize_file_id = "
            + yaml);
    lab.restart();
    lab.rounds("A", 3);
    assertThat(lab.announced()).isEmpty();
    rowAt(1_700_200_900, "A", "17000/s/late");
    assertThat(lab.announced()).hasSize(1);
    assertThat(lab.announcement(lab.announced().get(0)))
        .contains("supersedes: 1700200000_A_17000_finalized.yaml");
  }
}
