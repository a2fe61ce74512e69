package dev.caravan.catalog.turn;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.RunBook;
import dev.caravan.catalog.RunRow;
import dev.caravan.event.EventBus;
import dev.caravan.event.EventContent;
import dev.caravan.event.Operation;
import dev.caravan.event.RunId;
import dev.caravan.event.RunState;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Puts on record, and tells, what becomes of the wishes in a queue. */
record RunRecords(Catalog catalog, EventBus events, Supplier<RunId> ids, Clock clock) {

  /** A run that waits. */
  RunRow insert(RunWish wish) {
    RunRow row =
        new RunRow(
            ids.get(),
            wish.operation(),
            wish.trigger(),
            RunState.QUEUED,
            wish.dryRun(),
            clock.millis(),
            0,
            0,
            Optional.empty(),
            "{}");
    catalog.commit(session -> catalog.runs().insert(session, row));
    tell(row, RunState.QUEUED);
    return row;
  }

  /** A run that waited, and now need not begin. */
  void drop(RunRow row) {
    catalog.commit(
        session ->
            catalog
                .runs()
                .recordEnd(
                    session,
                    row.id(),
                    RunState.CANCELLED,
                    Optional.of("Cancelled before it began"),
                    "{}",
                    clock.millis()));
    tell(row, RunState.CANCELLED);
  }

  /** A run that has its turn. */
  RunBook begin(RunRow row) {
    catalog.commit(session -> catalog.runs().recordBegin(session, row.id(), clock.millis()));
    tell(row, RunState.RUNNING);
    return new RunBook(catalog, events, row.id(), row.operation(), clock);
  }

  /** Ends what is recorded as running, and does not run. */
  void endLost(Set<Operation> operations) {
    for (Operation operation : operations) {
      List<RunRow> lost =
          catalog.runs().list(Optional.of(operation), Optional.of(RunState.RUNNING), 10);
      if (!lost.isEmpty()) {
        catalog.commit(session -> catalog.runs().recordLost(session, operation, clock.millis()));
        lost.forEach(each -> tell(each, RunState.FAILED));
      }
    }
  }

  private void tell(RunRow row, RunState state) {
    events.publish(row.id(), new EventContent.Status(row.operation(), state));
  }
}
