package dev.caravan.archive;

import dev.caravan.archive.queue.QueueRow;
import dev.caravan.catalog.ItemRow;
import dev.caravan.catalog.RunBook;
import dev.caravan.catalog.RunCount;
import dev.caravan.catalog.RunRow;
import dev.caravan.event.EventContent;
import dev.caravan.event.EventContent.FileChange.Change;
import dev.caravan.event.Operation;
import dev.caravan.event.RunId;
import dev.caravan.event.RunState;
import dev.caravan.event.StorePath;
import dev.caravan.event.Trigger;
import java.time.Duration;
import java.util.Optional;

/** One run on record: a batch that is copied, or what is deleted in one round. */
final class ArchiveRun {

  private final ArchiveWorld world;
  private final String archive;
  private final RunBook book;
  private final long begunMillis;
  private Optional<String> error = Optional.empty();
  private boolean ended;

  private ArchiveRun(ArchiveWorld world, String archive, RunBook book, long begunMillis) {
    this.world = world;
    this.archive = archive;
    this.book = book;
    this.begunMillis = begunMillis;
  }

  /** Puts a run on record that has begun. */
  static ArchiveRun begin(ArchiveWorld world, String archive, Trigger trigger) {
    long now = world.clock().millis();
    RunId id = world.ids().get();
    RunRow row =
        new RunRow(
            id,
            Operation.ARCHIVE,
            trigger,
            RunState.QUEUED,
            false,
            now,
            0,
            0,
            Optional.empty(),
            "{}");
    world
        .catalog()
        .commit(
            session -> {
              world.catalog().runs().insert(session, row);
              world.catalog().runs().recordBegin(session, id, now);
            });
    world.events().publish(id, new EventContent.Status(Operation.ARCHIVE, RunState.RUNNING));
    RunBook book =
        new RunBook(world.catalog(), world.events(), id, Operation.ARCHIVE, world.clock());
    book.remote(archive, "running", Optional.empty());
    return new ArchiveRun(world, archive, book, now);
  }

  RunBook book() {
    return book;
  }

  /** The whole of it went wrong, or is remembered for its first fault. */
  void fault(String why) {
    if (error.isEmpty()) {
      error = Optional.of(why);
    }
  }

  void item(QueueRow row, String action, String state, long size, Optional<String> message) {
    book.item(
        new ItemRow(
            0,
            row.remotePath(),
            Optional.of(archive),
            action,
            row.state(Integer.MAX_VALUE).label(),
            state,
            size,
            message));
  }

  /** Tells listeners what became of a file; one that is no store path has no event. */
  void tell(String remotePath, Change change) {
    try {
      book.tell(StorePath.of(remotePath), change, archive);
    } catch (IllegalArgumentException e) {
      // The run's items name it.
    }
  }

  /** Ends it, once; what failed and what went well say how. */
  void end(boolean broken) {
    if (ended) {
      return;
    }
    ended = true;
    boolean failures = book.count(RunCount.FAILED) > 0;
    RunState state =
        book.isCancelled()
            ? RunState.CANCELLED
            : broken ? RunState.FAILED : failures ? RunState.PARTIAL : RunState.SUCCEEDED;
    Optional<String> why = state == RunState.SUCCEEDED ? Optional.empty() : error;
    book.remote(archive, state.label(), why);
    book.end(state, why.map(text -> "Archive '" + archive + "': " + text));
    long took = Math.max(0, world.clock().millis() - begunMillis);
    world.meters().ended(state, Duration.ofMillis(took));
  }
}
