package dev.caravan.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.caravan.event.EventBus;
import dev.caravan.event.Operation;
import dev.caravan.event.RunId;
import dev.caravan.event.RunState;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** The run history: kept, bounded, shown. */
class RunsTest {

  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-21T03:28:00.123Z"), ZoneOffset.UTC);

  @TempDir Path folder;
  private Catalog catalog;

  @BeforeEach
  void open() {
    catalog = Catalog.open(folder);
  }

  @AfterEach
  void close() {
    catalog.close();
  }

  private RunBook begun(String id) {
    catalog.commit(session -> catalog.runs().insert(session, Rows.run(id, false)));
    catalog.commit(session -> catalog.runs().recordBegin(session, new RunId(id), 2_000));
    return new RunBook(catalog, new EventBus(CLOCK), new RunId(id), Operation.SYNC, CLOCK);
  }

  private void ended(String id, RunState state, long at) {
    begun(id);
    catalog.commit(
        session ->
            catalog.runs().recordEnd(session, new RunId(id), state, Optional.empty(), "{}", at));
  }

  private RunRow find(String id) {
    return catalog.runs().find(new RunId(id)).orElseThrow();
  }

  private List<String> ids(Optional<RunState> state) {
    return catalog.runs().list(Optional.empty(), state, 100).stream()
        .map(run -> run.id().value())
        .toList();
  }

  @Test
  void whatAKilledRunDidAtItsRemotesIsInterruptedToo() {
    begun("a");
    String report =
        """
        {"remotes": {"near": {"state": "succeeded", "error": null},
                     "far": {"state": "running", "error": null}}}
        """;
    catalog.commit(
        session -> {
          catalog.runs().recordReport(session, new RunId("a"), report);
          catalog.runs().recordInterrupted(session, 9_000);
        });
    assertThat(RunView.of(find("a")).get("remotes"))
        .asInstanceOf(InstanceOfAssertFactories.map(String.class, Map.class))
        .hasEntrySatisfying("near", near -> assertThat(near).containsEntry("state", "succeeded"))
        .hasEntrySatisfying("far", far -> assertThat(far).containsEntry("state", "interrupted"));
  }

  @Test
  void aRunGoesFromQueuedToRunningToItsEndAndNoFurther() {
    catalog.commit(session -> catalog.runs().insert(session, Rows.run("a", false)));
    RunTable runs = catalog.runs();
    RunId id = new RunId("a");
    assertThat(find("a").state()).isEqualTo(RunState.QUEUED);
    assertThat(catalog.<Boolean>write(session -> runs.recordBegin(session, id, 5))).isTrue();
    assertThat(catalog.<Boolean>write(session -> runs.recordBegin(session, id, 6))).isFalse();
    catalog.commit(
        session -> runs.recordEnd(session, id, RunState.FAILED, Optional.of("x"), "{}", 9));
    catalog.commit(
        session -> runs.recordEnd(session, id, RunState.SUCCEEDED, Optional.empty(), "{}", 10));
    assertThat(find("a").state()).isEqualTo(RunState.FAILED);
    assertThat(find("a").error()).contains("x");
    assertThat(find("a").startedMillis()).isEqualTo(5);
    assertThat(find("a").endedMillis()).isEqualTo(9);
  }

  @Test
  void whatADeadProcessLeftIsEndedAndSaysWhy() {
    begun("running");
    catalog.commit(session -> catalog.runs().insert(session, Rows.run("queued", false)));
    ended("ended", RunState.SUCCEEDED, 3);
    int running = catalog.write(session -> catalog.runs().recordInterrupted(session, 77));
    assertThat(running).isEqualTo(1);
    assertThat(find("running").state()).isEqualTo(RunState.INTERRUPTED);
    assertThat(find("queued").state()).isEqualTo(RunState.CANCELLED);
    assertThat(find("ended").state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(find("running").error()).isPresent();
    assertThat(find("queued").endedMillis()).isEqualTo(77);
  }

  @Test
  void oldRunsGoWithTheirItemsButFailedOnesAndTheNewestStay() {
    for (RunState state : RunState.values()) {
      if (state.isEnded()) {
        ended(state.label(), state, 100);
      }
    }
    catalog.commit(
        session -> {
          catalog.items().insert(session, new RunId("succeeded"), List.of(item(1, "done")));
          catalog.items().insert(session, new RunId("failed"), List.of(item(1, "failed")));
        });
    ended("newest", RunState.SUCCEEDED, 100);
    catalog.commit(session -> catalog.runs().forgetBefore(session, 100));
    assertThat(ids(Optional.empty())).as("not before its time").hasSize(7);
    catalog.commit(session -> catalog.runs().forgetBefore(session, 101));
    assertThat(ids(Optional.empty())).containsExactly("newest", "failed");
    assertThat(catalog.items().list(new RunId("succeeded"), Optional.empty(), 0, 9)).isEmpty();
    assertThat(catalog.items().list(new RunId("failed"), Optional.empty(), 0, 9)).hasSize(1);
  }

  @Test
  void theHistoryIsNewestFirstAndCanBeFiltered() {
    ended("a", RunState.SUCCEEDED, 1);
    ended("b", RunState.FAILED, 2);
    ended("c", RunState.SUCCEEDED, 3);
    assertThat(ids(Optional.empty())).containsExactly("c", "b", "a");
    assertThat(ids(Optional.of(RunState.SUCCEEDED))).containsExactly("c", "a");
    assertThat(catalog.runs().list(Optional.of(Operation.PURGE), Optional.empty(), 9)).isEmpty();
    assertThat(catalog.runs().findLastEnded(Operation.SYNC).map(run -> run.id().value()))
        .contains("c");
  }

  @Test
  void aDryRunIsNotTheLastRun() {
    ended("a", RunState.SUCCEEDED, 1);
    catalog.commit(session -> catalog.runs().insert(session, Rows.run("dry", true)));
    catalog.commit(
        session ->
            catalog
                .runs()
                .recordEnd(
                    session, new RunId("dry"), RunState.SUCCEEDED, Optional.empty(), "{}", 9));
    assertThat(catalog.runs().findLastEnded(Operation.SYNC).map(run -> run.id().value()))
        .contains("a");
  }

  @Test
  void itemsAreBoundedAndCountsAreNot() {
    RunBook book = begun("a");
    for (int i = 0; i < 10_500; i++) {
      book.item(item(0, "done"));
      book.count(RunCount.UPLOADED, 1);
    }
    for (int i = 0; i < 10_500; i++) {
      book.item(item(0, "failed"));
      book.item(item(0, "skipped"));
    }
    book.end(RunState.SUCCEEDED, Optional.empty());
    List<ItemRow> kept = catalog.items().list(new RunId("a"), Optional.empty(), 0, 100_000);
    assertThat(kept).hasSize(20_200);
    assertThat(kept).extracting(ItemRow::seq).doesNotHaveDuplicates().isSorted();
    assertThat(catalog.items().list(new RunId("a"), Optional.of("skipped"), 0, 3)).hasSize(3);
    assertThat(catalog.items().list(new RunId("a"), Optional.empty(), 20_199, 3)).hasSize(1);
    assertThat(counts(RunView.of(find("a")))).containsEntry("uploaded", 10_500);
  }

  @Test
  void theLogTailKeepsTheLastLines() {
    ((Logger) LoggerFactory.getLogger("caravan.run")).setLevel(Level.OFF);
    RunBook book = begun("a");
    for (int i = 0; i < 150; i++) {
      book.warn("line " + i);
    }
    ((Logger) LoggerFactory.getLogger("caravan.run")).setLevel(Level.INFO);
    book.end(RunState.PARTIAL, Optional.of("some failed"));
    assertThat(RunView.of(find("a")).get("log_tail"))
        .asInstanceOf(InstanceOfAssertFactories.LIST)
        .hasSize(RunBook.LOG_MAX)
        .startsWith("[WARN] line 50")
        .endsWith("[WARN] line 149");
  }

  @Test
  void noRunHasDoneMoreThanThereIs() {
    RunBook book = begun("a");
    book.advance(2);
    book.moving(20);
    book.end(RunState.SUCCEEDED, Optional.empty());
    assertThat(RunView.of(find("a")).get("progress"))
        .isEqualTo(
            Map.of("done", 2, "total", 2, "unit", "files", "bytes_done", 20, "bytes_total", 20));
  }

  @Test
  void aRunHasTheShapeOfTheContract() {
    RunBook book = begun("a");
    book.remote("near", "failed", Optional.of("no"));
    book.remote("far", "succeeded", Optional.empty());
    book.expect(3, 30);
    book.advance(2);
    book.moving(20);
    book.end(RunState.PARTIAL, Optional.of("why"));
    Map<String, Object> view = RunView.of(find("a"));
    assertThat(view)
        .containsOnlyKeys(
            "run_id",
            "operation",
            "trigger",
            "state",
            "dry_run",
            "requested_at",
            "started_at",
            "ended_at",
            "error",
            "progress",
            "counts",
            "bytes",
            "remotes",
            "log_tail");
    assertThat(view.get("ended_at")).isEqualTo("2026-11-21T03:28:00.123Z");
    assertThat(view.get("progress"))
        .isEqualTo(
            Map.of("done", 2, "total", 3, "unit", "files", "bytes_done", 20, "bytes_total", 30));
    assertThat(counts(view).keySet())
        .containsExactly(
            "uploaded",
            "renamed",
            "deleted",
            "trashed",
            "restored",
            "purged",
            "verified",
            "different",
            "skipped",
            "failed");
    assertThat(view.get("remotes"))
        .asString()
        .isEqualTo("{near={state=failed, error=no}, far={state=succeeded, error=null}}");
  }

  @Test
  void aQueuedRunHasTheSameShape() {
    begun("a");
    catalog.commit(session -> catalog.runs().insert(session, Rows.run("q", false)));
    assertThat(RunView.of(find("q")).keySet()).isEqualTo(RunView.of(find("a")).keySet());
    assertThat(RunView.of(find("q"))).containsEntry("started_at", null);
    assertThat(counts(RunView.of(find("q")))).hasSize(RunCount.values().length);
  }

  private static Map<String, Object> counts(Map<String, ?> view) {
    Map<String, Object> counts = new LinkedHashMap<>();
    ((Map<?, ?>) view.get("counts")).forEach((name, files) -> counts.put("" + name, files));
    return counts;
  }

  private static ItemRow item(long seq, String state) {
    return new ItemRow(seq, "p", Optional.of("near"), "upload", "new", state, 5, Optional.empty());
  }
}
