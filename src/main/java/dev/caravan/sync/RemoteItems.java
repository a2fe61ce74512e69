package dev.caravan.sync;

import dev.caravan.catalog.ItemRow;
import dev.caravan.catalog.RunCount;
import dev.caravan.event.EventContent.FileChange.Change;
import dev.caravan.event.StorePath;
import dev.caravan.sync.move.FileMover;
import dev.caravan.sync.plan.SyncAction;
import dev.caravan.sync.plan.SyncReason;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Records what became of each file at one remote: in the run, and for the next try. */
final class RemoteItems {

  private final SyncContext context;
  private final String remote;
  private final int remoteId;
  private final AtomicLong uploaded = new AtomicLong();
  private final AtomicLong uploadedBytes = new AtomicLong();
  private final AtomicLong renamed = new AtomicLong();
  private final AtomicLong described = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong unkept = new AtomicLong();
  private final AtomicLong remoteFailures = new AtomicLong();

  RemoteItems(SyncContext context, String remote, int remoteId) {
    this.context = context;
    this.remote = remote;
    this.remoteId = remoteId;
  }

  long uploaded() {
    return uploaded.get();
  }

  /** How many lie there with the bytes that they had, and another time, mode or owner. */
  long described() {
    return described.get();
  }

  /** How many lie there now and did not before. */
  long arrived() {
    return uploaded.get() + renamed.get();
  }

  long uploadedBytes() {
    return uploadedBytes.get();
  }

  /** How many failed, or wait after a failure. */
  long failed() {
    return failed.get();
  }

  /** How many the remote refused or failed in this cycle. */
  long remoteFailures() {
    return remoteFailures.get();
  }

  SyncOutcome outcome(SyncAction action, SyncOutcome.State state) {
    return new SyncOutcome(action.row().file().path(), remote, state);
  }

  /** Records what a dry run would have done, and what the remote will not keep of the file. */
  SyncOutcome planned(SyncAction action, SyncReason reason) {
    Optional<String> lost =
        Optional.of(String.join(", ", action.unkept())).filter(words -> !words.isEmpty());
    lost.ifPresent(words -> unkept.incrementAndGet());
    Optional<String> message = lost.map(words -> "kept in the catalog only: " + words);
    context.book().item(item(action, reason, "planned", message));
    return outcome(action, SyncOutcome.State.SKIPPED);
  }

  /** One line for all files of a dry run of which the remote does not keep everything. */
  void tellUnkept() {
    if (unkept.get() > 0) {
      String line = "Files whose permissions, owner or time '%s' does not keep as they are: %d";
      context.book().info(line.formatted(remote, unkept.get()));
    }
  }

  /** Records what was sent, or found to be there already. */
  SyncOutcome done(SyncAction action, FileMover.Moved moved) {
    SyncReason what = moved.reason();
    StorePath path = action.row().file().path();
    long bytes = action.row().file().sizeBytes();
    SyncOutcome.State state = SyncOutcome.State.VERIFIED;
    switch (what) {
      case VANISHED, DATABASE_LOG, DATABASE_BUSY -> {
        return skipped(action, what, Optional.empty());
      }
      case UNCHANGED -> {
        count(RunCount.VERIFIED, 1);
        described.incrementAndGet();
      }
      case ADOPTED -> count(RunCount.VERIFIED, 1);
      case RENAMED -> {
        state = SyncOutcome.State.RENAMED;
        count(RunCount.RENAMED, 1);
        renamed.incrementAndGet();
        // To those who listen it is a file that the remote did not have.
        moved.recorded().thenRun(() -> context.book().tell(path, Change.UPLOADED, remote));
      }
      default -> {
        state = SyncOutcome.State.UPLOADED;
        count(RunCount.UPLOADED, 1);
        context.book().moved(bytes);
        uploaded.incrementAndGet();
        uploadedBytes.addAndGet(bytes);
        moved.recorded().thenRun(() -> context.book().tell(path, Change.UPLOADED, remote));
      }
    }
    context.book().item(item(action, what, "done", Optional.empty()));
    return outcome(action, state);
  }

  /** Records what was left alone, and why. */
  SyncOutcome skipped(SyncAction action, SyncReason reason, Optional<String> message) {
    if (reason == SyncReason.SETTLING) {
      long changedMillis = action.row().file().changedNs() / 1_000_000;
      context.lookAgain(action.row().file().path(), Instant.ofEpochMilli(changedMillis));
    }
    if (reason == SyncReason.WAITING_AFTER_FAILURE) {
      failed.incrementAndGet();
    }
    if (reason != SyncReason.EXCLUDED) {
      count(RunCount.SKIPPED, 1);
      context.book().item(item(action, reason, "skipped", message));
    }
    return outcome(action, SyncOutcome.State.SKIPPED);
  }

  /** Records what failed, and when to try it again. */
  SyncOutcome problem(SyncAction action, SyncReason reason, String message) {
    failed.incrementAndGet();
    if (reason == SyncReason.REMOTE_FAILED) {
      remoteFailures.incrementAndGet();
    }
    StorePath path = action.row().file().path();
    count(RunCount.FAILED, 1);
    context.book().item(item(action, reason, "failed", Optional.of(message)));
    context.book().warn("%s to '%s': %s".formatted(path, remote, message));
    Duration wait = context.fileRetries().after(action.row().attempts() + 1);
    long retryAt = context.clock().millis() + wait.toMillis();
    if (!context.dryRun()) {
      context
          .catalog()
          .submit(
              session ->
                  context
                      .catalog()
                      .copies()
                      .recordFailed(session, path, remoteId, message, retryAt))
          .thenRun(() -> context.book().tell(path, Change.FAILED, remote));
    }
    return new SyncOutcome(path, remote, SyncOutcome.State.FAILED, Optional.of(message));
  }

  private void count(RunCount what, long files) {
    context.book().count(what, files);
    if (!context.dryRun()) {
      context.meters().objects(remote, what, files);
    }
  }

  private ItemRow item(
      SyncAction action, SyncReason reason, String state, Optional<String> message) {
    return new ItemRow(
        0,
        action.row().file().path().value(),
        Optional.of(remote),
        reason == SyncReason.RENAMED ? "rename" : action.kind().label(),
        reason.label(),
        state,
        action.row().file().sizeBytes(),
        message);
  }
}
