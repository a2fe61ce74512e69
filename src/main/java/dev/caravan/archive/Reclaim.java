package dev.caravan.archive;

import dev.caravan.archive.carry.Carrier;
import dev.caravan.archive.carry.Carrier.Parcel;
import dev.caravan.archive.carry.Carrier.Proof;
import dev.caravan.archive.carry.RemotePath;
import dev.caravan.archive.queue.QueueChanges;
import dev.caravan.archive.queue.QueueRow;
import dev.caravan.catalog.RunCount;
import dev.caravan.event.EventContent.FileChange.Change;
import dev.caravan.event.PathNames;
import dev.caravan.remote.RemoteException;
import dev.caravan.store.FileRemoval;
import dev.caravan.store.FileStat;
import dev.caravan.store.single.LocalFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Deletes local files whose copies were just verified anew. A file that is not exactly what the
 * destination holds at this moment stays.
 */
final class Reclaim {

  /** A kernel stamps changes with a clock that ticks; within a tick a change does not show. */
  private static final double QUIET_SECONDS = 2;

  private static final double NS = 1e9;

  private static final String NOT_NOW =
      "Its row changed, or another row of the same file waits to be copied or says that it stays";

  private final Archive archive;
  private final ArchiveRun run;

  Reclaim(Archive archive, ArchiveRun run) {
    this.archive = archive;
    this.run = run;
  }

  /** A file that may go if its copy is as it should be. */
  private record Candidate(QueueRow row, Parcel parcel, LocalFile local) {}

  /**
   * Deletes what may go of these.
   *
   * @return false when asking for them took too long, so that fewer are to be asked for; what was
   *     not answered is as it was, unless it was alone
   */
  boolean reclaim(List<QueueRow> rows) throws RemoteException {
    run.book().expect(rows.size(), 0);
    Map<Long, Candidate> candidates = new LinkedHashMap<>();
    for (QueueRow row : rows) {
      try {
        Parcel parcel =
            new Parcel(
                row.id(),
                RemotePath.plain(row.remotePath()),
                LocalPaths.of(row.localPath()),
                row.localMd5(),
                row.sha256());
        LocalFile local = new LocalFile(parcel.local(), archive.world().clock());
        if (local.isThere()) {
          candidates.put(row.id(), new Candidate(row, parcel, local));
        } else {
          missing(row);
        }
      } catch (IllegalArgumentException e) {
        keep(row, String.valueOf(e.getMessage()));
      }
    }
    List<Parcel> parcels = candidates.values().stream().map(Candidate::parcel).toList();
    Carrier.Proofs proofs =
        parcels.isEmpty()
            ? new Carrier.Proofs(Map.of(), false)
            : archive.carrier().prove(parcels, archive::isStopping);
    if (archive.isStopping()) {
      return true;
    }
    Map<Candidate, FileStat> proven = new LinkedHashMap<>();
    for (Candidate each : candidates.values()) {
      Optional<Proof> proof = Optional.ofNullable(proofs.found().get(each.row().id()));
      if (proof.isEmpty() && proofs.timedOut()) {
        unanswered(each.row(), rows.size() == 1);
      } else {
        judge(each, proof).ifPresent(seen -> proven.put(each, seen));
      }
    }
    remove(proven);
    return !proofs.timedOut();
  }

  private void unanswered(QueueRow row, boolean alone) {
    String why = "Asking for its checksum took longer than cmd_timeout";
    if (alone) {
      keep(row, why);
    } else {
      run.book().count(RunCount.SKIPPED, 1);
      run.book().advance(1);
    }
  }

  /** How the local file looks, if it may go. */
  private Optional<FileStat> judge(Candidate each, Optional<Proof> proof) {
    QueueRow row = each.row();
    if (proof.isPresent() && !proof.get().isKnown()) {
      keep(row, "The destination cannot say what it holds of it");
      return Optional.empty();
    }
    if (proof.filter(found -> found.md5().equals(row.localMd5())).isEmpty()) {
      String why =
          proof.isPresent()
              ? "The destination holds other content than was verified (md5 %s)"
                  .formatted(proof.get().md5())
              : "The destination does not hold it any more";
      lost(row, proof.map(Proof::md5), why);
      return Optional.empty();
    }
    try {
      if (archive.isSource(each.parcel())) {
        lost(row, Optional.empty(), Archive.ITSELF);
        return Optional.empty();
      }
      Optional<FileStat> seen = each.local().look();
      if (seen.isEmpty()) {
        keep(row, "It is no regular file any more");
        return Optional.empty();
      }
      if (isKnown(row, seen.get())) {
        return seen;
      }
      String md5 = each.local().md5(seen.get());
      if (md5.equals(row.localMd5())) {
        return seen;
      }
      changed(row, md5);
    } catch (IOException e) {
      keep(row, "The local file cannot be read: " + e.getMessage());
    }
    return Optional.empty();
  }

  /** True when it looks as it did when its copy was verified, and was quiet before that. */
  private static boolean isKnown(QueueRow row, FileStat seen) {
    double quietSince = Math.max(seen.modifiedNs(), seen.changedNs()) / NS + QUIET_SECONDS;
    return row.seen().filter(Archive.seen(seen)::equals).isPresent()
        && row.verifiedAt().isPresent()
        && quietSince < row.verifiedAt().getAsDouble();
  }

  private void remove(Map<Candidate, FileStat> proven) {
    if (proven.isEmpty()) {
      return;
    }
    Set<Candidate> noted =
        archive
            .file()
            .write(
                session -> {
                  // The transaction may be tried again: what it answers is of one try.
                  Set<Candidate> those = new HashSet<>();
                  proven.forEach(
                      (each, seen) -> {
                        String path = PathNames.textOf(each.parcel().local());
                        if (QueueChanges.recordRemoving(
                            session, each.row(), path, Archive.seen(seen))) {
                          those.add(each);
                        }
                      });
                  return those;
                });
    List<QueueRow> removed = new ArrayList<>();
    Map<QueueRow, String> kept = new LinkedHashMap<>();
    proven.forEach(
        (each, seen) -> {
          if (!noted.contains(each)) {
            kept.put(each.row(), NOT_NOW);
            return;
          }
          try {
            FileRemoval.Outcome outcome = each.local().remove(seen);
            switch (outcome) {
              case REMOVED, GONE -> removed.add(each.row());
              case CHANGED, KEPT_BESIDE -> kept.put(each.row(), "It changed at the last moment");
            }
          } catch (IOException e) {
            kept.put(each.row(), "The local file cannot be deleted: " + e.getMessage());
          }
        });
    double now = archive.world().seconds();
    archive
        .file()
        .write(
            session -> {
              removed.forEach(
                  row ->
                      QueueChanges.recordRemoved(
                          session, row, now, "Deleted: its copy was proven"));
              kept.forEach((row, why) -> QueueChanges.recordKept(session, row, why, now));
              archive.folders().note(session, removed, now);
              return true;
            });
    removed.forEach(row -> told(row, RunCount.PURGED, "done", Optional.empty()));
    removed.forEach(row -> run.tell(row.remotePath(), Change.PURGED));
    archive.count(ArchiveMeters.Event.REMOVED, removed.size());
    kept.forEach((row, why) -> told(row, RunCount.SKIPPED, "skipped", Optional.of(why)));
  }

  private void told(QueueRow row, RunCount count, String state, Optional<String> why) {
    run.book().count(count, 1);
    run.item(row, "delete", state, row.seen().map(QueueRow.Seen::sizeBytes).orElse(-1L), why);
    run.book().advance(1);
  }

  private void missing(QueueRow row) {
    String why = "The local file was missing when it was to be deleted";
    write(row, session -> QueueChanges.recordRemoved(session, row, 0, why));
    told(row, RunCount.SKIPPED, "skipped", Optional.of(why));
  }

  private void keep(QueueRow row, String why) {
    double now = archive.world().seconds();
    write(row, session -> QueueChanges.recordKept(session, row, why, now));
    told(row, RunCount.SKIPPED, "skipped", Optional.of(why));
  }

  private void lost(QueueRow row, Optional<String> md5, String why) {
    write(row, session -> QueueChanges.recordLost(session, row, md5, why));
    archive.count(ArchiveMeters.Event.LOST, 1);
    run.fault("%s: %s; it is copied again".formatted(Archive.shown(row.remotePath()), why));
    run.book().warn("%s: %s".formatted(Archive.shown(row.remotePath()), why));
    told(row, RunCount.FAILED, "failed", Optional.of(why));
  }

  private void changed(QueueRow row, String md5) {
    double now = archive.world().seconds();
    write(row, session -> QueueChanges.recordChanged(session, row, md5, now));
    archive.count(ArchiveMeters.Event.CHANGED, 1);
    told(row, RunCount.SKIPPED, "skipped", Optional.of("It changed; it stays and is copied again"));
  }

  private void write(
      QueueRow row, java.util.function.Consumer<dev.caravan.catalog.sql.Session> change) {
    archive
        .file()
        .write(
            session -> {
              change.accept(session);
              return row;
            });
  }
}
