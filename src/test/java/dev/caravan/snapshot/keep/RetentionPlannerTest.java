package dev.caravan.snapshot.keep;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which snapshots go. */
class RetentionPlannerTest {

  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

  @Test
  void withoutARuleEverythingStays() {
    assertThat(RetentionPlanner.expired(days(100), KeepRules.ALL, NOW)).isEmpty();
  }

  @Test
  void theNewestCompleteOneStaysHoweverOldItIs() {
    List<Snapshot> old =
        List.of(
            complete("2020-01-01-000000"),
            complete("2020-01-02-000000"),
            begun("2026-11-20-000000"));
    assertThat(expired(old, new KeepRules(7, 0, 0, 0, 0))).containsExactly("2020-01-01-000000");
  }

  @Test
  void daysCountFromNow() {
    List<String> expired = expired(days(30), new KeepRules(7, 0, 0, 0, 0));
    assertThat(expired)
        .hasSize(23)
        .doesNotContain("2026-11-15-000000")
        .contains("2026-11-14-000000");
  }

  @Test
  void aSnapshotStaysWhenAnyRuleKeepsIt() {
    List<Snapshot> all = days(400);
    List<String> expired = expired(all, new KeepRules(0, 2, 5, 4, 12));
    List<String> kept =
        all.stream().map(Snapshot::name).filter(name -> !expired.contains(name)).toList();
    assertThat(kept)
        .contains("2026-11-21-000000", "2026-11-17-000000")
        .as("the newest of each of four weeks")
        .contains("2026-11-15-000000", "2026-11-08-000000", "2026-11-01-000000")
        .as("the newest of each of twelve months")
        .contains("2026-10-31-000000", "2025-12-31-000000")
        .doesNotContain("2025-11-30-000000")
        .hasSize(5 + 3 + 11);
  }

  @Test
  void severalOnOneDayCountAsOneDay() {
    List<Snapshot> all =
        List.of(
            complete("2026-11-20-010000"),
            complete("2026-11-20-020000"),
            complete("2026-11-21-010000"));
    assertThat(expired(all, new KeepRules(0, 0, 2, 0, 0))).containsExactly("2026-11-20-010000");
  }

  @Test
  void onlyUnfinishedFoldersBeforeACompleteOneAreLeftovers() {
    List<Snapshot> all =
        List.of(
            begun("2026-11-18-000000"), complete("2026-11-19-000000"), begun("2026-11-20-000000"));
    assertThat(RetentionPlanner.unfinished(all))
        .extracting(Snapshot::name)
        .containsExactly("2026-11-18-000000");
    assertThat(RetentionPlanner.unfinished(List.of(begun("2026-11-18-000000")))).isEmpty();
  }

  @Test
  void whatIsCompleteIsNeverOutrun() {
    List<Snapshot> all =
        List.of(
            begun("2026-11-18-000000"),
            complete("2026-11-19-000000"),
            begun("2026-11-20-000000"),
            begun("2026-11-21-000000"),
            begun("2026-11-22-000000"));
    assertThat(RetentionPlanner.outrun(all, "2026-11-21-000000"))
        .extracting(Snapshot::name)
        .containsExactly("2026-11-18-000000", "2026-11-20-000000");
  }

  private static List<String> expired(List<Snapshot> all, KeepRules rules) {
    return RetentionPlanner.expired(all, rules, NOW).stream().map(Snapshot::name).toList();
  }

  private static List<Snapshot> days(int count) {
    List<Snapshot> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Instant day = Instant.parse("2026-11-21T00:00:00Z").minus(Duration.ofDays(i));
      all.add(complete(SnapshotName.of(day)));
    }
    return all;
  }

  private static Snapshot complete(String name) {
    ObjectStat manifest =
        new ObjectStat(
            new ObjectKey(name + "/m"),
            1,
            NOW,
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    return new Snapshot(name, SnapshotName.parse(name), Optional.of(manifest));
  }

  private static Snapshot begun(String name) {
    return new Snapshot(name, SnapshotName.parse(name), Optional.empty());
  }
}
