package dev.caravan.restore;

import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.restore.RestoreTable;
import dev.caravan.event.StorePath;
import dev.caravan.store.StoreTree;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Brings copies of files into another folder, such as one to compare with. Neither the store nor
 * the catalog changes, so that it may be done beside a running daemon. What lies there already is
 * never replaced; a file of the same size and time is taken for the same.
 */
public final class SideRestore {

  private static final int AT_ONCE = 8;
  private static final int PAGE = 1_000;

  private final RestoreTable table;
  private final Restorer restorer;
  private final StoreTree tree;
  private final Restores.World world;

  /**
   * @param world of which the files are; its tree is not written to
   * @param to a folder; made when it is missing
   */
  public SideRestore(Restores.World world, Path to, Clock clock) throws IOException {
    this.table = new RestoreTable(world.catalog());
    this.restorer = new Restorer(world, clock);
    this.world = world;
    Path folder = Files.createDirectories(to).toRealPath();
    this.tree = new StoreTree(folder, folder.resolve(".caravan"), clock);
  }

  /** What became of one file. */
  public sealed interface Result {}

  /** It lies there now. */
  public record Restored(long sizeBytes, List<String> lacking) implements Result {}

  /** A folder or link that lies there now, but not as it was. */
  public record Lacking(List<String> lacking) implements Result {}

  /** It lay there already. */
  public record There() implements Result {}

  /** There was no such file at that time. */
  public record Absent() implements Result {}

  /** It could not be had. */
  public record Failed(String message) implements Result {}

  /** Is told of each file, by one thread. */
  public interface Listener {
    void file(String path, Result result);
  }

  /**
   * Brings all files below these paths.
   *
   * @param roots store paths; {@code ""} means all
   * @param from the only remote to ask
   */
  public void run(List<String> roots, Optional<String> from, Listener listener)
      throws InterruptedException {
    ExecutorService pool = Executors.newFixedThreadPool(AT_ONCE);
    try {
      NodeRestore nodes =
          new NodeRestore(
              world.catalog(), tree, false, path -> Optional.empty(), new Told(listener));
      for (String root : roots) {
        if (!root.isEmpty() && !table.knows(root) && !nodes.knows(root)) {
          listener.file(root, new Failed("The catalog does not know it"));
        }
        nodes.makeFolders(root, Thread.currentThread()::isInterrupted);
        bring(pool, root, from, listener);
        nodes.makeLinks(root, Thread.currentThread()::isInterrupted);
      }
      nodes.finish();
    } finally {
      pool.shutdownNow();
    }
  }

  private record Told(Listener listener) implements NodeRestore.Listener {
    @Override
    public void lacking(StorePath path, List<String> lacking) {
      listener.file(path.value(), new Lacking(lacking));
    }

    @Override
    public void failed(StorePath path, String message) {
      listener.file(path.value(), new Failed(message));
    }
  }

  /**
   * Brings all files below these paths as they were at a time.
   *
   * @param roots store paths; {@code ""} means all
   * @param from the only remote to ask
   */
  public void run(List<String> roots, Optional<String> from, Instant at, Listener listener)
      throws InterruptedException {
    ExecutorService pool = Executors.newFixedThreadPool(AT_ONCE);
    try {
      for (String root : roots) {
        bring(pool, root, from, at, listener);
      }
    } finally {
      pool.shutdownNow();
    }
  }

  private void bring(
      ExecutorService pool, String root, Optional<String> from, Instant at, Listener listener)
      throws InterruptedException {
    PastFiles files =
        new PastFiles(
            new PastFiles.World(world.catalog(), world.remotes()),
            root,
            from,
            at,
            (remote, fault) -> listener.file(".", new Failed(String.valueOf(fault.getMessage()))));
    PastFetch fetch =
        new PastFetch(
            world.catalog(), tree, restorer, at, () -> Thread.currentThread().isInterrupted());
    Deque<PastFile> page = new ArrayDeque<>();
    Deque<Future<Result>> results = new ArrayDeque<>();
    Optional<PastFile> next = files.next();
    if (next.isEmpty() && !root.isEmpty()) {
      listener.file(root, new Failed("Neither the catalog nor a remote knows it"));
    }
    while (next.isPresent() || !page.isEmpty()) {
      if (next.isPresent() && page.size() < PAGE) {
        PastFile file = next.get();
        page.add(file);
        results.add(pool.submit(() -> bring(file, fetch)));
        next = files.next();
      } else {
        listener.file(page.remove().path().value(), await(results.remove()));
      }
    }
  }

  private Result bring(PastFile file, PastFetch fetch) {
    if (file.problem().isPresent()) {
      return new Failed(file.problem().get());
    }
    if (file.absence().isPresent()) {
      return new Absent();
    }
    try {
      if (tree.isReserved(file.path())) {
        return new Failed("Its name is one of Caravan's own");
      }
      Optional<PastFetch.Delivery> came = fetch.deliver(file, new Aside(file.path()));
      return came.isPresent() ? new Restored(came.get().sizeBytes(), List.of()) : new There();
    } catch (FileAlreadyExistsException e) {
      return new Failed("Something else lies there");
    } catch (RestoreException e) {
      return new Failed(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      return new Failed("It cannot be written: " + e.getMessage());
    }
  }

  /** A file's place in the other folder. */
  private final class Aside implements PastFetch.Place {
    private final StorePath path;

    Aside(StorePath path) {
      this.path = path;
    }

    @Override
    public boolean holds(Download.Wanted wanted) throws IOException {
      return isThere(wanted.sizeBytes(), wanted.modifiedNs(), open().path());
    }

    @Override
    public Reservations.Room take(long bytes) {
      return () -> {};
    }

    @Override
    public PastFetch.Spot open() throws IOException {
      Path place = tree.makeFoldersFor(path);
      return () -> place;
    }
  }

  private void bring(ExecutorService pool, String root, Optional<String> from, Listener listener)
      throws InterruptedException {
    Optional<StorePath> after = Optional.empty();
    while (true) {
      List<FileRow> page = table.below(root, after, PAGE, true);
      if (page.isEmpty()) {
        return;
      }
      List<Future<Result>> results = new ArrayList<>();
      page.forEach(row -> results.add(pool.submit(() -> bring(row, from))));
      for (int i = 0; i < page.size(); i++) {
        listener.file(page.get(i).path().value(), await(results.get(i)));
      }
      after = Optional.of(page.get(page.size() - 1).path());
    }
  }

  private static Result await(Future<Result> result) throws InterruptedException {
    try {
      return result.get();
    } catch (ExecutionException e) {
      return new Failed("It failed inside: " + e.getCause());
    }
  }

  private Result bring(FileRow row, Optional<String> from) {
    try {
      Path target = tree.makeFoldersFor(row.path());
      if (isThere(row.sizeBytes(), row.modifiedNs(), target)) {
        return new There();
      }
      Restorer.Delivery delivery =
          restorer.deliver(
              row, Restorer.Ask.now(from, () -> Thread.currentThread().isInterrupted()), target);
      return new Restored(row.sizeBytes(), delivery.lacking());
    } catch (FileAlreadyExistsException e) {
      return new Failed("Something else lies there");
    } catch (RestoreException e) {
      return new Failed(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      return new Failed("It cannot be written: " + e.getMessage());
    }
  }

  private static boolean isThere(long sizeBytes, long modifiedNs, Path target) throws IOException {
    return Files.isRegularFile(target)
        && Files.size(target) == sizeBytes
        && Files.getLastModifiedTime(target).toMillis() == Math.floorDiv(modifiedNs, 1_000_000L);
  }
}
