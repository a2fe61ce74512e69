package dev.caravan.sync;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.RemoteRow;
import java.util.Optional;

/** Puts on record how a remote's part of a cycle ended. */
final class PartRecord {

  private PartRecord() {}

  /**
   * How it ended.
   *
   * @param state as runs have it
   * @param failed whether the whole remote was given up
   * @param held whether a person held it
   * @param halted whether it waits for a person's consent
   * @param error of the remote as a whole
   */
  record Ended(
      String state, boolean failed, boolean held, boolean halted, Optional<String> error) {}

  /** One that is held is on record only with what it moved before that. */
  static void write(SyncContext context, RemoteRow row, RemoteItems items, Ended ended) {
    long now = context.clock().millis();
    boolean notDue = ended.failed() && row.retryAtMillis() > now;
    boolean cancelled = context.book().isCancelled();
    RemoteRow.LastSync last =
        new RemoteRow.LastSync(
            context.book().id().value(),
            ended.held() ? "partial" : ended.state(),
            context.begunMillis(),
            now,
            items.uploaded(),
            items.uploadedBytes());
    Catalog catalog = context.catalog();
    catalog.commit(
        session -> {
          catalog.remotes().recordLastSync(session, row.id(), last);
          if (ended.held() && !ended.failed()) {
            return;
          }
          if (!ended.failed()) {
            catalog.remotes().recordWell(session, row.id());
          } else if (!cancelled && (!notDue || context.isManual())) {
            long retryAt = retryAt(context, row, ended.halted(), now);
            String error = ended.error().orElse("");
            catalog.remotes().recordFailure(session, row.id(), error, retryAt, now);
          }
        });
  }

  /** What waits for a person is not put off: when they agree, the next cycle carries it out. */
  private static long retryAt(SyncContext context, RemoteRow row, boolean halted, long now) {
    return halted
        ? context.begunMillis()
        : now + context.remoteRetries().after(row.failures() + 1).toMillis();
  }
}
