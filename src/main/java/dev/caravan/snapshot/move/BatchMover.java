package dev.caravan.snapshot.move;

import dev.caravan.event.ContentChangedException;
import dev.caravan.event.StorePath;
import dev.caravan.event.WantedSums;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.snapshot.fetch.ObjectFetch;
import dev.caravan.snapshot.manifest.ManifestEntry;
import dev.caravan.snapshot.move.Step.Way;
import dev.caravan.snapshot.tree.TreeEntry;
import dev.caravan.store.FileStat;
import dev.caravan.store.FileVersion;
import dev.caravan.store.StoreTree;
import java.io.IOException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries out the steps of batches; may be called by many threads at once. */
final class BatchMover {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.datamover");
  private static final int TRIES = 3;

  /** No file system that is known counts modifications in longer steps than this. */
  static final long DOUBT_NS = 2_000_000_000L;

  private final StoreTree tree;
  private final Remote remote;
  private final Place place;
  private final MoverCounts counts;
  private final Problems problems;
  private final MirrorTrash trash;
  private final AtomicBoolean cannotSweep = new AtomicBoolean();

  /**
   * Where things go.
   *
   * @param folder of the snapshot, with its slash; {@code ""} for a mirror
   * @param today the day of the trash
   * @param partsAbove bigger files are sent in parts, which a killed attempt leaves behind
   * @param tellsFiles true when each file is logged
   * @param doubtFromNs files that were modified then or later are not unchanged because size and
   *     time are: they are read
   * @param sealedAt when the manifest of the last snapshot was put, by the clock of the bucket:
   *     what was put after that is not what it tells of
   */
  record Place(
      String folder,
      LocalDate today,
      long partsAbove,
      boolean tellsFiles,
      long doubtFromNs,
      Instant sealedAt) {}

  BatchMover(StoreTree tree, Remote remote, Place place, MoverCounts counts, Problems problems) {
    this.tree = tree;
    this.remote = remote;
    this.place = place;
    this.counts = counts;
    this.problems = problems;
    this.trash = new MirrorTrash(remote);
  }

  /**
   * Carries out a batch.
   *
   * @return what stands in the manifest for it, in order
   * @throws RemoteException when the bucket cannot be used; single files are problems
   */
  List<ManifestEntry> move(Batch batch) throws RemoteException {
    Map<StorePath, RemoteException> kept = trash(batch);
    List<ManifestEntry> entries = new ArrayList<>(batch.steps().size());
    for (Step step : batch.steps()) {
      if (step.way() == Way.TRASH) {
        if (kept.containsKey(step.path())) {
          problems.note(step.path(), "cannot be moved to the trash: " + kept.get(step.path()));
          entries.add(step.before().orElseThrow());
        }
      } else {
        move(step).ifPresent(entries::add);
      }
    }
    return entries;
  }

  private Map<StorePath, RemoteException> trash(Batch batch) throws RemoteException {
    List<StorePath> paths =
        batch.steps().stream().filter(s -> s.way() == Way.TRASH).map(Step::path).toList();
    if (paths.isEmpty()) {
      return Map.of();
    }
    Map<ObjectKey, RemoteException> failed = trash.take(paths, place.today());
    Map<StorePath, RemoteException> kept = new LinkedHashMap<>();
    failed.forEach((key, why) -> kept.put(StorePath.of(key.value()), why));
    counts.trashed.add(paths.size() - kept.size());
    paths.forEach(path -> tell("deleted", path));
    return kept;
  }

  private Optional<ManifestEntry> move(Step step) throws RemoteException {
    Optional<ManifestEntry> entry =
        switch (step.way()) {
          case NOTE -> step.found().map(found -> ManifestEntry.of(found, Optional.empty()));
          case CARRY -> step.before();
          case KEEP -> keep(step);
          case COPY -> copy(step);
          case RESUME -> resume(step);
          case SEND -> send(step);
          case TRASH -> Optional.empty();
        };
    if (entry.isPresent() && entry.get().isFile()) {
      counts.files.increment();
      counts.bytes.add(entry.get().sizeBytes());
    }
    return entry;
  }

  private Optional<ManifestEntry> keep(Step step) throws RemoteException {
    if (isDoubtful(step) && !isContent(step, step.before().orElseThrow().sha256())) {
      return send(step);
    }
    counts.unchanged.increment();
    return Optional.of(entryAsNow(step));
  }

  /** Of a file whose size and time are as they were, which modes and owners need not be. */
  private static ManifestEntry entryAsNow(Step step) {
    ManifestEntry before = step.before().orElseThrow();
    TreeEntry.Found found = step.found().orElseThrow();
    boolean same =
        before.permissions() == found.permissions()
            && before.uid() == found.uid()
            && before.gid() == found.gid();
    return same ? before : ManifestEntry.of(found, before.sha256());
  }

  private Optional<ManifestEntry> copy(Step step) throws RemoteException {
    if (isDoubtful(step) && !isContent(step, step.before().orElseThrow().sha256())) {
      return send(step);
    }
    try {
      ObjectKey to = keyOf(step.path());
      boolean proven = !step.object().orElseThrow().modifiedAt().isAfter(place.sealedAt());
      Optional<ObjectStat> copy =
          proven ? remote.copyOnWord(proven(step), to) : remote.copy(proven(step), to);
      if (copy.isPresent() && copy.get().sha256().equals(step.before().orElseThrow().sha256())) {
        counts.copied.increment();
        tell("copied", step.path());
        return Optional.of(entryAsNow(step));
      }
    } catch (RemoteException e) {
      ensureGoesOn(e);
      LOG.debug("{} is sent, for it cannot be copied: {}", step.path(), e.getMessage());
    }
    return send(step);
  }

  /** A listing does not say the SHA-256; the manifest does. */
  private static ObjectStat proven(Step step) {
    ObjectStat listed = step.object().orElseThrow();
    return new ObjectStat(
        listed.key(),
        listed.sizeBytes(),
        listed.modifiedAt(),
        listed.etag(),
        listed.version(),
        step.before().orElseThrow().sha256());
  }

  /** What an attempt before this one sent is asked for: it must be this version of the file. */
  private Optional<ManifestEntry> resume(Step step) throws RemoteException {
    FileStat seen = step.found().orElseThrow().stat();
    Optional<ObjectStat> there = Optional.empty();
    try {
      there = remote.find(keyOf(step.path()));
    } catch (RemoteException e) {
      ensureGoesOn(e);
    }
    Optional<String> sha256 =
        there
            .filter(each -> each.sizeBytes() == seen.sizeBytes())
            .filter(each -> each.modifiedAt().equals(time(seen)))
            .flatMap(ObjectStat::sha256);
    boolean doubtful =
        step.object().isEmpty()
            || seen.modifiedNs() > ns(step.object().get().modifiedAt()) - DOUBT_NS;
    if (sha256.isEmpty()
        || (doubtful && !isContent(step, sha256))
        || !isStored(there.orElseThrow(), sha256.get())) {
      return send(step);
    }
    counts.resumed.increment();
    return step.found().map(found -> ManifestEntry.of(found, sha256));
  }

  /** A change within the tick of a file system's clock leaves size and time as they were. */
  private boolean isDoubtful(Step step) {
    return step.found().orElseThrow().stat().modifiedNs() >= place.doubtFromNs();
  }

  /** Reads the file. */
  private boolean isContent(Step step, Optional<String> sha256) {
    try {
      FileStat seen = step.found().orElseThrow().stat();
      return Optional.of(FileVersion.read(tree, seen, WantedSums.NONE).sha256()).equals(sha256);
    } catch (IOException e) {
      // Sending it tells why.
      return false;
    }
  }

  /** Where puts prove nothing, an attempt that was cut off may not have read it back. */
  private boolean isStored(ObjectStat there, String sha256) throws RemoteException {
    if (!remote.wantedSums(there.sizeBytes()).md5() || there.sizeBytes() > place.partsAbove()) {
      return true;
    }
    try {
      return new ObjectFetch(remote, there.key(), there.sizeBytes())
          .read(ObjectFetch.Sink.NONE)
          .equals(sha256);
    } catch (IOException e) {
      return false;
    } catch (RemoteException e) {
      ensureGoesOn(e);
      return false;
    }
  }

  private static long ns(Instant time) {
    return time.getEpochSecond() * 1_000_000_000L + time.getNano();
  }

  private static Instant time(FileStat stat) {
    return Instant.EPOCH.plusNanos(stat.modifiedNs());
  }

  private Optional<ManifestEntry> send(Step step) throws RemoteException {
    TreeEntry.Found found = step.found().orElseThrow();
    StorePath path = found.path();
    Optional<String> refusal =
        remote.refusal(StorePath.of(place.folder() + path), found.stat().sizeBytes());
    if (refusal.isPresent()) {
      return problem(step, refusal.get());
    }
    String cause = "";
    for (int attempt = 1; attempt <= TRIES; attempt++) {
      try {
        if (attempt > 1) {
          Optional<FileStat> now = tree.stat(path);
          if (now.isEmpty()) {
            return held(step);
          }
          if (now.get().kind() != FileStat.Kind.FILE) {
            return problem(step, "it became something else while the backup ran");
          }
          found = new TreeEntry.Found(now.get(), found.uid(), found.gid(), Optional.empty());
        }
        return Optional.of(sent(found));
      } catch (ContentChangedException e) {
        cause = String.valueOf(e.getMessage());
      } catch (IOException e) {
        return problem(step, "cannot be read: " + e.getMessage());
      } catch (RemoteException e) {
        ensureGoesOn(e);
        if (e.reason() == Cause.CORRUPT) {
          // Nobody may take for whole what says so of itself.
          remote.delete(List.of(keyOf(path)));
        }
        return problem(step, String.valueOf(e.getMessage()));
      }
    }
    return problem(step, cause);
  }

  private ManifestEntry sent(TreeEntry.Found found) throws RemoteException, IOException {
    FileStat seen = found.stat();
    ObjectKey key = keyOf(found.path());
    if (seen.sizeBytes() > place.partsAbove()) {
      sweep(key);
    }
    FileVersion version = FileVersion.read(tree, seen, remote.wantedSums(seen.sizeBytes()));
    remote.put(key, version);
    counts.uploaded.increment();
    counts.uploadedBytes.add(seen.sizeBytes());
    tell("sent", found.path());
    return ManifestEntry.of(found, Optional.of(version.sha256()));
  }

  /** Keys that may not look for what is left need not keep a file from being sent. */
  private void sweep(ObjectKey key) throws RemoteException {
    try {
      remote.sweep(key, Instant.EPOCH);
    } catch (RemoteException e) {
      if (e.reason() != Cause.PERMISSION && e.reason() != Cause.UNSUPPORTED) {
        throw e;
      }
      if (cannotSweep.compareAndSet(false, true)) {
        LOG.warn(
            "Parts that an attempt which was cut off may have left are not looked for: {}",
            e.getMessage());
      }
    }
  }

  private Optional<ManifestEntry> problem(Step step, String cause) throws RemoteException {
    problems.note(step.path(), cause);
    return held(step);
  }

  /** A mirror keeps what it has of a file that cannot be sent now, if it has it. */
  private Optional<ManifestEntry> held(Step step) throws RemoteException {
    Optional<ManifestEntry> before = step.before().filter(ManifestEntry::isFile);
    if (!place.folder().isEmpty() || before.isEmpty()) {
      return Optional.empty();
    }
    try {
      Optional<ObjectStat> there = remote.find(keyOf(step.path()));
      return before.filter(e -> there.filter(o -> o.sizeBytes() == e.sizeBytes()).isPresent());
    } catch (RemoteException e) {
      ensureGoesOn(e);
      return Optional.empty();
    }
  }

  /** Throws when it makes no sense to go on with the next file. */
  private static void ensureGoesOn(RemoteException e) throws RemoteException {
    if (e.reason().concernsWholeRemote() || e.reason() == Cause.CANCELLED) {
      throw e;
    }
  }

  private ObjectKey keyOf(StorePath path) {
    return new ObjectKey(place.folder() + path.value());
  }

  private void tell(String what, StorePath path) {
    if (place.tellsFiles()) {
      LOG.info("{} {}", what, path.value().replaceAll("\\p{Cntrl}", "?"));
    }
  }
}
