package dev.caravan.sync;

import dev.caravan.catalog.ItemRow;
import dev.caravan.catalog.RunCount;
import dev.caravan.event.StorePath;
import dev.caravan.sync.plan.SyncAction;
import dev.caravan.sync.plan.SyncReason;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Records what became of each file at one remote: in the run, and for the next try. */
final class RemoteItems {

  private final SyncContext context;
  private final String remote;
  private final int remoteId;
  private final AtomicLong uploaded = new AtomicLong();
  private final AtomicLong uploadedBytes = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong remoteFailures = new AtomicLong();

  RemoteItems(SyncContext context, String remote, int remoteId) {
    this.context = context;
    this.remote = remote;
    this.remoteId = remoteId;
  }

  long uploaded() {
    return uploaded.get();
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

  /** Records what a dry run would have done. */
  SyncOutcome planned(SyncAction action) {
    context.book().item(item(action, action.reason(), "planned", Optional.empty()));
    return outcome(action, SyncOutcome.State.SKIPPED);
  }

  /** Records what was sent, or found to be there already. */
  SyncOutcome done(SyncAction action, SyncReason what) {
    long bytes = action.row().file().sizeBytes();
    boolean sent = false;
    switch (what) {
      case VANISHED -> {
        return skipped(action, what, Optional.empty());
      }
      case UNCHANGED, ADOPTED -> context.book().count(RunCount.VERIFIED, 1);
      default -> {
        sent = true;
        context.book().count(RunCount.UPLOADED, 1);
        context.book().moved(bytes);
        uploaded.incrementAndGet();
        uploadedBytes.addAndGet(bytes);
      }
    }
    context.book().item(item(action, what, "done", Optional.empty()));
    return outcome(action, sent ? SyncOutcome.State.UPLOADED : SyncOutcome.State.VERIFIED);
  }

  /** Records what was left alone, and why. */
  SyncOutcome skipped(SyncAction action, SyncReason reason, Optional<String> message) {
    if (reason == SyncReason.SETTLING) {
      context.lookAgain();
    }
    if (reason == SyncReason.WAITING_AFTER_FAILURE) {
      failed.incrementAndGet();
    }
    if (reason != SyncReason.EXCLUDED) {
      context.book().count(RunCount.SKIPPED, 1);
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
    context.book().count(RunCount.FAILED, 1);
    context.book().item(item(action, reason, "failed", Optional.of(message)));
    context.book().warn("%s to '%s': %s".formatted(path, remote, message));
    Duration wait = context.fileRetries().after(action.row().attempts() + 1);
    long retryAt = context.clock().millis() + wait.toMillis();
    if (!context.dryRun()) {
      context
          .catalog()
          .submit(
              handle ->
                  context
                      .catalog()
                      .copies()
                      .recordFailed(handle, path, remoteId, message, retryAt));
    }
    return new SyncOutcome(path, remote, SyncOutcome.State.FAILED);
  }

  private ItemRow item(
      SyncAction action, SyncReason reason, String state, Optional<String> message) {
    return new ItemRow(
        0,
        action.row().file().path().value(),
        Optional.of(remote),
        action.kind().label(),
        reason.label(),
        state,
        action.row().file().sizeBytes(),
        message);
  }
}
