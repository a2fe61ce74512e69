package dev.caravan.sync;

import dev.caravan.catalog.CatalogException;
import dev.caravan.catalog.CopyTable;
import dev.caravan.catalog.RemoteRow;
import dev.caravan.catalog.RunBook;
import dev.caravan.catalog.node.HeldTable;
import dev.caravan.event.Causes;
import dev.caravan.event.ContentChangedException;
import dev.caravan.event.Counted;
import dev.caravan.event.StorePath;
import dev.caravan.remote.RemoteException;
import dev.caravan.sync.move.CatalogBackup;
import dev.caravan.sync.move.FileMover;
import dev.caravan.sync.move.MeteredContent;
import dev.caravan.sync.move.MirroredRemote;
import dev.caravan.sync.move.Ownership;
import dev.caravan.sync.move.RemoteContact;
import dev.caravan.sync.move.RenameMover;
import dev.caravan.sync.move.UnfinishedUploads;
import dev.caravan.sync.plan.SyncAction;
import dev.caravan.sync.plan.SyncHalt;
import dev.caravan.sync.plan.SyncPolicy;
import dev.caravan.sync.plan.SyncReason;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** One remote's part of a cycle. It fails by itself; the others go on. */
public final class RemoteCycle {

  private final MirroredRemote mirrored;
  private volatile RemoteRow row;
  private final SyncContext context;
  private final SyncPolicy policy;
  private final FileMover files;
  private final RenameMover renames;
  private final RemoteDeletions deletions;
  private final RemoteItems items;
  private final HeldTable kept;
  private volatile Optional<RemoteException> fault = Optional.empty();
  private volatile boolean idle;
  private volatile boolean held;
  private volatile long waiting;
  private volatile boolean begun;
  private Optional<UploadLanes> lanes = Optional.empty();
  private boolean listed;
  private volatile boolean ownerKnown;
  private volatile Optional<SyncHalt> halt = Optional.empty();

  RemoteCycle(MirroredRemote mirrored, RemoteRow row, SyncContext context) {
    this.mirrored = mirrored;
    this.row = row;
    this.context = context;
    this.policy = context.policy(mirrored.remote());
    this.kept = new HeldTable(context.catalog());
    this.items = new RemoteItems(context, mirrored.name(), row.id());
    RunBook book = context.book();
    this.files =
        new FileMover(
            context.tree(),
            context.catalog(),
            mirrored.remote(),
            row.id(),
            content -> new MeteredContent(content, book, mirrored::isStopped),
            context.clock());
    this.renames = new RenameMover(context.catalog(), mirrored.remote(), row.id());
    this.deletions = new RemoteDeletions(context, mirrored, row.id());
  }

  /** The remote's name; routes choose their way by it. */
  public String getName() {
    return mirrored.name();
  }

  RemoteRow row() {
    return row;
  }

  MirroredRemote mirrored() {
    return mirrored;
  }

  private boolean hasWork() {
    return row.reconcile()
        || context.catalog().copies().countOpen(row.id()).files() > 0
        || deletions.isAny()
        || isBackupOwed()
        || !context.catalog().uploads().list(row.id()).isEmpty();
  }

  private boolean isBackupOwed() {
    return mirrored.remote().keepsOwn()
        && kept.isBackupOwed(row.id())
        && CatalogBackup.isDue(context.catalog(), row, context.clock().millis());
  }

  boolean isNotDue() {
    return row.retryAtMillis() > context.clock().millis() && !context.isManual();
  }

  /**
   * Makes the remote ready, unless there is nothing to do, or it is not due after a fault. A remote
   * that was never used is asked even so, for its faults are better known before they matter.
   *
   * @param agreed whether a person agreed to a halt
   */
  void begin(String storeId, Predicate<SyncHalt> agreed) {
    begun = true;
    mirrored.partBegins();
    if (isHeld()) {
      idle = true;
      return;
    }
    boolean work = hasWork();
    if (!work && (row.owned() || isNotDue())) {
      idle = true;
      return;
    }
    if (isNotDue()) {
      fault =
          Optional.of(
              new RemoteException(
                  RemoteException.Cause.NETWORK,
                  row.error().orElse("it failed before") + " (next try is not due yet)"));
      return;
    }
    try {
      halt = new OwnerCheck(mirrored, context).check(row, storeId, agreed);
      ownerKnown = true;
      row = context.catalog().remotes().find(mirrored.name()).orElseThrow();
      if (halt.isPresent()) {
        give(new RemoteException(RemoteException.Cause.NOT_THERE, halt.get().message()));
      } else if (work) {
        prepare(storeId);
      } else {
        idle = true;
      }
    } catch (RemoteException e) {
      give(e);
    }
  }

  private void prepare(String storeId) throws RemoteException {
    CopyTable.Pending pending = context.catalog().copies().countOpen(row.id());
    context.book().remote(mirrored.name(), "running", Optional.empty());
    context.book().expect(pending.files(), pending.bytes());
    new RemoteContact(mirrored, context.catalog(), context.book(), context.clock())
        .prepare(row, storeId, !context.dryRun(), unfinished());
    context.catalog().flush();
    renames.begin();
    listed = context.catalog().listings().isListed(row.id());
  }

  private UnfinishedUploads unfinished() {
    return new UnfinishedUploads(mirrored.remote(), context.catalog(), context.admits());
  }

  /** Why nothing may be moved there until a person agrees. */
  Optional<SyncHalt> halt() {
    return halt;
  }

  /** True when it had to be asked whose it is, and did not answer or was not due. */
  boolean isOwnerUnknown() {
    return !ownerKnown && (held || !idle);
  }

  /** A person may hold the remote at any time; this part of the cycle does not begin again. */
  private boolean isHeld() {
    if (mirrored.isHeld()) {
      held = true;
    }
    return held;
  }

  /** What has to be moved, page by page from the catalog: small files first. */
  public Iterator<SyncAction> getUploads() {
    UploadLanes uploads = UploadLanes.of(context, row.id(), policy, this::isStopped);
    lanes = Optional.of(uploads);
    return uploads;
  }

  /** Batches of files that the remote has to be told were deleted. */
  public Iterator<List<StorePath>> getDeletions() {
    boolean held = isStopped() || idle || context.dryRun() || items.remoteFailures() > 0;
    if (!held && renames.isAny()) {
      // An old path is given up only where the new one is known to be held.
      context.catalog().flush();
    }
    return deletions.batches(() -> held || isStopped());
  }

  private boolean isStopped() {
    return fault.isPresent() || context.book().isCancelled() || isHeld();
  }

  /** Carries out one action and records what became of it. */
  SyncOutcome move(SyncAction action) {
    try {
      return switch (action.kind()) {
        case UPLOAD -> context.dryRun() ? planned(action) : upload(action);
        case SKIP -> items.skipped(action, action.reason(), Optional.empty());
        case FAIL -> refused(action);
      };
    } finally {
      lanes.ifPresent(uploads -> uploads.done(action));
      context.book().advance(1);
    }
  }

  private SyncOutcome planned(SyncAction action) {
    boolean renamed = renames.isCopyable(action.row().file().path());
    return items.planned(action, renamed ? SyncReason.RENAMED : action.reason());
  }

  private SyncOutcome upload(SyncAction action) {
    if (isStopped()) {
      return items.outcome(action, SyncOutcome.State.SKIPPED);
    }
    try {
      Optional<Long> listedBytes =
          listed
              ? context.catalog().listings().findSize(row.id(), action.row().file().path())
              : Optional.empty();
      return items.done(action, files.move(action, listedBytes, renames));
    } catch (ContentChangedException e) {
      context.lookAgain(action.row().file().path(), context.clock().instant());
      return items.skipped(action, SyncReason.CHANGED_WHILE_READ, Optional.of(Causes.textOf(e)));
    } catch (MeteredContent.CancelledException e) {
      return items.skipped(action, action.reason(), Optional.of(Causes.textOf(e)));
    } catch (FileMover.DamagedFileException e) {
      return items.problem(action, SyncReason.DAMAGED, Causes.textOf(e));
    } catch (IOException e) {
      return items.problem(action, SyncReason.UNREADABLE, Causes.textOf(e));
    } catch (RemoteException e) {
      return remoteFailed(action, e);
    } catch (RuntimeException e) {
      return items.problem(action, SyncReason.REMOTE_FAILED, e.toString());
    }
  }

  private SyncOutcome remoteFailed(SyncAction action, RemoteException e) {
    if (e.reason().concernsWholeRemote() && isDown(e)) {
      give(e);
      return items.outcome(action, SyncOutcome.State.SKIPPED);
    }
    return items.problem(action, SyncReason.REMOTE_FAILED, Causes.textOf(e));
  }

  /** One transfer may break for reasons of its own, such as its size: asks whether all would. */
  private boolean isDown(RemoteException e) {
    if (e.reason() != RemoteException.Cause.NETWORK || context.book().isCancelled()) {
      return true;
    }
    if (e.retryAfter().isPresent()) {
      // It takes nothing for a while, whatever it answers to who only asks.
      return true;
    }
    try {
      mirrored.remote().find(Ownership.MARKER);
      return false;
    } catch (RemoteException again) {
      return true;
    }
  }

  private SyncOutcome refused(SyncAction action) {
    return items.problem(action, action.reason(), policy.refusalOf(action.row().file()));
  }

  /** Carries out a batch of deletions. */
  void carry(List<StorePath> paths) {
    try {
      deletions.carry(paths);
    } catch (RemoteException e) {
      give(e);
    }
  }

  /** Gives the remote up for a reason that nobody foresaw. */
  void fail(String message) {
    give(new RemoteException(RemoteException.Cause.OTHER, message));
  }

  /** Gives the whole remote up for this cycle. */
  synchronized void give(RemoteException e) {
    if (fault.isEmpty()) {
      fault = Optional.of(e);
      mirrored.forgetFacts();
      context.book().error(named(e));
    }
  }

  /** Ends this remote's part: trash that has expired, the copy of the catalog, the record. */
  void end(CatalogBackup backup) {
    if (renames.isAnySettled()) {
      // Whether the old paths may be given up is decided by the next look.
      context.lookAgain();
    }
    if (fault.isEmpty() && !held && !context.dryRun() && !context.book().isCancelled()) {
      try {
        deletions.expireTrash();
        context.catalog().flush();
        unfinished().sweepUnneeded(row);
        if (listed && context.catalog().copies().countOpen(row.id()).files() == 0) {
          context.catalog().commit(h -> context.catalog().listings().clear(h, row.id()));
        }
        if (items.arrived() + items.described() > 0 || deletions.isCarried() || isBackupOwed()) {
          backup.put(mirrored.remote(), row);
        }
      } catch (RemoteException e) {
        give(e);
      } catch (IOException | CatalogException e) {
        context
            .book()
            .warn(
                "The catalog could not be copied to '%s': %s"
                    .formatted(mirrored.name(), e.getMessage()));
      }
    }
    try {
      record();
    } finally {
      if (begun) {
        begun = false;
        mirrored.partEnds();
      }
    }
  }

  private void record() {
    String state = context.book().isCancelled() ? "cancelled" : outcome();
    waiting = held ? countWaiting() : 0;
    Optional<String> error = fault.map(RemoteException::getMessage).or(this::heldBack);
    items.tellUnkept();
    context.book().remote(mirrored.name(), state, error);
    if (context.dryRun() || (held && items.uploaded() == 0 && fault.isEmpty())) {
      return;
    }
    PartRecord.Ended ended =
        new PartRecord.Ended(state, fault.isPresent(), held, halt.isPresent(), error);
    PartRecord.write(context, row, items, ended);
  }

  private String outcome() {
    if (fault.isPresent()) {
      return "failed";
    }
    return held ? "paused" : hasFailures() ? "partial" : "succeeded";
  }

  private long countWaiting() {
    context.catalog().flush();
    long files = context.catalog().copies().countOpen(row.id()).files();
    return files > 0 ? files : deletions.isAny() ? 1 : 0;
  }

  /**
   * True when a person's hold left work undone that a person asked for, or that was under way. A
   * cycle that began by itself and left the remote out has done what it was to do.
   */
  boolean isCutShort() {
    return waiting > 0 && !context.dryRun() && (context.isManual() || !idle);
  }

  private Optional<String> heldBack() {
    return waiting > 0
        ? Optional.of(
            "Remote '%s' is held: %s waiting"
                .formatted(mirrored.name(), Counted.of(waiting, "file")))
        : Optional.empty();
  }

  boolean hasFault() {
    return fault.isPresent();
  }

  /** Most messages name the remote themselves. */
  private String named(RemoteException e) {
    String message = Causes.textOf(e);
    return message.contains("'" + mirrored.name() + "'")
        ? message
        : "Remote '" + mirrored.name() + "': " + message;
  }

  boolean hasFailures() {
    return items.failed() > 0 || deletions.failed() > 0;
  }

  Optional<String> error() {
    return fault.map(this::named).or(() -> isCutShort() ? heldBack() : Optional.empty());
  }
}
