package dev.caravan.check;

import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.ItemRow;
import dev.caravan.catalog.RunBook;
import dev.caravan.catalog.RunCount;
import dev.caravan.catalog.RunRow;
import dev.caravan.catalog.turn.RunQueue;
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
import java.util.function.BooleanSupplier;

/** A mirrored store that is checked as the routes do it. */
public final class CheckedStore implements AutoCloseable {

  private final SyncWorld world;
  private final RestoreWorld restore;
  private final List<Remote> remotes;
  private final AtomicInteger ids = new AtomicInteger();
  private final CheckMeters meters;
  private final RunQueue queue;
  private CheckSettings settings = new CheckSettings(Duration.ZERO, 0);
  private Optional<String> refusal = Optional.empty();
  private boolean keepsDeleted;
  private Fetched fetched = waiting -> {};

  public CheckedStore(SyncWorld world, Remote... remotes) {
    this.world = world;
    this.restore = new RestoreWorld(world, remotes);
    this.remotes = List.of(remotes);
    this.meters = new CheckMeters(world.meters());
    this.queue =
        new RunQueue(
            Operation.CHECK,
            world.catalog(),
            world.events(),
            () -> new RunId("check-" + ids.incrementAndGet()),
            world.clock());
  }

  /** From here on copies of deleted files stay at the remotes. */
  void keepDeleted() {
    keepsDeleted = true;
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
    Check check = check();
    CheckRun run;
    try {
      run = check.begin(new CheckRequest(Trigger.MANUAL, terms));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    run.getFiles().forEachRemaining(run::look);
    run.lookAtNodes();
    for (RemoteCheck remote : run.getRemotes()) {
      remote.begin();
      remote.getSubjects().forEachRemaining(subject -> run.look(remote, subject));
      remote.end();
    }
    run.drill();
    check.end(run);
    RunRow row = world.catalog().runs().find(run.book().id()).orElseThrow();
    return new Result(
        row.state(),
        row.error().orElse(""),
        world.catalog().items().list(row.id(), Optional.empty(), 0, 10_000),
        run.book());
  }

  /** As the application makes it. */
  public Check check() {
    return new Check(
        new CheckWorld(
            world.catalog(),
            world.tree(),
            path -> true,
            this::remotes,
            () -> refusal,
            new Back(),
            new CheckWorld.Daily(settings, new Random(7))),
        queue,
        meters,
        world.clock());
  }

  private List<CheckRemote> remotes() {
    List<CheckRemote> checked = new ArrayList<>();
    for (Remote remote : remotes) {
      int id = world.catalog().remotes().find(remote.name()).orElseThrow().id();
      checked.add(new CheckRemote(id, remote, keepsDeleted, () -> {}));
    }
    return checked;
  }

  /** As the application does it; {@link #onFetched} is called in between. */
  private final class Back implements CheckWorld.Comeback {
    @Override
    public void bring(StorePath path) throws IOException {
      try {
        restore.restores().begin(path).join();
      } catch (CompletionException e) {
        throw new IOException(e.getCause() instanceof RestoreException r ? r.getMessage() : "?", e);
      }
    }

    @Override
    public void fetch(FileRow row, String from, BooleanSupplier cancelled, Path to)
        throws IOException {
      try {
        restore.restores().fetch(row, from, cancelled, to);
      } catch (RestoreException e) {
        throw new IOException(e.getMessage(), e);
      }
      fetched.at(to);
    }
  }

  /** Brings a file back that left the disk. */
  void bring(String path) throws IOException {
    new Back().bring(StorePath.of(path));
  }

  /** What happens once a good copy waits. */
  interface Fetched {
    void at(Path waiting) throws IOException;
  }

  void onFetched(Fetched then) {
    fetched = then;
  }

  /** Asks the check that runs to end. */
  void cancel() {
    queue.cancel(new RunId("check-" + ids.get()));
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
