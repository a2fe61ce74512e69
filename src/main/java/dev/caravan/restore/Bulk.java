package dev.caravan.restore;

import static dev.caravan.restore.RestoreException.Reason.CANCELLED;
import static dev.caravan.restore.RestoreException.Reason.UNAVAILABLE;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.restore.RestoreTable;
import dev.caravan.event.StorePath;
import dev.caravan.restore.Restorer.Delivery;
import dev.caravan.restore.Restorer.Restored;
import dev.caravan.store.AtomicFile;
import dev.caravan.store.FileStat;
import dev.caravan.store.StoreTree;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Brings many small files back with what they have in common done once: the look at their rows,
 * their folders, the forcing of those and the record. As for a single file, each lies whole on the
 * disk before its name appears, and is on record only afterwards.
 *
 * <p>Files are claimed one by one, and those that came appear after a moment, or when the one that
 * is on its way then is there too, so that whoever wants one of them does not wait for all.
 */
final class Bulk {

  /** How long files that came may wait for their fellows before they appear. */
  private static final long GATHERED_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Catalog catalog;
  private final RestoreTable table;
  private final StoreTree tree;
  private final Restorer restorer;

  Bulk(Catalog catalog, StoreTree tree, Restorer restorer) {
    this.catalog = catalog;
    this.table = new RestoreTable(catalog);
    this.tree = tree;
    this.restorer = restorer;
  }

  /** Says which files are whose, and is told what became of them. */
  interface Claims {
    /** Claims a file; false when somebody else brings it. */
    boolean take(StorePath path);

    /** What became of a file that was claimed. */
    void settle(StorePath path, Outcome outcome);
  }

  /** A file that is there, or why it is not. */
  interface Outcome {
    Restored get() throws RestoreException;
  }

  /**
   * Brings files back; returns once each that could be claimed is settled. After a cancellation the
   * rest is not claimed any more.
   *
   * @param paths few, and of small files, whose room is taken
   */
  void bring(List<StorePath> paths, Restorer.Ask ask, Claims claims) {
    Deque<StorePath> left = new ArrayDeque<>(paths);
    Map<StorePath, RestoreTable.Held> held = new HashMap<>();
    table.away(paths).forEach(each -> held.put(each.row().path(), each));
    while (!left.isEmpty() && !ask.cancelled().getAsBoolean()) {
      new Portion(held, ask, claims).bring(left);
    }
  }

  /** A file that has come and is not visible yet. */
  private record Come(FileRow row, AtomicFile file, String sha256, String from) {
    Delivery delivery() {
      return new Delivery(sha256, from, file.lacking());
    }
  }

  /** A file that was claimed. */
  private static final class Piece {
    private final StorePath path;
    private Optional<Come> come = Optional.empty();
    private Optional<FileStat> recorded = Optional.empty();
    private Optional<Outcome> outcome = Optional.empty();
    private boolean inHand;

    Piece(StorePath path) {
      this.path = path;
    }

    void end(Outcome how) {
      outcome = Optional.of(how);
    }

    void fail(RestoreException fault) {
      end(
          () -> {
            throw fault;
          });
    }

    void close() {
      try {
        if (come.isPresent()) {
          come.get().file().close();
        }
      } catch (IOException e) {
        // What is left has a name of its own, and is swept away with others of its kind.
      }
    }
  }

  /** Files that appear together. */
  private final class Portion {
    private final Map<StorePath, RestoreTable.Held> held;
    private final Restorer.Ask ask;
    private final Claims claims;
    private final Map<String, Path> folders = new HashMap<>();
    private final List<Piece> pieces = new ArrayList<>();

    Portion(Map<StorePath, RestoreTable.Held> held, Restorer.Ask ask, Claims claims) {
      this.held = held;
      this.ask = ask;
      this.claims = claims;
    }

    void bring(Deque<StorePath> left) {
      RestoreException fault = new RestoreException(CANCELLED, "Cancelled");
      try {
        Map<Piece, FileStat> back;
        try (FoldersAbove above = new FoldersAbove(catalog, tree)) {
          gather(left, above);
          back = appear();
        }
        record(back);
      } catch (RuntimeException e) {
        fault = new RestoreException(UNAVAILABLE, "It failed inside: " + e);
      } finally {
        settle(fault);
      }
    }

    /** Whoever waits for one of them must learn of whatever it was, else he waits for ever. */
    private void settle(RestoreException otherwise) {
      for (Piece piece : pieces) {
        piece.close();
        if (piece.inHand) {
          restorer.letGo(piece.path, piece.recorded);
        }
        if (piece.outcome.isEmpty()) {
          piece.fail(otherwise);
        }
        claims.settle(piece.path, piece.outcome.orElseThrow());
      }
    }

    private void gather(Deque<StorePath> left, FoldersAbove above) {
      long until = System.nanoTime() + GATHERED_NANOS;
      while (!left.isEmpty() && !ask.cancelled().getAsBoolean()) {
        StorePath path = left.remove();
        if (claims.take(path)) {
          Piece piece = new Piece(path);
          pieces.add(piece);
          gather(piece, above);
        }
        if (System.nanoTime() - until > 0) {
          return;
        }
      }
    }

    private void gather(Piece piece, FoldersAbove above) {
      try {
        restorer.ensureAllowed(piece.path);
        Optional<FileStat> there = look(piece.path);
        if (there.isPresent()) {
          Restored local = Restorer.local(there.get());
          piece.end(() -> local);
          return;
        }
        RestoreTable.Held known = held.get(piece.path);
        if (known == null) {
          throw Restorer.unknown(piece.path);
        }
        piece.come = Optional.of(come(known, target(piece.path, above)));
      } catch (IOException e) {
        piece.end(() -> restorer.unwritten(piece.path, e));
      } catch (RestoreException e) {
        piece.fail(e);
      }
    }

    /**
     * What lies there. That nothing does is seldom untrue, and is asked in the way that costs no
     * exception; a link that leads nowhere is met when the file is to appear.
     */
    private Optional<FileStat> look(StorePath path) throws IOException {
      return tree.pathOf(path).toFile().exists() ? tree.stat(path) : Optional.empty();
    }

    /** Where a file goes, in a folder that is there. */
    private Path target(StorePath path, FoldersAbove above) throws IOException {
      if (folders.containsKey(path.folder())) {
        return tree.pathOf(path);
      }
      Path file = above.make(path);
      folders.put(path.folder(), file);
      return file;
    }

    private Come come(RestoreTable.Held known, Path target) throws RestoreException, IOException {
      return restorer.take(
          known.row(),
          known.copies(),
          ask,
          (remote, download) -> {
            AtomicFile file = AtomicFile.begin(target);
            boolean filled = false;
            try {
              Come come = new Come(known.row(), file, download.fill(file), remote.name());
              filled = true;
              return come;
            } finally {
              if (!filled) {
                file.close();
              }
            }
          });
    }

    /** Makes visible what came; returns how each of them looks now. */
    private Map<Piece, FileStat> appear() {
      List<AtomicFile> files = new ArrayList<>();
      for (Piece piece : pieces) {
        if (piece.come.isPresent()) {
          files.add(piece.come.get().file());
          tree.inHand().take(piece.path);
          piece.inHand = true;
        }
      }
      Map<AtomicFile, IOException> faults = AtomicFile.commitAllNew(files);
      Map<Piece, FileStat> back = new HashMap<>();
      for (Piece piece : pieces) {
        if (piece.come.isPresent()) {
          try {
            IOException fault = faults.get(piece.come.get().file());
            if (fault != null) {
              throw fault;
            }
            Optional<FileStat> seen = piece.come.get().file().look(piece.path);
            if (seen.isPresent()) {
              back.put(piece, seen.get());
            } else {
              piece.end(() -> restorer.madeMeanwhile(piece.path));
            }
          } catch (IOException e) {
            piece.end(() -> restorer.unwritten(piece.path, e));
          }
        }
      }
      return back;
    }

    private void record(Map<Piece, FileStat> back) {
      List<FileRow> rows = new ArrayList<>();
      back.forEach(
          (piece, stat) -> {
            Come come = piece.come.orElseThrow();
            rows.add(Restorer.rowOf(come.row(), come.delivery(), stat));
          });
      if (!rows.isEmpty()) {
        restorer.record(rows);
      }
      back.forEach(
          (piece, stat) -> {
            piece.recorded = Optional.of(stat);
            Restored restored = Restored.of(stat, piece.come.orElseThrow().delivery());
            piece.end(() -> restored);
          });
    }
  }
}
