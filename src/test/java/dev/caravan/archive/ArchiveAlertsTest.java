package dev.caravan.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** People hear of what was given up, whatever is killed in between. */
class ArchiveAlertsTest {

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

  /** A file that is given up at the first look at it. */
  private long hopeless(String name) throws Exception {
    Path file = lab.write(name, name);
    return lab.register("A", file, ArchiveLab.md5(file), "../" + name, true);
  }

  private List<Object> told(String field) {
    return lab.alerts.stream().map(alert -> alert.get(field)).toList();
  }

  @Test
  void whatWasNotOnRecordWhenTheProcessDiedIsHandedOverByTheNext() throws Exception {
    long evil = hopeless("evil");
    lab.alertsFail = true;
    assertThatThrownBy(() -> lab.round("A")).hasMessageContaining("killed");
    assertThat(lab.state(evil)).isEqualTo("dead");
    assertThat(lab.alerts).isEmpty();
    lab.restart();
    lab.alertsFail = false;
    lab.clock.advance(Duration.ofHours(1));
    lab.round("A");
    assertThat(told("kind")).containsExactly("archive-given-up");
    assertThat(told("text").get(0).toString())
        .contains("Archive 'A'", "leaves the base", "retry A " + evil);
    lab.restart();
    lab.rounds("A", 3);
    assertThat(lab.alerts).as("once").hasSize(1);
  }

  @Test
  void whatIsHandedOverAgainHasTheSameIdAndWhatHappensAgainAnother() throws Exception {
    long evil = hopeless("evil");
    lab.round("A");
    lab.sql("UPDATE caravan_file_v0 SET told_at = NULL"); // Killed right after it was on record.
    lab.restart();
    lab.round("A");
    assertThat(told("id")).hasSize(2);
    assertThat(told("id").get(0)).isEqualTo(told("id").get(1));
    lab.clock.advance(Duration.ofSeconds(5));
    lab.desk("A").retry(new ArchiveDesk.Choice.Id(evil));
    lab.round("A");
    assertThat(told("id")).hasSize(3);
    assertThat(told("id").get(2)).isNotEqualTo(told("id").get(1));
  }

  @Test
  void manyFilesThatAreGivenUpAtOnceAreOneAlert() throws Exception {
    for (int i = 0; i < 300; i++) {
      hopeless("evil" + i);
    }
    lab.round("A");
    assertThat(lab.alerts).hasSize(1);
    assertThat(told("text").get(0).toString()).contains("300 files", "list A --state dead");
    hopeless("one more");
    lab.clock.advance(Duration.ofSeconds(1));
    lab.round("A");
    assertThat(lab.alerts).hasSize(2);
  }

  @Test
  void aDatabaseOfAnEarlierCaravanTellsNothingAnew() throws Exception {
    hopeless("evil");
    lab.round("A");
    lab.restart();
    lab.sql("DROP INDEX caravan_untold_v0");
    lab.sql("ALTER TABLE caravan_file_v0 DROP COLUMN told_at");
    lab.clock.advance(Duration.ofSeconds(1));
    lab.register("A", "good");
    lab.round("A");
    assertThat(lab.alerts).hasSize(1);
  }

  @Test
  void aDirectoryThatIsBlockedIsToldOfOnceAcrossRestartsAndAnewWhenItIsBlockedAnew()
      throws Exception {
    lab.at(1_700_000_000);
    long bad = lab.register("A", "17000/s/bad");
    lab.carrier("A").refused.add("17000/s/bad");
    lab.rounds("A", 6);
    lab.alerts.clear();
    lab.at(1_700_200_000);
    lab.alertsFail = true;
    assertThatThrownBy(() -> lab.round("A")).hasMessageContaining("killed");
    lab.alertsFail = false;
    lab.restart();
    lab.rounds("A", 2);
    assertThat(told("kind")).containsExactly("archive-blocked");
    lab.restart();
    lab.rounds("A", 2);
    assertThat(lab.alerts).hasSize(1);
    assertThat(lab.archive("A").announcer().blocked()).containsExactly(17000);

    lab.desk("A").retry(new ArchiveDesk.Choice.Id(bad));
    lab.rounds("A", 1);
    assertThat(lab.archive("A").announcer().blocked()).as("it is tried again").isEmpty();
    lab.rounds("A", 5);
    List<Map<String, Object>> blocked =
        lab.alerts.stream().filter(alert -> "archive-blocked".equals(alert.get("kind"))).toList();
    assertThat(blocked).hasSize(2);
    assertThat(blocked.get(0).get("id")).isNotEqualTo(blocked.get(1).get("id"));
  }
}
