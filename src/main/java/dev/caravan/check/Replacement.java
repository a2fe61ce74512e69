package dev.caravan.check;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.check.LocalTable;
import dev.caravan.catalog.check.MendJournal;
import dev.caravan.catalog.check.MendJournal.Mending;
import dev.caravan.event.StorePath;
import dev.caravan.store.FileRemoval;
import dev.caravan.store.FileStat;
import dev.caravan.store.StoreTree;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts a good copy, which lies beside a damaged file by now, in its place. All the while the
 * catalog says that the file is present, with the checksum that it had: a sync beside this finds
 * the damaged file as it knows it, or the good copy, or for a moment nothing. Only where nothing
 * can be put under the name is the file recorded as one that is at its remotes only.
 */
final class Replacement {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.check");

  private final Catalog catalog;
  private final StoreTree tree;
  private final LocalTable files;
  private final MendJournal journal;
  private final FileRemoval removal;
  private final Supplier<Optional<String>> refusal;

  Replacement(CheckWorld world, FileRemoval removal) {
    this.catalog = world.catalog();
    this.tree = world.tree();
    this.refusal = world.refusal();
    this.files = new LocalTable(catalog);
    this.journal = new MendJournal(catalog);
    this.removal = removal;
  }

  /**
   * Replaces exactly this version, one file at a time.
   *
   * @param remote that holds it
   * @param number of the name under which the good copy waits
   */
  synchronized void replace(FileRow row, int remote, long number) throws IOException {
    recover();
    boolean decided =
        catalog.write(
            session -> {
              boolean still = files.isStill(session, row, remote);
              if (still) {
                journal.recordBegin(session, row, number);
              }
              return still;
            });
    if (!decided) {
      throw new IOException("the catalog has learnt of a change meanwhile");
    }
    Optional<FileStat> good;
    try {
      good = removal.replace(statOf(row), number);
    } catch (IOException e) {
      settle(e);
      throw e;
    }
    catalog.commit(
        session -> {
          good.ifPresent(
              stat -> files.recordMended(session, row.sha256().orElseThrow(), rowOf(row, stat)));
          journal.recordEnd(session);
        });
    if (good.isEmpty()) {
      throw new IOException("it changed meanwhile");
    }
  }

  private void settle(IOException fault) {
    try {
      recover();
    } catch (IOException e) {
      // The journal stays: the next repair or start tries again.
      fault.addSuppressed(e);
    }
  }

  /** Ends what a process that died was about to do; then nothing is under way. */
  synchronized void recover() throws IOException {
    Optional<Mending> found = journal.find();
    if (found.isEmpty()) {
      return;
    }
    Optional<String> refused = refusal.get();
    if (refused.isPresent()) {
      throw new IOException(refused.get());
    }
    Mending file = found.get();
    if (end(file)) {
      LOG.warn("A repair broke off while it replaced {}; that was ended now", file.path());
    } else if (tree.stat(file.path()).isEmpty() && isPresent(file)) {
      throw new IOException(
          "the repair of %s broke off, and its folder is not as it was then; is a disk away?"
              .formatted(file.path()));
    }
    catalog.commit(journal::recordEnd);
  }

  private boolean end(Mending file) throws IOException {
    try {
      return removal.recoverReplace(statOf(file), file.number(), () -> lose(file));
    } catch (IOException e) {
      if (tree.stat(file.path()).isEmpty()) {
        lose(file);
      }
      throw e;
    }
  }

  private boolean isPresent(Mending file) {
    return catalog
        .files()
        .find(file.path())
        .filter(row -> row.state() == FileRow.State.PRESENT)
        .filter(row -> row.sha256().equals(Optional.of(file.sha256())))
        .isPresent();
  }

  /** A file that is not under its name must not look like one that its owner deleted. */
  private boolean lose(Mending file) {
    return catalog.write(session -> files.recordLost(session, file.path(), file.sha256()));
  }

  private static FileStat statOf(FileRow row) {
    return new FileStat(
        row.path(),
        FileStat.Kind.FILE,
        row.sizeBytes(),
        row.modifiedNs(),
        row.changedNs(),
        row.inode(),
        row.device(),
        row.mode());
  }

  private static FileStat statOf(Mending file) {
    StorePath path = file.path();
    return new FileStat(
        path, FileStat.Kind.FILE, file.sizeBytes(), file.modifiedNs(), 0, file.inode(), 0, 0);
  }

  private static FileRow rowOf(FileRow row, FileStat good) {
    return new FileRow(
        row.path(),
        FileRow.State.PRESENT,
        good.sizeBytes(),
        good.modifiedNs(),
        good.changedNs(),
        good.inode(),
        good.device(),
        good.mode(),
        row.sha256(),
        0,
        good.owner());
  }
}
