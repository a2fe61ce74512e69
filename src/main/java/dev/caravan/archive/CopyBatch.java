package dev.caravan.archive;

import dev.caravan.archive.carry.Carrier;
import dev.caravan.archive.carry.Carrier.Parcel;
import dev.caravan.archive.carry.Carrier.Proof;
import dev.caravan.archive.carry.RemotePath;
import dev.caravan.archive.queue.QueueChanges;
import dev.caravan.archive.queue.QueueRow;
import dev.caravan.catalog.RunCount;
import dev.caravan.catalog.sql.Session;
import dev.caravan.event.ContentChangedException;
import dev.caravan.event.EventContent.FileChange.Change;
import dev.caravan.remote.RemoteException;
import dev.caravan.store.FileStat;
import dev.caravan.store.single.LocalFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Files that are copied together. Each is accounted for by itself, whatever becomes of the others:
 * an attempt that failed counts once, and one that the destination as a whole prevented not at all.
 */
public final class CopyBatch {

  /** Producers wait while changes are written, so not all are at once. */
  private static final int WRITTEN_AT_ONCE = 500;

  private final Archive archive;
  private final ArchiveRun run;
  private final List<QueueRow> rows;
  private final Map<Long, Candidate> candidates = new LinkedHashMap<>();
  private final List<Consumer<Session>> changes = new ArrayList<>();
  private final List<Runnable> told = new ArrayList<>();
  private Optional<String> slow = Optional.empty();

  /** A file that can be sent, and how it looked before that. */
  private record Candidate(QueueRow row, Parcel parcel, LocalFile local, FileStat seen) {}

  CopyBatch(Archive archive, ArchiveRun run, List<QueueRow> rows) {
    this.archive = archive;
    this.run = run;
    this.rows = List.copyOf(rows);
  }

  ArchiveRun run() {
    return run;
  }

  /** What took too long, so that not all of it was done. */
  Optional<String> slow() {
    return slow;
  }

  int size() {
    return rows.size();
  }

  /** Sends what can be sent, asks what arrived, and records what became of each file. */
  void carry() throws RemoteException {
    rows.forEach(each -> run.book().expect(1, 0));
    choose();
    write();
    if (candidates.isEmpty()) {
      return;
    }
    Carrier carrier = archive.carrier();
    List<Parcel> parcels = candidates.values().stream().map(Candidate::parcel).toList();
    Carrier.Sent sent;
    try {
      carrier.probe();
      sent = carrier.send(parcels, archive::isStopping);
    } catch (RemoteException e) {
      keepWhatArrived(carrier, parcels, e);
      throw e;
    }
    boolean stopping = archive.isStopping();
    // What was not sent because of the stop did not fail.
    List<Candidate> asked =
        candidates.values().stream()
            .filter(each -> !stopping || sent.whole().contains(each.row().id()))
            .toList();
    Carrier.Proofs proofs =
        carrier.prove(asked.stream().map(Candidate::parcel).toList(), archive::isStopping);
    if (sent.timedOut()) {
      slow = Optional.of("The copy took longer than copy_timeout");
    } else if (proofs.timedOut()) {
      slow = Optional.of("Asking for checksums took longer than cmd_timeout");
    }
    for (Candidate each : asked) {
      Proof proof = proofs.found().get(each.row().id());
      if (proof == null && slow.isPresent() && rows.size() > 1) {
        // It had no turn of its own, and gets one in a smaller batch of this very round.
        run.book().count(RunCount.SKIPPED, 1);
      } else {
        judge(each, proof, sent);
      }
    }
    write();
    if (stopping) {
      throw new RemoteException(RemoteException.Cause.CANCELLED, "Cancelled, cannot copy the rest");
    }
  }

  /** A connection that was lost may come back: what had arrived need not be sent again. */
  private void keepWhatArrived(Carrier carrier, List<Parcel> parcels, RemoteException why) {
    if (why.reason() != RemoteException.Cause.NETWORK
        && why.reason() != RemoteException.Cause.FULL
        && why.reason() != RemoteException.Cause.SERVER
        && why.reason() != RemoteException.Cause.OTHER) {
      return;
    }
    try {
      Map<Long, Proof> proofs = carrier.prove(parcels, archive::isStopping).found();
      for (Candidate each : candidates.values()) {
        Proof proof = proofs.get(each.row().id());
        if (proof != null && proof.md5().equals(each.row().localMd5())) {
          // It may lie there from an earlier time: the local file is read.
          judge(each, proof, new Carrier.Sent(Map.of(), Set.of(), false));
        }
      }
      write();
    } catch (RemoteException e) {
      // It is down, as was told.
    }
  }

  private void choose() {
    Set<String> places = new HashSet<>();
    for (QueueRow row : rows) {
      try {
        String place = RemotePath.plain(row.remotePath());
        Path path = LocalPaths.of(row.localPath());
        choose(row, place, path, places);
      } catch (IllegalArgumentException e) {
        fail(row, String.valueOf(e.getMessage()), Optional.empty(), true);
      }
    }
  }

  private void choose(QueueRow row, String place, Path path, Set<String> places) {
    LocalFile local = new LocalFile(path, archive.world().clock());
    Optional<FileStat> seen;
    try {
      seen = local.look();
    } catch (IOException e) {
      fail(row, "The local file cannot be looked at: " + e.getMessage(), Optional.empty(), false);
      return;
    }
    if (seen.isEmpty()) {
      String why = local.isThere() ? "is no regular file" : "is missing";
      fail(row, "The local file " + why, Optional.empty(), false);
      return;
    }
    Parcel parcel = new Parcel(row.id(), place, path, row.localMd5(), row.sha256());
    if (isSource(parcel)) {
      fail(row, Archive.ITSELF, Optional.empty(), true);
      return;
    }
    Optional<QueueRow> holder = archive.queue().findHolder(place, row.id());
    if (holder.filter(other -> !other.localMd5().equals(row.localMd5())).isPresent()) {
      String why =
          "File %d lies there already, verified, with other content; it is not overwritten"
              .formatted(holder.get().id());
      fail(row, why, Optional.empty(), true);
    } else if (!places.add(place)) {
      passOver(row, "Another file of the same remote path goes first");
    } else {
      candidates.put(row.id(), new Candidate(row, parcel, local, seen.get()));
    }
  }

  /** A destination that cannot be looked at says so when something is sent there. */
  private boolean isSource(Parcel parcel) {
    try {
      return archive.isSource(parcel);
    } catch (IOException e) {
      return false;
    }
  }

  private void judge(
      Candidate each, @org.jspecify.annotations.Nullable Proof proof, Carrier.Sent sent) {
    QueueRow row = each.row();
    try {
      Optional<FileStat> now = each.local().look();
      boolean unchanged = now.filter(each.seen()::isSameVersionAs).isPresent();
      // Only what was sent just now is known to be what the local file was just now.
      boolean fresh = sent.whole().contains(row.id());
      if (fresh && proof != null && proof.md5().equals(row.localMd5()) && unchanged) {
        verified(each, proof, each.seen());
        return;
      }
      if (now.isEmpty()) {
        fail(row, "The local file went away while it was copied", md5(proof), false);
        return;
      }
      String local = each.local().md5(now.get());
      if (proof != null && proof.md5().equals(local)) {
        verified(each, proof, now.get());
      } else if (!local.equals(row.localMd5())) {
        changed(row, local);
      } else {
        failedAtDestination(each, proof, sent);
      }
    } catch (ContentChangedException e) {
      passOver(row, "The local file changed while it was copied");
    } catch (IOException e) {
      fail(row, "The local file cannot be read: " + e.getMessage(), md5(proof), false);
    }
  }

  private void failedAtDestination(
      Candidate each, @org.jspecify.annotations.Nullable Proof proof, Carrier.Sent sent) {
    QueueRow row = each.row();
    if (slow.isPresent() && rows.size() > 1) {
      // It had no turn of its own, and gets one in a smaller batch of this very round.
      run.book().count(RunCount.SKIPPED, 1);
      return;
    }
    String found =
        proof == null || !proof.isKnown()
            ? "It was not there after the copy, or could not be read there"
            : "The destination holds other content after the copy (md5 " + proof.md5() + ")";
    String otherwise = slow.orElse(found);
    fail(row, sent.faults().getOrDefault(row.id(), otherwise), md5(proof), false);
  }

  private static Optional<String> md5(@org.jspecify.annotations.Nullable Proof proof) {
    return Optional.ofNullable(proof).filter(Proof::isKnown).map(Proof::md5);
  }

  private void verified(Candidate each, Proof proof, FileStat seen) {
    QueueRow row = each.row();
    QueueRow.Seen looks = Archive.seen(seen);
    double now = archive.world().seconds();
    changes.add(
        session ->
            QueueChanges.recordVerified(
                session,
                row,
                new QueueChanges.Verified(proof.md5(), proof.sha256(), Optional.of(looks), now)));
    told.add(
        () -> {
          boolean other = !proof.md5().equals(row.localMd5());
          archive.count(ArchiveMeters.Event.COPIED, 1);
          archive.count(ArchiveMeters.Event.CHANGED, other ? 1 : 0);
          archive.world().meters().bytes(archive.name(), seen.sizeBytes());
          archive.copied(row, each.parcel().local().toString(), true);
          run.book().count(RunCount.UPLOADED, 1);
          run.book().count(RunCount.VERIFIED, 1);
          run.book().moved(seen.sizeBytes());
          run.item(row, "copy", "done", seen.sizeBytes(), Optional.empty());
          run.tell(each.parcel().remotePath(), Change.UPLOADED);
        });
  }

  private void changed(QueueRow row, String md5) {
    double now = archive.world().seconds();
    changes.add(session -> QueueChanges.recordChanged(session, row, md5, now));
    told.add(
        () -> {
          archive.count(ArchiveMeters.Event.CHANGED, 1);
          run.book().count(RunCount.SKIPPED, 1);
          run.item(row, "copy", "skipped", -1, Optional.of("It changed and is copied again"));
        });
  }

  private void passOver(QueueRow row, String why) {
    double now = archive.world().seconds();
    changes.add(session -> QueueChanges.recordPassedOver(session, row, why, now));
    told.add(
        () -> {
          run.book().count(RunCount.SKIPPED, 1);
          run.item(row, "copy", "skipped", -1, Optional.of(why));
        });
  }

  private void fail(QueueRow row, String why, Optional<String> remoteMd5, boolean hopeless) {
    boolean dead = hopeless || row.attempts() + 1 >= archive.settings().maxCopyAttempts();
    double now = archive.world().seconds();
    changes.add(session -> QueueChanges.recordFailed(session, row, remoteMd5, why, dead, now));
    told.add(
        () -> {
          archive.count(ArchiveMeters.Event.FAILED, 1);
          archive.copied(row, row.localPath(), false);
          if (dead) {
            archive.count(ArchiveMeters.Event.DEAD, 1);
            archive.givenUp(row, why);
          }
          run.fault("%s: %s".formatted(Archive.shown(row.remotePath()), why));
          run.book().count(RunCount.FAILED, 1);
          run.item(row, "copy", "failed", -1, Optional.of(why));
          run.tell(row.remotePath(), Change.FAILED);
        });
  }

  /** What is told was written before. */
  private void write() {
    for (int from = 0; from < changes.size(); from += WRITTEN_AT_ONCE) {
      List<Consumer<Session>> some =
          changes.subList(from, Math.min(changes.size(), from + WRITTEN_AT_ONCE));
      archive
          .file()
          .write(
              session -> {
                some.forEach(each -> each.accept(session));
                return true;
              });
    }
    changes.clear();
    told.forEach(
        each -> {
          each.run();
          run.book().advance(1);
        });
    told.clear();
  }
}
