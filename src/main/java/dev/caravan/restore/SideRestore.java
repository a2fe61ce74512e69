package dev.caravan.restore;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.restore.RestoreTable;
import dev.caravan.event.StorePath;
import dev.caravan.store.StoreTree;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
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
  private final Catalog catalog;

  /**
   * @param world of which the files are; its tree is not written to
   * @param to a folder; made when it is missing
   */
  public SideRestore(Restores.World world, Path to, Clock clock) throws IOException {
    this.catalog = world.catalog();
    this.table = new RestoreTable(catalog);
    this.restorer = new Restorer(world, clock);
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
          new NodeRestore(catalog, tree, path -> Optional.empty(), new Told(listener));
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
      if (isThere(row, target)) {
        return new There();
      }
      Restorer.Delivery delivery =
          restorer.deliver(row, from, () -> Thread.currentThread().isInterrupted(), target);
      return new Restored(row.sizeBytes(), delivery.lacking());
    } catch (FileAlreadyExistsException e) {
      return new Failed("Something else lies there");
    } catch (RestoreException e) {
      return new Failed(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      return new Failed("It cannot be written: " + e.getMessage());
    }
  }

  private static boolean isThere(FileRow row, Path target) throws IOException {
    return Files.isRegularFile(target)
        && Files.size(target) == row.sizeBytes()
        && Files.getLastModifiedTime(target).toMillis()
            == Math.floorDiv(row.modifiedNs(), 1_000_000L);
  }
}
