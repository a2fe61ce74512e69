package dev.caravan.sync;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.HaltRow;
import dev.caravan.sync.plan.SyncHalt;
import java.util.Optional;

/** Opens, keeps and closes the halt in the catalog. A dry run changes none. */
final class HaltBook {

  private final SyncContext context;

  HaltBook(SyncContext context) {
    this.context = context;
  }

  /** An approval covers the very thing that was refused, and no other. */
  static boolean isAgreed(Optional<HaltRow> approved, SyncHalt halt) {
    return approved
        .filter(row -> SyncHalt.isKind(row, halt.kind()) && row.message().equals(halt.message()))
        .isPresent();
  }

  /**
   * Records what was found.
   *
   * @param before what was open when the cycle began
   */
  void record(Optional<HaltRow> before, SyncHalt found) {
    if (context.dryRun() || isAgreedMeanwhile(before, found)) {
      return;
    }
    Catalog catalog = context.catalog();
    long now = context.clock().millis();
    int looks = looksRefused(found.kind());
    catalog.commit(
        session ->
            catalog
                .halts()
                .open(
                    session,
                    context.book().id().value(),
                    found.kind().label(),
                    found.message(),
                    now,
                    looks));
  }

  /**
   * Closes what was open when the cycle began: it was carried out, or its cause has gone.
   *
   * @param asked whether every remote with work said whose it is; where one did not, what was found
   *     there before still holds
   */
  void recordGone(Optional<HaltRow> before, boolean asked) {
    boolean holds = before.filter(row -> !row.approved() && isOfRemote(row)).isPresent() && !asked;
    if (before.isEmpty() || context.dryRun() || holds) {
      return;
    }
    Catalog catalog = context.catalog();
    catalog.commit(session -> catalog.halts().end(session, context.clock().millis()));
  }

  private static boolean isOfRemote(HaltRow row) {
    return SyncHalt.isKind(row, SyncHalt.Kind.REMOTE_EMPTIED)
        || SyncHalt.isKind(row, SyncHalt.Kind.REMOTE_FOREIGN);
  }

  /** A person agreed while this cycle found the same again: the next one carries it out. */
  private boolean isAgreedMeanwhile(Optional<HaltRow> before, SyncHalt found) {
    return context
        .catalog()
        .halts()
        .findOpen()
        .filter(row -> row.approved() && SyncHalt.isKind(row, found.kind()))
        .filter(row -> before.filter(was -> was.id() == row.id() && !was.approved()).isPresent())
        .isPresent();
  }

  /** An approval of the empty store covers what is missing now, at its first look already. */
  private static int looksRefused(SyncHalt.Kind kind) {
    return switch (kind) {
      case MAX_DELETE -> SyncCycle.LOOKS_NEEDED;
      case STORE_EMPTY -> 1;
      case STORE_MISSING,
          MARKER_MISSING,
          MARKER_FOREIGN,
          MOUNT_AWAY,
          REMOTE_FOREIGN,
          REMOTE_EMPTIED ->
          0;
    };
  }
}
