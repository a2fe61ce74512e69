package dev.caravan.snapshot.move;

import dev.caravan.config.MaxDelete;
import dev.caravan.event.ObjectContent;
import dev.caravan.event.StorePath;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.snapshot.env.MoverTuning;
import dev.caravan.snapshot.keep.Snapshot;
import dev.caravan.snapshot.keep.SnapshotName;
import dev.caravan.snapshot.keep.SnapshotShelf;
import dev.caravan.snapshot.manifest.DamagedManifestException;
import dev.caravan.snapshot.manifest.ManifestEntry;
import dev.caravan.snapshot.manifest.ManifestHeader;
import dev.caravan.snapshot.manifest.ManifestObject;
import dev.caravan.snapshot.manifest.ManifestReader;
import dev.caravan.snapshot.manifest.ManifestTotals;
import dev.caravan.snapshot.tree.TreeEntry;
import dev.caravan.snapshot.tree.TreeWalk;
import dev.caravan.store.FileStat;
import dev.caravan.store.Filters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One backup with the native engine, step by step: {@link #open}, {@link #survey}, {@link #batches}
 * and {@link #move} for each, {@link #seal}. Its folder counts as a snapshot from {@link #seal} on.
 */
public final class Backup implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.datamover");
  private static final int LEFTOVERS_MAX = 50_000;

  private final MoverWorld world;
  private final SnapshotShelf shelf;
  private final Problems problems = new Problems();
  private final Instant begunAt;
  private String folder = "";
  private String lastFolder = "";
  private Optional<ManifestObject> last = Optional.empty();
  private Optional<StepFlow> flow = Optional.empty();
  private Optional<SortedListing> there = Optional.empty();
  private Optional<ManifestSink> sink = Optional.empty();
  private Optional<BatchMover> mover = Optional.empty();
  private Set<String> inner = Set.of();
  private boolean resumed;
  private boolean shrunken;

  public Backup(MoverWorld world) {
    this.world = world;
    this.shelf = new SnapshotShelf(world.remote());
    this.begunAt = world.clock().instant();
  }

  /**
   * Chooses the folder and loads what the last backup left.
   *
   * @return false when there is nothing to do: the snapshot of this name is complete
   */
  public boolean open() throws RemoteException, IOException {
    if (world.mirror()) {
      inner = world.claim().inner();
      try {
        last = ManifestObject.load(world.remote(), "");
      } catch (DamagedManifestException e) {
        throw new IOException(
            e.getMessage() + "; delete that object, and the next backup makes it anew", e);
      }
      return true;
    }
    String name = world.settings().timestamp().orElseGet(() -> SnapshotName.of(begunAt));
    folder = name + "/";
    List<Snapshot> all = shelf.list();
    Optional<Snapshot> same = all.stream().filter(each -> each.name().equals(name)).findFirst();
    if (same.isPresent() && same.get().isComplete()) {
      return false;
    }
    resumed = same.isPresent();
    loadLast(all);
    return true;
  }

  /** The newest complete snapshot whose manifest can be used. */
  private void loadLast(List<Snapshot> all) throws RemoteException {
    List<Snapshot> newestFirst =
        all.stream()
            .filter(Snapshot::isComplete)
            .sorted(Comparator.comparing(Snapshot::takenAt).reversed())
            .toList();
    for (Snapshot each : newestFirst) {
      try {
        last = ManifestObject.load(world.remote(), each.folder());
        lastFolder = each.folder();
        return;
      } catch (IOException e) {
        LOG.warn("{}: {}", each.name(), e.getMessage());
      }
    }
  }

  /** The folder of this snapshot, with its slash; {@code ""} for a mirror. */
  public String folder() {
    return folder;
  }

  /** The snapshot from which unchanged files are copied, in words. */
  public String basis() {
    String what = world.mirror() ? "the mirror" : "snapshot " + lastFolder.replace("/", "");
    return last.isEmpty() ? "no earlier backup" : what;
  }

  /** True when an attempt before this one began the same snapshot. */
  public boolean isResumed() {
    return resumed;
  }

  /** True when so many files are gone that nothing old must be removed now. */
  public boolean isShrunken() {
    return shrunken;
  }

  /**
   * Compares the source with the last backup; changes nothing.
   *
   * @throws HaltException when a person must look first
   */
  public Survey survey() throws IOException, HaltException {
    long[] sums = new long[7];
    try (TreeWalk walk = walk()) {
      Optional<ManifestReader> before = last.isEmpty() ? Optional.empty() : openLast();
      Comparison comparison = new Comparison(before);
      for (Optional<TreeEntry> next = walk.next(); next.isPresent(); next = walk.next()) {
        if (next.get() instanceof TreeEntry.Found found) {
          Optional<ManifestEntry> same = comparison.at(found);
          if (found.kind() == FileStat.Kind.FILE) {
            boolean changed = !StepPlanner.isUnchanged(found, same);
            sums[0]++;
            sums[1] += found.stat().sizeBytes();
            sums[2] += changed ? 1 : 0;
            sums[3] += changed ? found.stat().sizeBytes() : 0;
          }
        } else {
          comparison.hide(next.get().path());
          sums[6]++;
        }
      }
      comparison.end();
      sums[4] = comparison.known();
      sums[5] = comparison.gone();
    }
    Survey survey = new Survey(sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], sums[6]);
    MaxDelete most = world.settings().safety().maxDelete();
    boolean deletes = world.mirror() && world.settings().safety().deleteExtraneous();
    Optional<String> halt = HaltPlanner.halt(survey, deletes, most, world.source());
    if (halt.isPresent()) {
      throw new HaltException(halt.get());
    }
    shrunken = HaltPlanner.isShrunken(survey, most);
    return survey;
  }

  private Optional<ManifestReader> openLast() throws IOException {
    return Optional.of(last.orElseThrow().open());
  }

  private TreeWalk walk() {
    return TreeWalk.open(world.tree(), Filters.all());
  }

  /**
   * Begins to move; what comes is to be given to {@link #move}, by as many threads as wanted.
   *
   * @param survey as it was found
   */
  public Batches batches(Survey survey) throws RemoteException, IOException {
    if (!world.mirror()) {
      shelf.begin(folder.replace("/", ""));
    }
    MoverTuning tuning = world.settings().tuning();
    BatchMover.Place place =
        new BatchMover.Place(
            folder,
            LocalDate.ofInstant(begunAt, ZoneOffset.UTC),
            tuning.partsAboveBytes(),
            tuning.talk() == MoverTuning.Talk.FILES);
    mover =
        Optional.of(new BatchMover(world.tree(), world.remote(), place, world.counts(), problems));
    Instant named = world.mirror() ? begunAt : SnapshotName.parse(folder.replace("/", ""));
    ManifestSink manifest =
        new ManifestSink(new ManifestHeader(named, world.source(), world.tool()));
    sink = Optional.of(manifest);
    SortedListing listing =
        new SortedListing(world.remote(), folder, world.mirror() ? 0 : LEFTOVERS_MAX);
    there = Optional.of(listing);
    boolean copies = !world.mirror() && last.isPresent();
    StepFlow.Sources sources =
        new StepFlow.Sources(
            walk(),
            last.isEmpty() ? Optional.empty() : openLast(),
            listing,
            copies
                ? Optional.of(new SortedListing(world.remote(), lastFolder, 0))
                : Optional.empty());
    StepFlow steps = new StepFlow(sources, rules(survey));
    flow = Optional.of(steps);
    return new Batches(steps, manifest);
  }

  private StepFlow.Rules rules(Survey survey) {
    return new StepFlow.Rules(
        world.mirror(),
        world.settings().safety().deleteExtraneous(),
        world.settings().safety().maxDelete().limit(survey.known()),
        inner,
        new Looks(),
        problems);
  }

  private final class Looks implements StepFlow.Looks {
    @Override
    public Optional<FileStat> at(StorePath path) throws IOException {
      return world.tree().stat(path);
    }

    @Override
    public boolean isFolder(StorePath path) {
      return Files.isDirectory(world.tree().pathOf(path), LinkOption.NOFOLLOW_LINKS);
    }
  }

  /** Carries out a batch. */
  public void move(Batch batch) throws RemoteException {
    sink.orElseThrow().add(batch.number(), mover.orElseThrow().move(batch));
  }

  /** Lets go of who waits: there will be no manifest. */
  public void breakOff() {
    sink.ifPresent(ManifestSink::breakOff);
  }

  /**
   * Stores the manifest, which makes a backup of what was moved.
   *
   * @return what it sums up to
   * @throws IncompleteException when something could not be taken along, and nobody agreed to that
   */
  public ManifestTotals seal() throws RemoteException, IOException, IncompleteException {
    boolean agreed = world.settings().safety().skipUnreadable() && problems.foreign() == 0;
    boolean complete = problems.count() == 0 || agreed;
    ManifestTotals totals = sink.orElseThrow().totals(problems.count());
    if (complete && resumed) {
      removeLeftovers();
    }
    if (complete || world.mirror()) {
      ObjectContent manifest = sink.orElseThrow().finish(problems.count());
      world.remote().put(ManifestObject.keyIn(folder), manifest);
    }
    if (!complete) {
      throw new IncompleteException(problems.count(), problems.first(), world.mirror());
    }
    return totals;
  }

  /** What an attempt before this one sent, and the source has no more. */
  private void removeLeftovers() throws RemoteException {
    List<ObjectKey> keys = there.orElseThrow().extraneous();
    for (int from = 0; from < keys.size(); from += 1_000) {
      world
          .remote()
          .delete(new ArrayList<>(keys.subList(from, Math.min(keys.size(), from + 1_000))));
    }
  }

  /** How many names could not be taken along. */
  public long problems() {
    return problems.count();
  }

  /** How many sockets, pipes and devices were left out. */
  public long odd() {
    return problems.odd();
  }

  @Override
  public void close() throws IOException {
    if (flow.isPresent()) {
      flow.get().close();
    }
  }
}
