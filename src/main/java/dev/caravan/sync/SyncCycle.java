package dev.caravan.sync;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.FileTable;
import dev.caravan.catalog.HaltRow;
import dev.caravan.catalog.ItemRow;
import dev.caravan.catalog.RunCount;
import dev.caravan.event.RunState;
import dev.caravan.event.StorePath;
import dev.caravan.remote.RemoteException;
import dev.caravan.store.StoreCursor;
import dev.caravan.store.StoreMissingException;
import dev.caravan.store.StoreScan;
import dev.caravan.sync.detect.StoreChanges;
import dev.caravan.sync.detect.StoreDetector;
import dev.caravan.sync.detect.StoreFindings;
import dev.caravan.sync.detect.StoreGuard;
import dev.caravan.sync.move.DeletionMover;
import dev.caravan.sync.move.RemoteContact;
import dev.caravan.sync.plan.SyncHalt;
import dev.caravan.sync.plan.SyncPlanner;
import dev.caravan.sync.plan.SyncReason;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** One cycle: looks at the store, decides, and hands each remote its part. */
public final class SyncCycle {

  private static final int LOOKS_NEEDED = 2;
  private static final int PAGE = 1_000;

  private final SyncContext context;
  private final StoreGuard guard;
  private final List<RemoteCycle> remotes;
  private Optional<SyncHalt> halt = Optional.empty();
  private Optional<StoreFindings> findings = Optional.empty();
  private Optional<String> failure = Optional.empty();
  private boolean carried;
  private Duration lookTook = Duration.ZERO;

  SyncCycle(SyncContext context, StoreGuard guard, List<RemoteCycle> remotes) {
    this.context = context;
    this.guard = guard;
    this.remotes = List.copyOf(remotes);
  }

  SyncContext context() {
    return context;
  }

  /** Looks and decides. Afterwards {@link #getRemotes} says who has work. */
  void plan(StoreScan scan) {
    Optional<HaltRow> open = context.catalog().halts().findOpen();
    Optional<HaltRow> approved = open.filter(HaltRow::approved);
    halt = guard.check(approved);
    if (halt.isEmpty()) {
      halt = checkOwners(approved);
    }
    if (halt.isEmpty()) {
      long before = context.clock().millis();
      look(scan, approved);
      lookTook = Duration.ofMillis(Math.max(0, context.clock().millis() - before));
    }
    if (halt.isEmpty()) {
      decideDeletions();
    }
    if (halt.filter(found -> found.kind().stopsEverything()).isEmpty()) {
      checkMarkers(approved);
    }
    recordHalt(open);
  }

  /** Before the first transfer: no remote may hold another store's files. */
  private Optional<SyncHalt> checkOwners(Optional<HaltRow> approved) {
    for (RemoteCycle remote : remotes) {
      if (remote.row().owned() || remote.isNotDue()) {
        continue;
      }
      try {
        RemoteContact contact =
            new RemoteContact(
                remote.mirrored(), context.catalog(), context.book(), context.clock());
        Optional<SyncHalt> foreign =
            contact
                .findForeignOwner(remote.row(), guard.storeId())
                .map(owner -> foreign(remote, owner));
        if (foreign.filter(halt -> !isAgreed(approved, halt)).isPresent()) {
          return foreign;
        }
        if (foreign.isPresent() && !context.dryRun()) {
          contact.takeOver(guard.storeId());
        }
      } catch (RemoteException e) {
        // Whose it is could not be learnt, so nothing is sent there in this cycle.
        remote.give(e);
      }
    }
    return Optional.empty();
  }

  /** An approval covers the very remote that was named, and no other. */
  private static boolean isAgreed(Optional<HaltRow> approved, SyncHalt halt) {
    return approved
        .filter(row -> SyncHalt.isKind(row, halt.kind()) && row.message().equals(halt.message()))
        .isPresent();
  }

  /** A remote that is not where it was fails alone; the others go on. */
  private void checkMarkers(Optional<HaltRow> approved) {
    for (RemoteCycle remote : remotes) {
      Optional<SyncHalt> lost =
          remote.checkMarker(guard.storeId(), halt -> isAgreed(approved, halt));
      halt = halt.or(() -> lost);
    }
  }

  private SyncHalt foreign(RemoteCycle remote, String owner) {
    return new SyncHalt(
        SyncHalt.Kind.REMOTE_FOREIGN,
        ("Remote '%s' (%s) holds the files of store %s, and this is store %s: is the right disk"
                + " mounted, is store.path right? To take the remote over, its files kept, approve:"
                + " caravan sync --accept-halt")
            .formatted(
                remote.getName(), remote.mirrored().remote().identity(), owner, guard.storeId()));
  }

  private void look(StoreScan scan, Optional<HaltRow> approved) {
    Catalog catalog = context.catalog();
    List<Integer> ids = remotes.stream().map(remote -> remote.row().id()).toList();
    StoreChanges changes =
        new StoreChanges(catalog, ids, context.clock().millis(), !context.dryRun());
    StoreDetector detector =
        new StoreDetector(
            context.admits(),
            changes,
            (path, reason, message) -> {
              boolean failed = reason == SyncReason.UNREADABLE;
              context.book().count(failed ? RunCount.FAILED : RunCount.SKIPPED, 1);
              context.book().item(skipped(path, reason, message, failed));
              if (failed) {
                context.book().warn(path + ": " + message);
              }
            });
    try (StoreCursor store = scan.open();
        FileTable.Cursor rows = catalog.files().open()) {
      StoreFindings found = detector.compare(store, rows);
      findings = Optional.of(found);
      boolean agreed =
          approved.filter(row -> SyncHalt.isKind(row, SyncHalt.Kind.STORE_EMPTY)).isPresent();
      halt = agreed ? Optional.empty() : SyncPlanner.judgeScan(found.found(), found.known());
    } catch (StoreMissingException e) {
      halt = Optional.of(new SyncHalt(SyncHalt.Kind.STORE_MISSING, String.valueOf(e.getMessage())));
    }
  }

  private static ItemRow skipped(
      StorePath path, SyncReason reason, String message, boolean failed) {
    return new ItemRow(
        0,
        path.value(),
        Optional.empty(),
        "skip",
        reason.label(),
        failed ? "failed" : "skipped",
        -1,
        Optional.of(message));
  }

  private void decideDeletions() {
    Catalog catalog = context.catalog();
    long unapproved = catalog.halts().countUnapproved();
    long known = findings.map(StoreFindings::known).orElse(0L);
    Optional<SyncHalt> refused =
        SyncPlanner.judgeDeletions(unapproved, known, context.settings().storage().maxDelete());
    if (refused.isPresent()) {
      halt = refused;
      return;
    }
    eachMissing(this::giveUp);
    boolean looked = findings.map(StoreFindings::missing).orElse(0L) > 0;
    if (looked && !context.catalog().files().missing(1, Optional.empty(), 1).isEmpty()) {
      context.lookAgain();
    }
  }

  /** Pages through the files that two looks did not find. */
  private void eachMissing(Consumer<List<StorePath>> each) {
    Optional<StorePath> after = Optional.empty();
    while (true) {
      List<StorePath> page = context.catalog().files().missing(LOOKS_NEEDED, after, PAGE);
      if (page.isEmpty()) {
        return;
      }
      after = Optional.of(page.get(page.size() - 1));
      each.accept(page);
    }
  }

  private void giveUp(List<StorePath> paths) {
    List<StorePath> admitted = paths.stream().filter(context.admits()).toList();
    context.book().expect(admitted.size(), 0);
    if (context.dryRun()) {
      admitted.forEach(path -> context.book().item(plannedDeletion(path)));
      return;
    }
    context.catalog().commit(handle -> context.catalog().files().recordDeleted(handle, admitted));
  }

  private ItemRow plannedDeletion(StorePath path) {
    return new ItemRow(
        0,
        path.value(),
        Optional.empty(),
        DeletionMover.actionLabel(context.settings().storage().deletes()),
        SyncReason.DELETED_BY_OWNER.label(),
        "planned",
        -1,
        Optional.empty());
  }

  /** Opens, keeps or closes the halt in the catalog. */
  private void recordHalt(Optional<HaltRow> open) {
    if (context.dryRun()) {
      return;
    }
    long now = context.clock().millis();
    Catalog catalog = context.catalog();
    if (halt.isEmpty() && open.filter(this::isUnsettled).isPresent()) {
      return;
    }
    if (halt.isEmpty()) {
      open.ifPresent(row -> catalog.commit(handle -> catalog.halts().end(handle, now)));
      return;
    }
    SyncHalt found = halt.get();
    if (isAgreedMeanwhile(open, found)) {
      return;
    }
    int looks = looksRefused(found.kind());
    catalog.commit(
        handle ->
            catalog
                .halts()
                .open(
                    handle,
                    context.book().id().value(),
                    found.kind().label(),
                    found.message(),
                    now,
                    looks));
  }

  /** A remote that lost its marker was not looked at in this cycle: what was found still holds. */
  private boolean isUnsettled(HaltRow open) {
    return SyncHalt.isKind(open, SyncHalt.Kind.REMOTE_EMPTIED)
        && !open.approved()
        && remotes.stream()
            .anyMatch(each -> each.row().failures() > 0 && !each.mirrored().isMarkerSeen());
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
      case MAX_DELETE -> LOOKS_NEEDED;
      case STORE_EMPTY -> 1;
      case STORE_MISSING, MARKER_MISSING, MARKER_FOREIGN, REMOTE_FOREIGN, REMOTE_EMPTIED -> 0;
    };
  }

  /** The remotes that may be worked on: none while everything is halted. */
  public List<RemoteCycle> getRemotes() {
    boolean stopped = halt.filter(found -> found.kind().stopsEverything()).isPresent();
    carried = !stopped;
    return stopped ? List.of() : remotes;
  }

  String storeId() {
    return guard.storeId();
  }

  void fail(String message) {
    failure = Optional.of(message);
  }

  /** What the cycle comes to. */
  RunState state(boolean stopping) {
    if (failure.isPresent()) {
      return RunState.FAILED;
    }
    if (context.book().isCancelled()) {
      return stopping ? RunState.INTERRUPTED : RunState.CANCELLED;
    }
    if (halt.isPresent()) {
      return RunState.HALTED;
    }
    long faulty = remotes.stream().filter(RemoteCycle::hasFault).count();
    if (carried && faulty > 0 && faulty == remotes.size()) {
      return RunState.FAILED;
    }
    boolean items = remotes.stream().anyMatch(RemoteCycle::hasFailures);
    return faulty > 0 || items || context.book().count(RunCount.FAILED) > 0
        ? RunState.PARTIAL
        : RunState.SUCCEEDED;
  }

  /** Why it did not simply succeed, in one line. */
  Optional<String> error(boolean stopping) {
    if (failure.isPresent()) {
      return failure;
    }
    if (context.book().isCancelled()) {
      return Optional.of(stopping ? "Caravan was stopped; the next run goes on" : "Cancelled");
    }
    if (halt.isPresent()) {
      return halt.map(SyncHalt::message);
    }
    Optional<String> remote =
        remotes.stream().map(RemoteCycle::error).flatMap(Optional::stream).findFirst();
    long failed = context.book().count(RunCount.FAILED);
    return remote.or(
        () ->
            failed > 0
                ? Optional.of(failed + " items failed; see the run's items")
                : Optional.empty());
  }

  /** How long it took to look at the store. */
  Duration lookTook() {
    return lookTook;
  }

  Optional<SyncHalt> halt() {
    return halt;
  }

  Optional<StoreFindings> findings() {
    return findings;
  }
}
