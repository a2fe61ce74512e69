package dev.caravan.check;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.ItemRow;
import dev.caravan.catalog.RunBook;
import dev.caravan.catalog.RunCount;
import dev.caravan.catalog.RunRow;
import dev.caravan.config.CheckSettings;
import dev.caravan.contract.TestContent;
import dev.caravan.event.Operation;
import dev.caravan.event.RunId;
import dev.caravan.event.RunState;
import dev.caravan.event.StorePath;
import dev.caravan.event.Trigger;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.restore.RestoreException;
import dev.caravan.restore.RestoreWorld;
import dev.caravan.store.FileStat;
import dev.caravan.sync.SyncWorld;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;

/** A mirrored store that is checked as the routes do it. */
final class CheckedStore implements AutoCloseable {

  private final SyncWorld world;
  private final RestoreWorld restore;
  private final List<Remote> remotes;
  private final AtomicInteger ids = new AtomicInteger();
  private final CheckMeters meters;
  private CheckSettings settings = new CheckSettings(Duration.ZERO, 0);
  private Optional<String> refusal = Optional.empty();

  CheckedStore(SyncWorld world, Remote... remotes) {
    this.world = world;
    this.restore = new RestoreWorld(world, remotes);
    this.remotes = List.of(remotes);
    this.meters = new CheckMeters(world.meters());
  }

  /** What a check came to. */
  record Result(RunState state, String error, List<ItemRow> items, RunBook book) {

    /** The items as {@code remote reason path}, without the remote for the store itself. */
    List<String> found() {
      return items.stream()
          .map(i -> i.remote().map(r -> r + " ").orElse("") + i.reason() + " " + i.path())
          .sorted()
          .toList();
    }

    long count(RunCount what) {
      return book.count(what);
    }
  }

  Result check(CheckMode mode) {
    return check(mode, false);
  }

  Result repair(CheckMode mode) {
    return check(mode, true);
  }

  private Result check(CheckMode mode, boolean repair) {
    return check(CheckRequest.Terms.all(mode, repair));
  }

  /** What is done by itself on one day. */
  Result daily(Duration cycle, int drill) {
    settings = new CheckSettings(cycle, drill);
    return check(CheckRequest.daily().terms());
  }

  private Result check(CheckRequest.Terms terms) {
    RunBook book = book();
    CheckRun run = new CheckRun(checkWorld(), terms, book, meters, world.clock());
    run.getFiles().forEachRemaining(run.local()::look);
    for (RemoteCheck remote : run.getRemotes()) {
      remote.begin();
      remote.getSubjects().forEachRemaining(remote::look);
      remote.end();
    }
    run.drill();
    CheckOutcome outcome = CheckOutcome.of(run, false);
    book.end(outcome.state(), outcome.error());
    return new Result(
        outcome.state(),
        outcome.error().orElse(""),
        world.catalog().items().list(book.id(), Optional.empty(), 0, 10_000),
        book);
  }

  private RunBook book() {
    Catalog catalog = world.catalog();
    RunId id = new RunId("check-" + ids.incrementAndGet());
    RunRow row =
        new RunRow(
            id,
            Operation.CHECK,
            Trigger.MANUAL,
            RunState.QUEUED,
            false,
            world.clock().millis(),
            0,
            0,
            Optional.empty(),
            "{}");
    catalog.commit(session -> catalog.runs().insert(session, row));
    catalog.commit(session -> catalog.runs().recordBegin(session, id, world.clock().millis()));
    return new RunBook(catalog, world.events(), id, Operation.CHECK, world.clock());
  }

  private CheckWorld checkWorld() {
    List<CheckRemote> checked = new ArrayList<>();
    for (Remote remote : remotes) {
      int id = world.catalog().remotes().find(remote.name()).orElseThrow().id();
      checked.add(new CheckRemote(id, remote, () -> {}));
    }
    return new CheckWorld(
        world.catalog(),
        world.tree(),
        path -> true,
        () -> checked,
        () -> refusal,
        (path, cancelled) -> bring(path),
        new CheckWorld.Daily(settings, new Random(7)));
  }

  private void bring(StorePath path) throws IOException {
    try {
      restore.restores().begin(path).join();
    } catch (CompletionException e) {
      throw new IOException(e.getCause() instanceof RestoreException r ? r.getMessage() : "?", e);
    }
  }

  /** From now on the store is not to be looked at. */
  void refuse(String reason) {
    refusal = Optional.of(reason);
  }

  /** As a purge leaves a file. */
  void purge(String path) throws IOException {
    restore.purge(path);
  }

  /** The remote silently holds other bytes under a name. */
  static void plant(Remote remote, String key, byte[] bytes) throws Exception {
    remote.put(new ObjectKey(key), TestContent.of(bytes));
  }

  /** The disk silently has other bytes of a file, whose stamps say nothing of it. */
  void rot(String path, String text) throws IOException {
    Path file = world.path(path);
    Files.writeString(file, text);
    FileStat now = world.tree().stat(StorePath.of(path)).orElseThrow();
    world
        .catalog()
        .commit(
            session ->
                session.execute(
                    "UPDATE file SET size = ?, modified_ns = ?, changed_ns = ?, inode = ?"
                        + " WHERE path = ?",
                    now.sizeBytes(),
                    now.modifiedNs(),
                    now.changedNs(),
                    now.inode(),
                    path));
  }

  @Override
  public void close() {
    restore.close();
    world.close();
  }
}
