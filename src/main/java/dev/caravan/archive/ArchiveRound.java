package dev.caravan.archive;

import dev.caravan.archive.queue.QueueRow;
import dev.caravan.archive.queue.QueueTable.Place;
import dev.caravan.event.Trigger;
import dev.caravan.remote.RemoteException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * One look at an archive's queue: all that can be copied, once each, batch by batch; then what can
 * be deleted; then what can be announced.
 */
public final class ArchiveRound {

  private static final int DELETED_AT_ONCE = 1_000;

  /** A file that was to go and stayed is not asked for again sooner. */
  private static final double KEPT_SECONDS = 3_600;

  /** Where a batch took too long, the next is so many times smaller. */
  private static final int SHRINK = 8;

  private final Archive archive;
  private final Trigger trigger;
  private final double begunAt;
  private boolean broken;
  private Optional<CopyBatch> next = Optional.empty();
  private Optional<ArchiveRun> run = Optional.empty();

  ArchiveRound(Archive archive, Trigger trigger) {
    this.archive = archive;
    this.trigger = trigger;
    this.begunAt = archive.world().seconds();
  }

  Archive archive() {
    return archive;
  }

  /** The run that is on record at this moment. */
  Optional<ArchiveRun> run() {
    return run;
  }

  /** True while there is a batch to copy; it is put on record when it is asked for. */
  boolean hasNext() {
    if (next.isPresent()) {
      return true;
    }
    if (broken || hasToEnd()) {
      return false;
    }
    if (!isUsable()) {
      return false;
    }
    List<QueueRow> rows =
        archive
            .queue()
            .listCopyable(archive.settings().maxCopyAttempts(), begunAt, archive.batchSize());
    if (!rows.isEmpty()) {
      archive.activity(Archive.Activity.COPYING);
      next = Optional.of(new CopyBatch(archive, beginRun(), rows));
    }
    return next.isPresent();
  }

  /** After a failure, looks first at what can be looked at without the server. */
  private boolean isUsable() {
    if (archive.hostFailures() == 0) {
      return true;
    }
    try {
      archive.carrier().probe();
      return true;
    } catch (RemoteException e) {
      fail(e);
      return false;
    }
  }

  CopyBatch next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    CopyBatch batch = next.orElseThrow();
    next = Optional.empty();
    return batch;
  }

  private ArchiveRun beginRun() {
    ArchiveRun begun = ArchiveRun.begin(archive.world(), archive.name(), trigger);
    run = Optional.of(begun);
    archive.running(Optional.of(begun.book()));
    return begun;
  }

  /** Copies a batch. */
  void carry(CopyBatch batch) throws RemoteException {
    batch.carry();
    archive.works();
    if (batch.slow().isPresent()) {
      archive.count(ArchiveMeters.Event.TIMED_OUT, 1);
      batch.run().fault(batch.slow().get());
      archive.batchSize(batch.size() / SHRINK);
    } else {
      archive.batchSize(archive.batchSize() * 2);
    }
  }

  /** Something as a whole did not work: the round ends, and the next one waits longer. */
  void fail(Throwable fault) {
    broken = true;
    boolean host = fault instanceof RemoteException;
    boolean stopped =
        archive.isStopping()
            || (fault instanceof RemoteException e
                && e.reason() == RemoteException.Cause.CANCELLED);
    if (stopped) {
      run.ifPresent(each -> each.book().cancel());
      return;
    }
    String why = fault.getMessage() == null ? fault.toString() : fault.getMessage();
    archive.count(host ? ArchiveMeters.Event.HOST_DOWN : ArchiveMeters.Event.DATABASE_FAILED, 1);
    archive.broken(why);
    run.ifPresent(each -> each.fault(why));
  }

  /** Ends the run that is on record. */
  void endRun() {
    Optional<ArchiveRun> ending = run;
    run = Optional.empty();
    archive.running(Optional.empty());
    ending.ifPresent(each -> each.end(broken));
    if (ending.isPresent()) {
      // A round may last for hours.
      archive.alerts().tell();
    }
  }

  /** True when something as a whole did not work. */
  boolean isBroken() {
    return broken;
  }

  /** Deletes local files that are old enough, once they are proven anew. */
  void reclaim() throws RemoteException {
    Optional<Duration> age = archive.settings().deleteLocalAfter();
    if (age.isEmpty() || broken) {
      return;
    }
    boolean registered =
        archive.settings().deleteClock()
            == dev.caravan.config.ArchiveSettings.DeleteClock.REGISTERED;
    // Worked out in whole milliseconds, so that the instant itself is met exactly.
    double since = (archive.world().clock().millis() - age.get().toMillis()) / 1000.0;
    double keptBefore = archive.world().seconds() - KEPT_SECONDS;
    Place place = Place.START;
    while (!hasToEnd()) {
      List<QueueRow> rows =
          archive.queue().listDeletable(since, registered, keptBefore, place, deletedAtOnce());
      if (rows.isEmpty()) {
        break;
      }
      if (run.isEmpty()) {
        beginRun();
        archive.activity(Archive.Activity.DELETING);
      }
      boolean inTime = new Reclaim(archive, run.orElseThrow()).reclaim(rows);
      archive.batchSize(inTime ? archive.batchSize() * 2 : rows.size() / SHRINK);
      if (!inTime) {
        archive.count(ArchiveMeters.Event.TIMED_OUT, 1);
      }
      if (inTime || rows.size() == 1) {
        QueueRow last = rows.get(rows.size() - 1);
        place = new Place(last.timestamp(), last.id());
      }
    }
    if (!hasToEnd()) {
      archive.folders().sweep(archive.world().seconds());
    }
  }

  /** A hold lets the batch under way come to its end, and no other begin. */
  private boolean hasToEnd() {
    return archive.isStopping() || archive.isHeld();
  }

  private int deletedAtOnce() {
    return Math.min(DELETED_AT_ONCE, archive.batchSize());
  }

  /** Announces the timecode directories that are finished. */
  void announce() throws IOException {
    if (!hasToEnd()) {
      archive.announcer().announce();
    }
  }
}
