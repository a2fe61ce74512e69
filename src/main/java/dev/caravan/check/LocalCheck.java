package dev.caravan.check;

import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.RunBook;
import dev.caravan.catalog.RunCount;
import dev.caravan.catalog.check.LocalTable;
import dev.caravan.catalog.check.ProofTable;
import dev.caravan.catalog.node.NodeRow;
import dev.caravan.catalog.sql.Pages;
import dev.caravan.check.node.NodeCheck;
import dev.caravan.event.Causes;
import dev.caravan.event.ContentChangedException;
import dev.caravan.event.EventContent.FileChange.Change;
import dev.caravan.event.WantedSums;
import dev.caravan.store.FileStat;
import dev.caravan.store.FileVersion;
import java.io.IOException;
import java.time.Clock;
import java.util.Iterator;
import java.util.Optional;

/** Compares the files of the store with what they were when they were hashed. */
final class LocalCheck {

  private static final int PAGE = 1_000;

  private final CheckWorld world;
  private final LocalTable files;
  private final CheckMode mode;
  private final RunBook book;
  private final Findings findings;
  private final Optional<LocalRepair> repair;
  private final Clock clock;
  private volatile Optional<String> refused = Optional.empty();

  /**
   * @param repair empty to only say what is found
   */
  LocalCheck(
      CheckWorld world,
      CheckMode mode,
      RunBook book,
      Findings findings,
      Optional<LocalRepair> repair,
      Clock clock) {
    this.world = world;
    this.files = new LocalTable(world.catalog());
    this.mode = mode;
    this.book = book;
    this.findings = findings;
    this.repair = repair;
    this.clock = clock;
  }

  /** Why the store was not looked at to the end. */
  Optional<String> refused() {
    return refused;
  }

  void begin() {
    refuse();
    if (refused.isEmpty()) {
      ProofTable.Total total = files.count();
      book.expect(total.files(), mode == CheckMode.FULL ? total.bytes() : 0);
    }
  }

  private synchronized void refuse() {
    if (refused.isEmpty()) {
      refused = world.refusal().get();
      refused.ifPresent(why -> book.error("The store could not be checked: " + why));
    }
  }

  Iterator<FileRow> files() {
    return new Pages<>(
        after -> files.page(after.map(FileRow::path), PAGE),
        () -> refused.isPresent() || book.isCancelled());
  }

  /** Looks at one file. */
  void look(FileRow row) {
    if (refused.isPresent() || book.isCancelled()) {
      return;
    }
    try {
      if (world.admits().test(row.path())) {
        Optional<CheckReason> reason = judge(row);
        if (reason.isEmpty()) {
          book.count(RunCount.VERIFIED, 1);
        } else if (isStillSo(row)) {
          found(row, reason.get());
        }
      }
    } catch (ContentChangedException e) {
      found(row, CheckReason.CHANGED_SINCE_SYNC);
    } catch (IOException e) {
      findings.add(found(row.path().value(), CheckReason.UNREADABLE, row), Causes.textOf(e));
    }
    book.moving(mode == CheckMode.FULL ? row.sizeBytes() : 0);
    book.advance(1);
  }

  /** Compares folders and links with what the catalog says of them. */
  void lookAtNodes() {
    NodeCheck check = new NodeCheck(world.catalog(), world.tree(), world.admits());
    check.go(
        () -> refused.isEmpty() && !book.isCancelled(),
        new NodeCheck.Listener() {
          @Override
          public void missing(NodeRow row) {
            refuse();
            if (refused.isEmpty()) {
              findings.add(
                  found(row, CheckReason.MISSING),
                  "a %s, deleted after the last sync, or lost; caravan restore makes it again"
                      .formatted(row.isFolder() ? "folder" : "link"));
            }
          }

          @Override
          public void changed(NodeRow row, String how) {
            findings.add(
                found(row, CheckReason.CHANGED_SINCE_SYNC), how + "; the next sync takes it up");
          }

          @Override
          public void unreadable(NodeRow row, IOException fault) {
            findings.add(found(row, CheckReason.UNREADABLE), Causes.textOf(fault));
          }
        });
  }

  private static Findings.Found found(NodeRow row, CheckReason reason) {
    return new Findings.Found(row.key(), Optional.empty(), reason, 0);
  }

  private Optional<CheckReason> judge(FileRow row) throws IOException {
    Optional<FileStat> seen = world.tree().stat(row.path());
    if (seen.isEmpty()) {
      return Optional.of(CheckReason.MISSING);
    }
    if (!CheckPlanner.isHashed(seen.get(), row)) {
      return Optional.of(CheckReason.CHANGED_SINCE_SYNC);
    }
    if (mode == CheckMode.SIZE) {
      return Optional.empty();
    }
    String sha256 = FileVersion.read(world.tree(), seen.get(), WantedSums.NONE).sha256();
    return row.sha256().equals(Optional.of(sha256))
        ? Optional.empty()
        : Optional.of(CheckPlanner.judgeOtherBytes(row, clock.instant()));
  }

  /** Not so when a purge, a restore or a sync dealt with the file, or the whole store is away. */
  private boolean isStillSo(FileRow row) {
    refuse();
    return refused.isEmpty()
        && world
            .catalog()
            .files()
            .find(row.path())
            .filter(
                now ->
                    now.state() == FileRow.State.PRESENT
                        && now.missingLooks() == 0
                        && now.changedNs() == row.changedNs()
                        && now.sha256().equals(row.sha256()))
            .isPresent();
  }

  private void found(FileRow row, CheckReason reason) {
    Findings.Found found = found(row.path().value(), reason, row);
    if (reason == CheckReason.CHANGED_SINCE_SYNC) {
      findings.add(found, "the next sync takes it up");
    } else if (repair.isPresent()) {
      mend(repair.get(), row, found);
    } else {
      findings.add(
          found,
          reason == CheckReason.MISSING
              ? "deleted after the last sync, or lost; check --repair brings it back"
              : "its bytes changed although nobody wrote to it; check --repair brings back a copy");
    }
  }

  private void mend(LocalRepair mender, FileRow row, Findings.Found found) {
    try {
      String source = mender.mend(row);
      findings.addRepaired(found, "brought back from '" + source + "'");
      book.count(RunCount.RESTORED, 1);
      book.tell(row.path(), Change.RESTORED, source);
    } catch (IOException e) {
      findings.add(found, "it could not be brought back: " + Causes.textOf(e));
    }
  }

  private static Findings.Found found(String path, CheckReason reason, FileRow row) {
    return new Findings.Found(path, Optional.empty(), reason, row.sizeBytes());
  }
}
