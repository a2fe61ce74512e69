package dev.caravan.restore;

import static dev.caravan.restore.RestoreException.Reason.CANCELLED;
import static dev.caravan.restore.RestoreException.Reason.UNAVAILABLE;
import static dev.caravan.restore.RestoreException.Reason.UNKNOWN;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.restore.RestoreTable;
import dev.caravan.event.EventBus;
import dev.caravan.event.EventContent.FileChange;
import dev.caravan.event.StorePath;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.store.FileStat;
import dev.caravan.store.StoreTree;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Brings files back for whoever asks. However many ask for a file at the same time, it is brought
 * once, and all of them see it whole or learn why not.
 */
public final class Restores implements AutoCloseable {

  /** Files that are brought at the same time. */
  private static final int AT_ONCE = 8;

  /** Files that are looked for in the store at the same time: those wait for no remote. */
  private static final int LOOKS_AT_ONCE = 4;

  private static final int IDLE_SECONDS = 30;

  private final Catalog catalog;
  private final RestoreTable table;
  private final StoreTree tree;
  private final Restorer restorer;
  private final World world;
  private final PastFiles.World past;
  private final RestoreMeters meters;
  private final EventBus events;
  private final Clock clock;
  private final ExecutorService pool = pool("restore-", AT_ONCE);
  private final ExecutorService looks = pool("look-", LOOKS_AT_ONCE);
  private final ConcurrentHashMap<StorePath, CompletableFuture<Brought>> underway =
      new ConcurrentHashMap<>();
  private final Batches batches;
  private final Readings readings;
  private volatile boolean closed;

  /**
   * What restores work on.
   *
   * @param remotes in the order in which they are tried
   * @param refusal why a file must not be written to the store now; empty when it may
   */
  public record World(
      Catalog catalog,
      StoreTree tree,
      List<Remote> remotes,
      Function<StorePath, Optional<String>> refusal,
      RoomMaker roomMaker) {}

  public Restores(World world, RestoreMeters meters, EventBus events, Clock clock) {
    this.world = world;
    this.catalog = world.catalog();
    this.table = new RestoreTable(catalog);
    this.tree = world.tree();
    this.restorer = new Restorer(world, clock);
    this.past = new PastFiles.World(world.catalog(), world.remotes());
    this.meters = meters;
    this.events = events;
    this.clock = clock;
    this.batches = new Batches(this, restorer, new Bulk(catalog, tree, restorer));
    this.readings = new Readings(this, table, tree, looks);
  }

  /**
   * A file that lies in the store.
   *
   * @param sha256 where the catalog knows it for exactly this version
   * @param from the remote that it was brought from; empty when it was there
   * @param lacking what of time, permissions and owner it could not be given
   */
  public record Brought(
      FileStat stat, Optional<String> sha256, Optional<String> from, List<String> lacking) {}

  /** A file that is open, and what it is. */
  public record Opened(FileChannel channel, Brought brought) {}

  private static ExecutorService pool(String name, int threads) {
    AtomicInteger number = new AtomicInteger();
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, name + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /** What brings back folders and links of this store. */
  NodeRestore nodes(NodeRestore.Listener listener) {
    return new NodeRestore(catalog, tree, true, world.refusal(), listener);
  }

  /** What finds files of this store that went without being purged. */
  LostFiles lost() {
    return new LostFiles(catalog, tree, world.refusal());
  }

  /**
   * Begins to make a file local for a reader, who has no run that would tell that it came; ends
   * with a {@link RestoreException} when that cannot be.
   */
  public CompletableFuture<Brought> begin(StorePath path) {
    CompletableFuture<Brought> mine = new CompletableFuture<>();
    mine.thenAccept(brought -> brought.from().ifPresent(remote -> tell(path, remote)));
    return begin(path, Restorer.Ask.now(Optional.empty(), () -> closed), mine);
  }

  private void tell(StorePath path, String remote) {
    events.publish(new FileChange(path, FileChange.Change.RESTORED, remote));
  }

  /** Begins to make a file local for a run, which tells of it itself. */
  public CompletableFuture<Brought> begin(
      StorePath path, Optional<String> from, BooleanSupplier cancelled) {
    return begin(path, Restorer.Ask.now(from, () -> closed || cancelled.getAsBoolean()));
  }

  CompletableFuture<Brought> begin(StorePath path, Restorer.Ask ask) {
    return begin(path, ask, new CompletableFuture<>());
  }

  private CompletableFuture<Brought> begin(
      StorePath path, Restorer.Ask ask, CompletableFuture<Brought> mine) {
    CompletableFuture<Brought> other = claim(path, mine);
    if (other != mine) {
      return other;
    }
    submit(looks, path, mine, () -> look(path, ask, mine));
    return mine;
  }

  private void submit(
      ExecutorService to, StorePath path, CompletableFuture<Brought> mine, Runnable work) {
    try {
      to.execute(work);
    } catch (RejectedExecutionException e) {
      underway.remove(path, mine);
      stop(mine);
    }
  }

  /** What lies in the store is there for its readers, however long restores take. */
  private void look(StorePath path, Restorer.Ask ask, CompletableFuture<Brought> mine) {
    settle(
        path,
        mine,
        () -> {
          Optional<Restorer.Restored> there = restorer.findLocal(path);
          if (there.isEmpty()) {
            submit(pool, path, mine, () -> bring(path, ask, mine));
          }
          return there;
        });
  }

  /**
   * Brings exactly this version of a file to another place; neither the file itself nor the catalog
   * changes.
   *
   * @param row whose checksum is known
   * @param from the only remote to ask
   * @param to where it appears whole or not at all, in a folder that exists
   */
  public void fetch(FileRow row, String from, BooleanSupplier cancelled, Path to)
      throws RestoreException, IOException {
    restorer.fetchTo(to, row, from, () -> closed || cancelled.getAsBoolean());
  }

  /** The files at a path and below it as they were. */
  PastFiles past(
      String root, Optional<String> from, Instant at, BiConsumer<Remote, RemoteException> faults) {
    return new PastFiles(past, root, from, at, faults);
  }

  /** What brings files as they were. */
  PastFetch pastFetch(Instant at, BooleanSupplier cancelled) {
    return new PastFetch(catalog, tree, restorer, at, () -> closed || cancelled.getAsBoolean());
  }

  /** Counts a file that came, or could not. */
  void counted(boolean came) {
    if (came) {
      meters.restored();
    } else {
      meters.failed();
    }
  }

  private static void stop(CompletableFuture<Brought> future) {
    future.completeExceptionally(new RestoreException(CANCELLED, "Caravan is stopping"));
  }

  private void bring(StorePath path, Restorer.Ask ask, CompletableFuture<Brought> mine) {
    settle(path, mine, () -> Optional.of(restorer.bring(path, ask)));
  }

  /** Makes the files of a batch local. */
  void bring(
      RestoreBatch batch, Optional<String> from, BooleanSupplier cancelled, Batches.Told told) {
    batches.bring(batch, Restorer.Ask.now(from, () -> closed || cancelled.getAsBoolean()), told);
  }

  /** Notes that somebody brings a file; whoever does already is who it is. */
  CompletableFuture<Brought> claim(StorePath path, CompletableFuture<Brought> mine) {
    CompletableFuture<Brought> other = underway.putIfAbsent(path, mine);
    return other == null ? mine : other;
  }

  /** Tells those who wait for a file what became of it. */
  void settle(StorePath path, CompletableFuture<Brought> mine, Bulk.Outcome outcome) {
    settle(path, mine, (Search) () -> Optional.of(outcome.get()));
  }

  private interface Search {
    /** Empty when it goes on elsewhere. */
    Optional<Restorer.Restored> go() throws RestoreException;
  }

  private void settle(StorePath path, CompletableFuture<Brought> mine, Search search) {
    try {
      Optional<Restorer.Restored> found = search.go();
      if (found.isEmpty()) {
        return;
      }
      Restorer.Restored restored = found.get();
      FileStat stat = restored.stat();
      Optional<String> sha256 =
          restored
              .sha256()
              .or(
                  () ->
                      catalog
                          .files()
                          .find(path)
                          .filter(row -> isOf(row, stat))
                          .flatMap(FileRow::sha256));
      restored.from().ifPresent(remote -> meters.restored());
      underway.remove(path, mine);
      mine.complete(new Brought(stat, sha256, restored.from(), restored.lacking()));
    } catch (RestoreException e) {
      if (e.reason() != UNKNOWN && e.reason() != CANCELLED) {
        meters.failed();
      }
      underway.remove(path, mine);
      mine.completeExceptionally(e);
    } catch (RuntimeException | Error e) {
      // Those who wait must learn of whatever it was, else they would wait for ever.
      underway.remove(path, mine);
      mine.completeExceptionally(new RestoreException(UNAVAILABLE, "It failed inside: " + e));
      if (e instanceof Error error) {
        throw error;
      }
    }
  }

  private static boolean isOf(FileRow row, FileStat stat) {
    return row.state() == FileRow.State.PRESENT
        && row.sizeBytes() == stat.sizeBytes()
        && row.modifiedNs() == stat.modifiedNs()
        && row.changedNs() == stat.changedNs()
        && row.inode() == stat.inode();
  }

  /** True while somebody waits for this file: it must not leave the disk. */
  public boolean isUnderway(StorePath path) {
    return underway.containsKey(path);
  }

  /** Notes that somebody reads a file. */
  public void noteRead(StorePath path) {
    catalog.submit(session -> table.recordRead(session, path, clock.millis()));
  }

  /** Waits for a file. */
  static Brought await(CompletableFuture<Brought> future) throws RestoreException {
    try {
      return future.join();
    } catch (CompletionException e) {
      throw reasonOf(e);
    } catch (CancellationException e) {
      throw new RestoreException(CANCELLED, "Cancelled");
    }
  }

  /** Why a future of this class failed. */
  public static RestoreException reasonOf(Throwable fault) {
    for (Throwable each = fault; each != null; each = each.getCause()) {
      if (each instanceof RestoreException known) {
        return known;
      }
    }
    return new RestoreException(UNAVAILABLE, "It failed inside: " + fault);
  }

  /** What a reader of several files is told, by one thread at a time. */
  public interface Reader {
    void file(StorePath path, Brought brought);
  }

  /**
   * Makes every file below a path local, or the file of that name, and tells of each that is there
   * afterwards. Nobody waits here: the result comes when the last of them is there, or ends with a
   * {@link RestoreException} for the first that cannot be had; those before it stay.
   *
   * @param root a store path or {@code ""}
   */
  public CompletableFuture<Void> read(String root, Reader reader) {
    return readings.read(root, reader);
  }

  /**
   * Opens a file that was made local, not through links; the caller closes. Where its owner has
   * replaced it meanwhile, what is said of it is of what was opened.
   *
   * @throws NoSuchFileException when it left the disk or was replaced again: ask once more
   */
  public Opened open(StorePath path, Brought brought) throws IOException {
    Optional<FileStat> before = tree.stat(path);
    FileChannel channel = tree.open(path);
    Optional<FileStat> after = Optional.empty();
    try {
      after = before.isPresent() ? tree.stat(path) : before;
    } finally {
      if (after.isEmpty() || !after.get().isSameVersionAs(before.orElseThrow())) {
        channel.close();
      }
    }
    if (!channel.isOpen()) {
      throw new NoSuchFileException(path + " was replaced at this moment");
    }
    FileStat seen = after.orElseThrow();
    boolean same = brought.stat().isSameVersionAs(seen);
    Brought other = new Brought(seen, Optional.empty(), brought.from(), List.of());
    return new Opened(channel, same ? brought : other);
  }

  RestoreMeters meters() {
    return meters;
  }

  /** What the catalog knows of a file that is away; empty for one that is in the store. */
  public Optional<FileRow> findAway(StorePath path) {
    return catalog.files().find(path).filter(row -> row.state() == FileRow.State.PURGED);
  }

  @Override
  public void close() {
    closed = true;
    looks.shutdownNow();
    pool.shutdownNow();
    // What was queued never begins, and those who wait for it would wait for ever. Each was noted
    // here before it was queued; what comes later is refused by the pool.
    underway.values().forEach(Restores::stop);
  }
}
