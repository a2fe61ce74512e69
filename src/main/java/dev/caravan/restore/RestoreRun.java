package dev.caravan.restore;

import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.ItemRow;
import dev.caravan.catalog.RunBook;
import dev.caravan.catalog.RunCount;
import dev.caravan.catalog.restore.RestoreTable;
import dev.caravan.event.Counted;
import dev.caravan.event.EventContent.FileChange.Change;
import dev.caravan.event.RunState;
import dev.caravan.event.StorePath;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** One run that brings files back. */
public final class RestoreRun {

  private static final int PAGE = 1_000;
  private static final String NO_HOLDER =
      "No remote is known to hold files of this store: run a sync first. (Only a store without any"
          + " file becomes, as on a new machine, the one whose files lie at the remotes.)";
  private static final String ACTION = "restore";
  private static final int NAMED_MAX = 20;
  private static final String AS_OF = "as_of";

  private final Restores restores;
  private final Rehydration rehydration;
  private final RestoreTable table;
  private final RunBook book;
  private final RestoreRequest request;
  private final NodeRestore nodes;
  private final LostFiles lost;
  private final AtomicLong incomplete = new AtomicLong();
  private Optional<String> failure = Optional.empty();
  private long expected;

  RestoreRun(
      Restores restores,
      Rehydration rehydration,
      RestoreTable table,
      RunBook book,
      RestoreRequest request) {
    this.restores = restores;
    this.rehydration = rehydration;
    this.table = table;
    this.book = book;
    this.request = request;
    this.nodes = restores.nodes(new Told());
    this.lost = restores.lost();
  }

  /** What becomes of folders and links is told as of files. */
  private final class Told implements NodeRestore.Listener {
    @Override
    public void lacking(StorePath path, List<String> lacking) {
      book.item(nodeItem(path.value(), "done", RestoreRun.this.lacking(path.value(), lacking)));
    }

    @Override
    public void failed(StorePath path, String message) {
      fail(path.value(), message);
    }
  }

  private static ItemRow nodeItem(String path, String state, Optional<String> message) {
    return new ItemRow(0, path, Optional.empty(), ACTION, ACTION, state, -1, message);
  }

  RunBook book() {
    return book;
  }

  /** Counts what there is to do; a path that nobody knows is a failure of its own. */
  void plan() {
    try {
      rehydration.learn(book, request.from());
    } catch (RestoreException e) {
      fail(String.valueOf(e.getMessage()));
      return;
    }
    if (request.asOf().isPresent()) {
      return;
    }
    if (!table.isAnyHolder()) {
      fail(NO_HOLDER);
      return;
    }
    for (String path : request.paths()) {
      if (!path.isEmpty() && !table.knows(path) && !nodes.knows(path)) {
        fail(path, "Neither the store nor the catalog knows it; --as-of asks for what was deleted");
        continue;
      }
      if (!request.catalogOnly()) {
        Optional<LostFiles.Refused> refused = lost.recordAway(path, book::isCancelled);
        refused.ifPresent(each -> fail(each.path().value(), each.why()));
        RestoreTable.Away away = table.count(path);
        book.expect(away.files(), away.bytes());
        expected += away.files();
        nodes.makeFolders(path, book::isCancelled);
      }
    }
  }

  /** All files are there, or said why not: what remains are links, and the times of folders. */
  void finish() {
    if (request.asOf().isPresent()) {
      return;
    }
    if (!request.catalogOnly()) {
      request.paths().forEach(path -> nodes.makeLinks(path, () -> !goesOn()));
    }
    nodes.finish();
    if (nodes.folders() + nodes.links() > 0) {
      book.info(
          "Made: %s and %s"
              .formatted(Counted.of(nodes.folders(), "folder"), Counted.of(nodes.links(), "link")));
    }
  }

  /**
   * The files that are away, in batches, or those of whatever was there at the time that was asked
   * for, read a page at a time while the run goes on.
   */
  public Iterator<?> getFiles() {
    return request.asOf().isPresent() ? new Past(request.asOf().get()) : new Away();
  }

  /** Those of an earlier time. */
  private final class Past implements Iterator<PastFile> {
    private final Instant at;
    private final Deque<String> roots = new ArrayDeque<>(request.paths());
    private Optional<PastFiles> files = Optional.empty();
    private Optional<PastFile> next = Optional.empty();
    private boolean any;

    Past(Instant at) {
      this.at = at;
    }

    @Override
    public synchronized boolean hasNext() {
      while (next.isEmpty() && !roots.isEmpty() && goesOn()) {
        if (files.isEmpty()) {
          files = Optional.of(restores.past(roots.element(), request.from(), at, this::broken));
          any = false;
        }
        next = files.get().next();
        any |= next.isPresent();
        if (next.isEmpty()) {
          String root = roots.remove();
          files = Optional.empty();
          if (!any && !root.isEmpty()) {
            fail(root, "Neither the catalog nor a remote knows it");
          }
        }
      }
      return next.isPresent() && goesOn();
    }

    private void broken(Remote remote, RemoteException fault) {
      fail(
          ".",
          "The versions at remote '%s' cannot be listed; files that only it knows are left out: %s"
              .formatted(remote.name(), fault.getMessage()));
    }

    @Override
    public synchronized PastFile next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      PastFile file = next.orElseThrow();
      next = Optional.empty();
      book.expect(1, 0);
      return file;
    }
  }

  private final class Away implements Iterator<RestoreBatch> {
    private final Deque<String> roots = new ArrayDeque<>(request.paths());
    private final Deque<FileRow> page = new ArrayDeque<>();
    private Optional<StorePath> after = Optional.empty();
    private long left = expected;

    @Override
    public synchronized boolean hasNext() {
      while (page.isEmpty() && !roots.isEmpty() && goesOn()) {
        List<FileRow> next = table.below(roots.element(), after, PAGE, false);
        if (next.isEmpty()) {
          roots.remove();
          after = Optional.empty();
        } else {
          after = Optional.of(next.get(next.size() - 1).path());
          page.addAll(next);
        }
      }
      return !page.isEmpty() && goesOn();
    }

    @Override
    public synchronized RestoreBatch next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      List<FileRow> rows = new ArrayList<>();
      long bytes = 0;
      int most = RestoreBatch.mostOf(left);
      do {
        FileRow row = page.remove();
        rows.add(row);
        bytes += row.sizeBytes();
      } while (!page.isEmpty()
          && rows.size() < most
          && bytes + page.element().sizeBytes() <= RestoreBatch.BYTES_MAX
          && Math.max(rows.get(0).sizeBytes(), page.element().sizeBytes())
              <= RestoreBatch.SMALL_BYTES);
      left -= rows.size();
      return new RestoreBatch(rows);
    }
  }

  private boolean goesOn() {
    return failure.isEmpty() && !request.catalogOnly() && !book.isCancelled();
  }

  /** Brings files back, or says why not. */
  void bring(RestoreBatch batch) {
    restores.bring(batch, request.from(), book::isCancelled, new Came());
  }

  private final class Came implements Batches.Told {
    @Override
    public void there(FileRow row, Restores.Brought brought) {
      if (brought.from().isPresent()) {
        book.count(RunCount.RESTORED, 1);
        book.moved(brought.stat().sizeBytes());
        Optional<String> lacks = lacking(row.path().value(), brought.lacking());
        book.item(item(row, brought.from(), "done", lacks));
        book.tell(row.path(), Change.RESTORED, brought.from().get());
      }
      book.moving(row.sizeBytes());
      book.advance(1);
    }

    @Override
    public void failed(FileRow row, RestoreException fault) {
      if (fault.reason() != RestoreException.Reason.CANCELLED) {
        fail(row.path().value(), String.valueOf(fault.getMessage()));
        book.advance(1);
      }
    }
  }

  /** Says what could not be given to what is back; of many, the rest is in the run's items. */
  private Optional<String> lacking(String path, List<String> lacking) {
    if (lacking.isEmpty()) {
      return Optional.empty();
    }
    String text = String.join("; ", lacking);
    if (incomplete.incrementAndGet() <= NAMED_MAX) {
      book.warn(path + " is back, but " + text);
    }
    return Optional.of(text);
  }

  /** How many came back without all of the time, permissions and owner that they had. */
  long incomplete() {
    return incomplete.get();
  }

  /** Brings one file as it was, or says why not. */
  void bring(PastFile file) {
    String path = file.path().value();
    try {
      if (file.problem().isPresent()) {
        fail(path, file.problem().get());
      } else if (file.absence().isPresent()) {
        skip(path, file.absence().get());
      } else {
        Optional<PastFetch.Delivery> came =
            restores.pastFetch(request.asOf().orElseThrow(), book::isCancelled).bring(file);
        if (came.isPresent()) {
          long bytes = came.get().sizeBytes();
          book.count(RunCount.RESTORED, 1);
          book.moved(bytes);
          book.item(
              new ItemRow(
                  0,
                  path,
                  Optional.of(came.get().from()),
                  ACTION,
                  AS_OF,
                  "done",
                  bytes,
                  Optional.empty()));
          book.tell(file.path(), Change.RESTORED, came.get().from());
          restores.counted(true);
        }
      }
    } catch (RestoreException e) {
      if (e.reason() == RestoreException.Reason.CANCELLED) {
        return;
      }
      restores.counted(false);
      fail(path, String.valueOf(e.getMessage()));
    }
    book.advance(1);
  }

  private void skip(String path, String why) {
    book.count(RunCount.SKIPPED, 1);
    book.item(
        new ItemRow(0, path, Optional.empty(), ACTION, AS_OF, "skipped", -1, Optional.of(why)));
  }

  private void fail(String path, String message) {
    book.count(RunCount.FAILED, 1);
    book.item(nodeItem(path, "failed", Optional.of(message)));
    book.warn(path + ": " + message);
  }

  private static ItemRow item(
      FileRow row, Optional<String> from, String state, Optional<String> message) {
    return new ItemRow(
        0, row.path().value(), from, ACTION, "purged", state, row.sizeBytes(), message);
  }

  void fail(String message) {
    failure = Optional.of(message);
  }

  /** True when the run itself failed, and not only files that were asked for. */
  boolean isBroken() {
    return failure.isPresent();
  }

  RunState state(boolean stopping) {
    if (failure.isPresent()) {
      return RunState.FAILED;
    }
    if (book.isCancelled()) {
      return stopping ? RunState.INTERRUPTED : RunState.CANCELLED;
    }
    long failed = book.count(RunCount.FAILED);
    if (failed == 0) {
      return RunState.SUCCEEDED;
    }
    boolean any = book.count(RunCount.RESTORED) + nodes.folders() + nodes.links() > 0;
    return any ? RunState.PARTIAL : RunState.FAILED;
  }

  Optional<String> error(boolean stopping) {
    if (failure.isPresent()) {
      return failure;
    }
    if (book.isCancelled()) {
      return Optional.of(stopping ? "Caravan was stopped" : "Cancelled");
    }
    long failed = book.count(RunCount.FAILED);
    return failed == 0
        ? Optional.empty()
        : Optional.of(
            Counted.of(failed, "file") + " could not be brought back; see the run's items");
  }
}
