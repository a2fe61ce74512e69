package dev.caravan.restore;

import static dev.caravan.restore.RestoreException.Reason.CANCELLED;
import static dev.caravan.restore.RestoreException.Reason.REFUSED;
import static dev.caravan.restore.RestoreException.Reason.UNKNOWN;

import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.restore.RestoreTable;
import dev.caravan.event.StorePath;
import dev.caravan.restore.Restores.Brought;
import dev.caravan.restore.Restores.Reader;
import dev.caravan.store.FileStat;
import dev.caravan.store.Filters;
import dev.caravan.store.StoreMissingException;
import dev.caravan.store.StoreTree;
import dev.caravan.store.scan.ScanEntry;
import dev.caravan.store.scan.StoreCursor;
import dev.caravan.store.scan.StoreScan;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Makes all that lies below a path local for those who asked. Whoever waits holds no thread: a
 * reading goes on when the file that it waits for is there. Few folders are walked at the same
 * time, and few files of each are on their way, so that the queue stays short for who wants one.
 */
final class Readings {

  /** Folders that are walked at the same time; the others wait, each as a name. */
  private static final int FOLDERS_AT_ONCE = 16;

  /** Files of one folder that are on their way at the same time. */
  private static final int AHEAD = 32;

  private static final int PAGE = 1_000;

  private final Restores restores;
  private final RestoreTable table;
  private final StoreTree tree;
  private final Executor executor;
  private final Deque<Folder> waiting = new ArrayDeque<>();
  private int walked;

  /**
   * @param executor runs what is short and waits for no remote
   */
  Readings(Restores restores, RestoreTable table, StoreTree tree, Executor executor) {
    this.restores = restores;
    this.table = table;
    this.tree = tree;
    this.executor = executor;
  }

  /** As {@link Restores#read} says. */
  CompletableFuture<Void> read(String root, Reader reader) {
    CompletableFuture<Void> result = new CompletableFuture<>();
    go(result, () -> begin(root, reader, result));
    return result;
  }

  /** A step of a reading; whatever it throws is the reading's end. */
  private void go(CompletableFuture<Void> result, Runnable step) {
    try {
      executor.execute(
          () -> {
            try {
              step.run();
            } catch (RuntimeException | Error e) {
              result.completeExceptionally(e);
              throw e;
            }
          });
    } catch (RejectedExecutionException e) {
      result.completeExceptionally(new RestoreException(CANCELLED, "Caravan is stopping"));
    }
  }

  private void begin(String root, Reader reader, CompletableFuture<Void> result) {
    List<FileRow> first = table.below(root, Optional.empty(), 2, true);
    boolean one = first.size() == 1 && first.get(0).path().value().equals(root);
    if (one || first.isEmpty() && !isFolder(root)) {
      // What the catalog does not know may be new, so that no cycle has seen it yet.
      single(StorePath.of(root), reader, result);
    } else {
      Folder folder = new Folder(root, reader, result, first.isEmpty() ? walk(root) : known(root));
      result.whenComplete((nothing, fault) -> nextFolder());
      if (hasRoom(folder)) {
        folder.advance();
      }
    }
  }

  /** True when a folder of the user's lies there; what cannot be looked at is none. */
  private boolean isFolder(String root) {
    if (root.isEmpty()) {
      return true;
    }
    StorePath path = StorePath.of(root);
    try {
      return !tree.isReserved(path)
          && tree.statAny(path).filter(f -> f.kind() == FileStat.Kind.FOLDER).isPresent();
    } catch (IOException e) {
      return false;
    }
  }

  /** The files of a folder, one after the other; empty after the last. */
  private interface Files {
    Optional<StorePath> next() throws RestoreException;
  }

  private Files known(String root) {
    return new Files() {
      private final Deque<FileRow> page = new ArrayDeque<>();
      private Optional<StorePath> after = Optional.empty();
      private boolean last;

      @Override
      public Optional<StorePath> next() {
        if (page.isEmpty() && !last) {
          page.addAll(table.below(root, after, PAGE, true));
          last = page.size() < PAGE;
        }
        Optional<StorePath> next = Optional.ofNullable(page.poll()).map(FileRow::path);
        after = next.or(() -> after);
        return next;
      }
    };
  }

  /** Of a folder that no cycle has seen yet; all that lies in it is there. */
  private Files walk(String root) {
    StoreScan scan = new StoreScan(tree, Filters.all());
    return new Files() {
      private Optional<StoreCursor> open = Optional.empty();

      @Override
      public Optional<StorePath> next() throws RestoreException {
        try {
          StoreCursor cursor =
              open.orElseGet(
                  () -> root.isEmpty() ? scan.open() : scan.openBelow(StorePath.of(root)));
          open = Optional.of(cursor);
          Optional<ScanEntry> each = cursor.next();
          while (each.isPresent() && !isFile(each.get())) {
            each = cursor.next();
          }
          return each.map(ScanEntry::path);
        } catch (StoreMissingException e) {
          throw new RestoreException(REFUSED, String.valueOf(e.getMessage()));
        }
      }
    };
  }

  private static boolean isFile(ScanEntry entry) {
    return entry.stat().filter(there -> there.kind() == FileStat.Kind.FILE).isPresent();
  }

  private void single(StorePath path, Reader reader, CompletableFuture<Void> result) {
    restores
        .begin(path)
        .whenComplete(
            (brought, fault) -> {
              if (fault != null) {
                result.completeExceptionally(fault);
                return;
              }
              try {
                told(reader, path, brought);
                result.complete(null);
              } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
              }
            });
  }

  private void told(Reader reader, StorePath path, Brought brought) {
    reader.file(path, brought);
    if (brought.from().isEmpty()) {
      restores.noteRead(path); // Of what came just now, that is on record with its coming.
    }
  }

  private synchronized boolean hasRoom(Folder folder) {
    if (walked < FOLDERS_AT_ONCE) {
      walked++;
      return true;
    }
    waiting.add(folder);
    return false;
  }

  private void nextFolder() {
    Optional<Folder> next;
    synchronized (this) {
      next = Optional.ofNullable(waiting.poll());
      walked -= next.isPresent() ? 0 : 1;
    }
    next.ifPresent(folder -> go(folder.result, folder::advance));
  }

  /** A file that is on its way. */
  private record Coming(StorePath path, CompletableFuture<Brought> file) {}

  /** One folder's reading; a single thread at a time goes on with it. */
  private final class Folder {
    private final String root;
    private final Reader reader;
    private final CompletableFuture<Void> result;
    private final Files files;
    private final Deque<Coming> coming = new ArrayDeque<>();
    private boolean any;

    Folder(String root, Reader reader, CompletableFuture<Void> result, Files files) {
      this.files = files;
      this.root = root;
      this.reader = reader;
      this.result = result;
    }

    /** Goes as far as files are there, and again when the next one is. */
    void advance() {
      try {
        while (true) {
          fill();
          Coming next = coming.peek();
          if (next == null) {
            end();
            return;
          }
          if (!next.file().isDone()) {
            next.file().whenComplete((brought, fault) -> go(result, this::advance));
            return;
          }
          coming.remove();
          tell(next);
        }
      } catch (RestoreException e) {
        result.completeExceptionally(e);
      }
    }

    private void fill() throws RestoreException {
      while (coming.size() < AHEAD) {
        Optional<StorePath> next = files.next();
        if (next.isEmpty()) {
          return;
        }
        coming.add(new Coming(next.get(), restores.begin(next.get())));
      }
    }

    private void tell(Coming each) throws RestoreException {
      try {
        told(reader, each.path(), Restores.await(each.file()));
        any = true;
      } catch (RestoreException e) {
        // Its owner has deleted it, which the next cycle will see.
        if (e.reason() != UNKNOWN) {
          throw e;
        }
      }
    }

    private void end() {
      if (any || isFolder(root)) {
        result.complete(null);
      } else {
        single(StorePath.of(root), reader, result);
      }
    }
  }
}
