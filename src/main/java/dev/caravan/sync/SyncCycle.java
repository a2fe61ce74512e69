package dev.caravan.sync;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.FileTable;
import dev.caravan.catalog.HaltRow;
import dev.caravan.catalog.ItemRow;
import dev.caravan.catalog.RunCount;
import dev.caravan.catalog.rename.RenameTable;
import dev.caravan.config.MaxDelete;
import dev.caravan.event.RunState;
import dev.caravan.event.StorePath;
import dev.caravan.store.StoreMissingException;
import dev.caravan.store.StoreMounts;
import dev.caravan.store.database.DatabaseSnapshot;
import dev.caravan.store.scan.StoreCursor;
import dev.caravan.store.scan.StoreScan;
import dev.caravan.sync.detect.MountMemory;
import dev.caravan.sync.detect.NoticedFiles;
import dev.caravan.sync.detect.StoreChanges;
import dev.caravan.sync.detect.StoreDetector;
import dev.caravan.sync.detect.StoreFindings;
import dev.caravan.sync.detect.StoreGuard;
import dev.caravan.sync.detect.StoreLogs;
import dev.caravan.sync.move.DeletionMover;
import dev.caravan.sync.plan.SyncHalt;
import dev.caravan.sync.plan.SyncPlanner;
import dev.caravan.sync.plan.SyncReason;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** One cycle: looks at the store, decides, and hands each remote its part. */
public final class SyncCycle {

  static final int LOOKS_NEEDED = 2;
  private static final String GONE =
      "Files no longer where they were: %d; the next sync looks again, then the remotes are told";
  private static final int PAGE = 1_000;

  private final SyncContext context;
  private final StoreGuard guard;
  private final List<RemoteCycle> remotes;
  private final HaltBook halts;
  private Optional<HaltRow> before = Optional.empty();
  private Optional<SyncHalt> halt = Optional.empty();
  private Optional<StoreFindings> findings = Optional.empty();
  private Optional<String> failure = Optional.empty();
  private Optional<LookAtNodes> nodes = Optional.empty();
  private boolean carried;
  private Optional<Duration> lookTook = Optional.empty();
  private final Told told;

  /**
   * What is known before the look.
   *
   * @param files that changed, where these are all; empty for the whole store
   * @param rested true when the last look at the whole store was long enough ago
   */
  record Told(Optional<List<StorePath>> files, BooleanSupplier rested) {}

  SyncCycle(SyncContext context, StoreGuard guard, List<RemoteCycle> remotes, Told told) {
    this.told = told;
    this.context = context;
    this.guard = guard;
    this.remotes = List.copyOf(remotes);
    this.halts = new HaltBook(context);
  }

  SyncContext context() {
    return context;
  }

  /**
   * Looks and decides. Afterwards {@link #getRemotes} says who has work.
   *
   * @param unfinished is told of files in the store that Caravan did not finish
   */
  void plan(StoreScan scan, Consumer<StorePath> unfinished) {
    before = context.catalog().halts().findOpen();
    Optional<HaltRow> approved = before.filter(HaltRow::approved);
    halt = guard.check(approved);
    boolean whole = halt.isEmpty() && !lookAtFiles();
    if (whole) {
      long begun = context.clock().millis();
      look(scan, unfinished, approved);
      lookTook = Optional.of(Duration.ofMillis(Math.max(0, context.clock().millis() - begun)));
    }
    if (whole && halt.isEmpty()) {
      decideDeletions();
    }
    List<Integer> ids = remotes.stream().map(remote -> remote.row().id()).toList();
    nodes.ifPresent(found -> found.settle(halt.isEmpty(), ids));
    // A halt is seen at once; whether an older one has gone is known when all remotes were asked.
    halt.ifPresent(found -> halts.record(before, found));
  }

  /** Makes one remote ready, at that remote's own pace. */
  void open(RemoteCycle remote) {
    Optional<HaltRow> approved = before.filter(HaltRow::approved);
    remote.begin(guard.storeId(), found -> HaltBook.isAgreed(approved, found));
  }

  /** Settles, once all remotes have done their part, which halt is open from now on. */
  void settleHalt() {
    if (halt.isPresent()) {
      return;
    }
    halt = remotes.stream().map(RemoteCycle::halt).flatMap(Optional::stream).findFirst();
    halt.ifPresent(found -> halts.record(before, found));
    boolean whole = failure.isEmpty() && !context.book().isCancelled();
    if (halt.isEmpty() && whole) {
      halts.recordGone(before, remotes.stream().noneMatch(RemoteCycle::isOwnerUnknown));
    }
  }

  /** True when the files that the watch told of are all there is to look at now. */
  private boolean lookAtFiles() {
    if (told.files().isEmpty() || before.isPresent() || context.dryRun()) {
      return false;
    }
    NoticedFiles files =
        new NoticedFiles(
            context.catalog(), context.tree(), context.admits(), new StoreLogs(context.tree()));
    if (files.look(told.files().get())) {
      findings = Optional.of(files.record(changes()));
      return true;
    }
    if (told.rested().getAsBoolean()) {
      return false;
    }
    // What is new may be what is gone under another name: all of it waits for the whole look.
    context.lookAgain();
    return true;
  }

  private StoreChanges changes() {
    List<Integer> ids = remotes.stream().map(remote -> remote.row().id()).toList();
    return new StoreChanges(
        context.catalog(),
        ids,
        context.clock().millis(),
        !context.dryRun(),
        context.tree().inHand()::isHeld);
  }

  private void look(StoreScan scan, Consumer<StorePath> unfinished, Optional<HaltRow> approved) {
    Catalog catalog = context.catalog();
    StoreChanges changes = changes();
    MountMemory mounts =
        new MountMemory(
            catalog, StoreMounts.of(context.tree()), found -> HaltBook.isAgreed(approved, found));
    LookAtNodes beside = new LookAtNodes(context, scan, this::skip);
    StoreDetector detector =
        new StoreDetector(
            context.admits(),
            changes,
            this::skip,
            mounts,
            beside::link,
            new StoreLogs(context.tree()));
    beside.begin(detector);
    sweepSnapshots();
    try (StoreCursor store = scan.openAhead(unfinished, beside::folder);
        FileTable.Cursor rows = catalog.files().open()) {
      StoreFindings found = detector.compare(store, rows);
      beside.finish();
      nodes = Optional.of(beside);
      findings = Optional.of(found);
      boolean agreed =
          approved.filter(row -> SyncHalt.isKind(row, SyncHalt.Kind.STORE_EMPTY)).isPresent();
      halt = agreed ? Optional.empty() : SyncPlanner.judgeScan(found.found(), found.known());
      halt = halt.or(mounts::halt);
      if (!context.dryRun()) {
        mounts.record();
      }
    } catch (StoreMissingException e) {
      halt = Optional.of(new SyncHalt(SyncHalt.Kind.STORE_MISSING, String.valueOf(e.getMessage())));
    }
  }

  /** What a crash left of them; no remote's part of a cycle has begun by now. */
  private void sweepSnapshots() {
    try {
      DatabaseSnapshot.sweep(context.tree());
    } catch (IOException | DirectoryIteratorException e) {
      context.book().warn("Old snapshots of databases cannot be removed: " + e.getMessage());
    }
  }

  private void skip(StorePath path, SyncReason reason, String message) {
    boolean failed = reason == SyncReason.UNREADABLE;
    context.book().count(failed ? RunCount.FAILED : RunCount.SKIPPED, 1);
    context.book().item(skipped(path, reason, message, failed));
    if (failed) {
      context.book().warn(path + ": " + message);
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
    MaxDelete max = context.settings().storage().maxDelete();
    Optional<SyncHalt> refused =
        SyncPlanner.judgeDeletions(unapproved, known, max)
            .or(() -> nodes.flatMap(found -> found.judge(max)));
    if (refused.isPresent()) {
      halt = refused;
      return;
    }
    eachMissing(this::giveUp);
    boolean looked = findings.map(StoreFindings::missing).orElse(0L) > 0;
    long once = looked ? context.catalog().files().countMissingOnce() : 0;
    if (once > 0) {
      context.book().info(GONE.formatted(once));
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
      Set<StorePath> renamed = new RenameTable(context.catalog()).renamed(admitted);
      admitted.forEach(path -> context.book().item(plannedDeletion(path, renamed.contains(path))));
      return;
    }
    context.catalog().commit(session -> context.catalog().files().recordDeleted(session, admitted));
  }

  private ItemRow plannedDeletion(StorePath path, boolean renamed) {
    return new ItemRow(
        0,
        path.value(),
        Optional.empty(),
        DeletionMover.actionLabel(context.settings().storage().deletes()),
        (renamed ? SyncReason.RENAMED : SyncReason.DELETED_BY_OWNER).label(),
        "planned",
        -1,
        Optional.empty());
  }

  /** The remotes that may be worked on: none while everything is halted. */
  public List<RemoteCycle> getRemotes() {
    boolean stopped = halt.filter(found -> found.kind().stopsEverything()).isPresent();
    carried = !stopped;
    return stopped ? List.of() : remotes;
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
    boolean items = remotes.stream().anyMatch(each -> each.hasFailures() || each.isCutShort());
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

  /** How long it took to look at the whole store; empty when that was not done. */
  Optional<Duration> lookTook() {
    return lookTook;
  }

  Optional<SyncHalt> halt() {
    return halt;
  }

  Optional<StoreFindings> findings() {
    return findings;
  }
}
