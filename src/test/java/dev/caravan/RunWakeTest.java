package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.catalog.RunRow;
import dev.caravan.catalog.turn.RunQueue;
import dev.caravan.catalog.turn.RunWake;
import dev.caravan.catalog.turn.RunWish;
import dev.caravan.event.Operation;
import dev.caravan.event.RunId;
import dev.caravan.event.RunState;
import dev.caravan.event.StorePath;
import dev.caravan.event.Trigger;
import dev.caravan.purge.PurgeRequest;
import dev.caravan.restore.RestoreRequest;
import dev.caravan.route.RouteFiles;
import dev.caravan.sync.SyncRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What begins when somebody is woken, and what waits, through the routes. */
@Timeout(60)
class RunWakeTest {

  private static final RunWish SYNC = RunWish.plain(Operation.SYNC, Trigger.MANUAL, false);
  private static final PurgeRequest DRY =
      new PurgeRequest(Trigger.MANUAL, true, PurgeRequest.Terms.FLOOR);

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aPurgeThatWasCancelledLeavesAWakeUpThatBeginsNothing(boolean dryRun) throws Exception {
    try (RoutesWorld world = RoutesWorld.start(folder)) {
      RunId id = world.app().operations().purge().request(wish(dryRun)).runId();
      assertThat(world.queue().cancel(id)).isTrue();
      send(world, "direct:purge-run", RunWake.UP);
      assertThat(world.runs()).extracting(RunRow::state).containsExactly(RunState.CANCELLED);
    }
  }

  private static PurgeRequest wish(boolean dryRun) {
    return new PurgeRequest(Trigger.MANUAL, dryRun, PurgeRequest.Terms.FLOOR);
  }

  @Test
  void aSyncThatWasCancelledLeavesAWakeUpThatBeginsNothing() throws Exception {
    try (RoutesWorld world = RoutesWorld.start(folder)) {
      RunId id = world.queue().request(new SyncRequest(Trigger.MANUAL, true).wish()).runId();
      world.queue().cancel(id);
      send(world, "direct:sync-run", RunWake.UP);
      assertThat(world.runs()).extracting(RunRow::state).containsExactly(RunState.CANCELLED);
    }
  }

  @Test
  void aWakeUpBeginsWhatWaits() throws Exception {
    try (RoutesWorld world = RoutesWorld.start(folder)) {
      RunId id = world.app().operations().purge().request(DRY).runId();
      send(world, "direct:purge-run", RunWake.UP);
      assertThat(world.runs()).singleElement().matches(run -> run.id().equals(id) && run.dryRun());
      assertThat(world.runs().get(0).state().isEnded()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"schedule", "anything"})
  void aTriggerBeginsARunOfItsOwnThoughADryRunWaits(String body) throws Exception {
    try (RoutesWorld world = RoutesWorld.start(folder)) {
      for (Operation operation : List.of(Operation.SYNC, Operation.PURGE)) {
        RunWish dry = operation == Operation.SYNC ? syncDry() : DRY.wish();
        RunId waiting = world.queue().request(dry).runId();
        send(world, "direct:" + operation.label() + "-run", body);
        List<RunRow> runs = world.runs().stream().filter(r -> r.operation() == operation).toList();
        assertThat(runs).hasSize(2);
        assertThat(runs).filteredOn(r -> !r.dryRun()).allMatch(r -> r.state().isEnded());
        assertThat(runs)
            .filteredOn(RunRow::dryRun)
            .allMatch(r -> r.state() == RunState.QUEUED && r.id().equals(waiting));
      }
    }
  }

  private static RunWish syncDry() {
    return new SyncRequest(Trigger.MANUAL, true).wish();
  }

  @Test
  void roomForAReaderIsMadeBesideADryRunThatWaits() throws Exception {
    try (RoutesWorld world = RoutesWorld.start(folder)) {
      RunId dry = world.app().operations().purge().request(DRY).runId();
      PurgeRequest.Terms terms = new PurgeRequest.Terms(Optional.of(1L), Optional.empty());
      send(world, "direct:purge-run", new PurgeRequest(Trigger.HOOK, false, terms));
      assertThat(world.runs())
          .anyMatch(run -> run.trigger() == Trigger.HOOK && run.state().isEnded());
      send(world, "direct:purge-run", RunWake.UP);
      send(world, "direct:purge-run", RunWake.UP);
      assertThat(world.runs()).hasSize(2);
      assertThat(world.runs())
          .filteredOn(RunRow::dryRun)
          .allMatch(run -> run.id().equals(dry) && run.state().isEnded());
    }
  }

  @Test
  void aStoreThatGotAFileWhileItWasWaitedForIsNotTakenForANewMachine() throws Exception {
    Path first = Files.createDirectories(folder.resolve("first"));
    try (RoutesWorld world = RoutesWorld.start(first)) {
      assertThat(world.write("a", "1").sync()).containsEntry("state", "succeeded");
    }
    Path next = Files.createDirectories(folder.resolve("next"));
    String config = Files.readString(first.resolve("caravan.yaml"));
    Files.writeString(
        next.resolve("caravan.yaml"),
        config.replace("path: remote", "path: " + first.resolve("remote")));
    try (RoutesWorld world = RoutesWorld.start(next)) {
      RunQueue.Begun running = world.queue().beginOwn(SYNC);
      RestoreRequest wanted =
          new RestoreRequest(Trigger.MANUAL, List.of(""), Optional.empty(), Optional.empty(), true);
      assertThat(world.app().operations().restoreRuns().request(wanted)).isPresent();
      Thread restore = new Thread(() -> send(world, "direct:restore-run", RunWake.UP));
      restore.start();
      Awaitility.await().until(world.queue()::isHeld);
      world.write("b", "mine");
      world.queue().end(running.book(), RunState.SUCCEEDED, Optional.empty());
      restore.join(20_000);
      assertThat(world.queue().isHeld()).isFalse();
      assertThat(world.app().operations().restores().findAway(StorePath.of("a"))).isEmpty();
    }
  }

  @Test
  void routesThatCannotBeReadAnyMoreKeepNoRunFromBeginning() throws Exception {
    try (RoutesWorld world = RoutesWorld.start(folder)) {
      RouteReload reload = world.reload();
      RunQueue.Begun running = world.queue().beginOwn(SYNC);
      String sync = RouteFiles.bundled("sync.camel.yaml").text();
      RoutesWorld.routes(folder, "sync.camel.yaml", "# 1\n" + sync);
      reload.look();
      reload.look();
      assertThat(world.queue().isHeld()).isTrue();
      RoutesWorld.routes(folder, "sync.camel.yaml", " ".repeat((1 << 20) + 1));
      reload.look();
      reload.look();
      assertThat(reload.faults()).isNotEmpty();
      assertThat(world.queue().isHeld()).isFalse();
      world.queue().end(running.book(), RunState.SUCCEEDED, Optional.empty());
    }
  }

  private static void send(RoutesWorld world, String uri, Object body) {
    Exchange done = world.context().createFluentProducerTemplate().withBody(body).to(uri).send();
    if (done.getException() != null) {
      throw new AssertionError(done.getException());
    }
  }
}
