package dev.caravan.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.catalog.RunRow;
import dev.caravan.event.Event;
import dev.caravan.event.EventBus;
import dev.caravan.event.RunState;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.sim.FlakyRemote;
import dev.caravan.sim.FlakyRemote.Break;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a cycle tells those who listen. */
class SyncEventsTest {

  @TempDir Path store;
  private final FlakyRemote near = new FlakyRemote("near");
  private SyncWorld world;
  private long seen;

  @BeforeEach
  void open() {
    world = SyncWorld.of(store, near);
    seen = world.events().find(OptionalLong.empty()).after();
  }

  @AfterEach
  void close() {
    world.close();
  }

  /** What happened since the last call, one line each. */
  private List<String> told(String kind) {
    EventBus.Portion portion = world.events().read(seen, 100_000);
    seen = world.events().find(OptionalLong.empty()).after();
    return portion.events().stream()
        .filter(event -> event.kind().equals(kind))
        .map(event -> event.run().orElseThrow() + " " + event.content().fields().values())
        .toList();
  }

  @Test
  void everyStateOfARunIsToldOnceTheCatalogHasIt() {
    List<String> states = new ArrayList<>();
    world
        .events()
        .listen(
            event -> {
              if (event.kind().equals("status")) {
                states.add(event.fields().get("state") + " " + recorded(event));
              }
            });
    world.cycle();
    assertThat(states).containsExactly("queued queued", "running running", "succeeded succeeded");
  }

  private String recorded(Event event) {
    Optional<RunRow> row = world.catalog().runs().find(event.run().orElseThrow());
    return row.map(RunRow::state).map(RunState::label).orElse("unknown");
  }

  @Test
  void aFileIsToldOnceTheCatalogHasIt() throws Exception {
    world.write("a/b", "one");
    List<String> states = new ArrayList<>();
    world
        .events()
        .listen(
            event -> {
              if (event.kind().equals("file")) {
                states.add(event.fields() + " " + world.file("a/b").state());
              }
            });
    world.cycle();
    assertThat(states)
        .containsExactly(
            "{run_id=run-1, path=a/b, change=uploaded, remote=near} " + world.file("a/b").state());
    assertThat(world.file("a/b").state()).isEqualTo("synced");
  }

  @Test
  void whatWasDeletedIsToldAndWhatWasFoundInPlaceIsNot() throws Exception {
    world.write("a", "one");
    world.write("b", "two");
    world.cycle();
    assertThat(told("file"))
        .containsExactlyInAnyOrder("run-1 [a, uploaded, near]", "run-1 [b, uploaded, near]");
    world.cycle();
    assertThat(told("file")).as("nothing changed").isEmpty();
    world.delete("a");
    world.cycle();
    world.clock().advance(Duration.ofMinutes(1));
    world.cycle();
    assertThat(told("file")).containsExactly("run-4 [a, trashed, near]");
  }

  @Test
  void whatFailedIsTold() throws Exception {
    world.cycle();
    world.write("a", "one");
    RunRow run = world.manual();
    for (int others = 0; run.state() != RunState.PARTIAL; others++) {
      assertThat(others).as("calls of which none is the upload").isLessThan(9);
      world.write("a", "one more " + others);
      near.breakAfter(others, Break.BEFORE, Cause.OTHER);
      run = world.manual();
      near.mend();
    }
    assertThat(told("file")).endsWith(run.id() + " [a, failed, near]");
  }

  @Test
  void aRunTellsItsLogItsProgressAndItsEndInThisOrder() throws Exception {
    for (int i = 0; i < 20; i++) {
      world.write("f" + i, "x");
    }
    world.cycle();
    List<Event> events = world.events().read(seen, 100_000).events();
    assertThat(events).extracting(Event::kind).contains("log", "progress");
    assertThat(events.get(events.size() - 1).fields())
        .containsEntry("run_id", "run-1")
        .containsEntry("operation", "sync")
        .containsEntry("state", "succeeded");
    assertThat(events.get(events.size() - 2).fields())
        .containsEntry("done", 20L)
        .containsEntry("total", 20L)
        .containsEntry("unit", "files")
        .containsEntry("bytes_done", 20L)
        .containsEntry("bytes_total", 20L);
  }
}
