package dev.caravan.purge;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.purge.PurgeTable;
import dev.caravan.catalog.purge.UnlinkJournal;
import dev.caravan.purge.PurgeGate.Open;
import dev.caravan.purge.PurgeGate.Shut;
import dev.caravan.store.FileRemoval;
import dev.caravan.store.FileStat;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records that a file leaves, then unlinks it. The record is committed first: a process that dies
 * in between leaves the file where it is, and the next look at the store finds it there.
 */
final class Unlinker {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.purge");

  private final Catalog catalog;
  private final PurgeTable table;
  private final UnlinkJournal journal;
  private final FileRemoval removal;
  private final PurgeHold hold;

  Unlinker(Catalog catalog, FileRemoval removal, PurgeHold hold) {
    this.catalog = catalog;
    this.table = new PurgeTable(catalog);
    this.journal = new UnlinkJournal(catalog);
    this.removal = removal;
    this.hold = hold;
  }

  /**
   * What became of a file.
   *
   * @param keep why it stayed after all; empty when it left
   */
  record Result(Optional<Shut> keep) {
    static final Result LEFT = new Result(Optional.empty());

    static Result kept(PurgeReason reason, String message) {
      return new Result(Optional.of(new Shut(reason, message)));
    }
  }

  /**
   * @param open what the gate found a moment ago
   */
  Result unlink(Open open) {
    FileRow file = open.file();
    if (hold.isHeld(file.path())) {
      return Result.kept(PurgeReason.IN_USE, "it is being read or restored");
    }
    if (!decide(file, open.holders())) {
      return Result.kept(PurgeReason.CHANGED, "the catalog has learnt of a change meanwhile");
    }
    FileStat meant = PurgeGate.statOf(file);
    try {
      return settle(file, removal.remove(meant));
    } catch (IOException e) {
      return undo(file, meant, e);
    }
  }

  private boolean decide(FileRow file, List<PurgeRemote> holders) {
    List<Integer> remotes = holders.stream().map(PurgeRemote::id).toList();
    return catalog.write(
        session -> {
          boolean decided = table.recordPurged(session, file, remotes);
          if (decided) {
            journal.recordBegin(session, file);
          }
          return decided;
        });
  }

  private Result settle(FileRow file, FileRemoval.Outcome outcome) {
    if (outcome != FileRemoval.Outcome.REMOVED) {
      keep(file);
    }
    return switch (outcome) {
      case REMOVED -> Result.LEFT;
      case CHANGED -> Result.kept(PurgeReason.CHANGED, "it changed at the last moment");
      case GONE -> Result.kept(PurgeReason.MISSING, "its owner took it away at that moment");
      case KEPT_BESIDE ->
          Result.kept(
              PurgeReason.UNLINK_FAILED,
              "it changed while its owner wrote another file of that name; what it held lies beside"
                  + " that one as caravan-kept-"
                  + file.inode());
    };
  }

  private void keep(FileRow file) {
    catalog.commit(session -> table.recordKept(session, file.path()));
  }

  /** The file system refused; what was renamed aside by then goes back. */
  private Result undo(FileRow file, FileStat meant, IOException refused) {
    try {
      removal.recover(meant);
      if (!removal.isThere(file.path())) {
        // To say that it is here would be to say, two looks later, that its owner deleted it.
        return Result.LEFT;
      }
    } catch (IOException e) {
      throw new IllegalStateException(
          "it could not be unlinked (%s), nor put back (%s); the next purge or start puts it back"
              .formatted(refused.getMessage(), e.getMessage()),
          e);
    }
    keep(file);
    return Result.kept(PurgeReason.UNLINK_FAILED, "it cannot be unlinked: " + refused.getMessage());
  }

  /** Ends what a process that died was about to do; then nothing is under way. */
  void recover() throws IOException {
    Optional<UnlinkJournal.Unlinking> found = journal.find();
    if (found.isEmpty()) {
      return;
    }
    UnlinkJournal.Unlinking file = found.get();
    FileStat meant =
        new FileStat(
            file.path(),
            FileStat.Kind.FILE,
            file.sizeBytes(),
            file.modifiedNs(),
            0,
            file.inode(),
            0,
            0);
    removal
        .recover(meant)
        .ifPresent(
            outcome -> LOG.warn("A purge died while it unlinked {}: {}", file.path(), outcome));
    end();
  }

  /** Records that nothing is under way. */
  void end() {
    catalog.commit(journal::recordEnd);
  }
}
