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
import dev.caravan.snapshot.manifest.EntriesAhead;
import dev.caravan.snapshot.manifest.ManifestHeader;
import dev.caravan.snapshot.manifest.ManifestObject;
import dev.caravan.snapshot.manifest.ManifestReader;
import dev.caravan.snapshot.manifest.ManifestTotals;
import dev.caravan.snapshot.tree.TreeWalk;
import dev.caravan.store.FileStat;
import dev.caravan.store.Filters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
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

  private final MoverWorld world;
  private final SnapshotShelf shelf;
  private final Problems problems = new Problems();
  private final Instant begunAt;
  private String folder = "";
  private String lastFolder = "";
  private List<String> older = List.of();
  private Optional<ManifestObject> last = Optional.empty();
  private Optional<StepFlow> flow = Optional.empty();
  private Optional<Batches> made = Optional.empty();
  private Optional<Survey> surveyed = Optional.empty();
  private Optional<ManifestObject> complete = Optional.empty();
  private Optional<ObjectContent> manifest = Optional.empty();
  private Instant sealedAt = Instant.MIN;
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
        sealedAt = putAt("");
        last = ManifestObject.fetch(world.remote(), "");
      } catch (DamagedManifestException e) {
        throw unusable(e);
      }
      return true;
    }
    String name = world.settings().timestamp().orElseGet(() -> SnapshotName.of(begunAt));
    folder = name + "/";
    List<String> names = shelf.names();
    resumed = names.remove(name);
    if (resumed && shelf.look(name).isComplete()) {
      resumed = false;
      new SnapshotNaming(world, begunAt).ensureRecent(name);
      complete = ManifestObject.load(world.remote(), folder);
      return false;
    }
    loadLast(names);
    return true;
  }

  private Instant putAt(String folder) throws RemoteException {
    return SnapshotShelf.putAt(world.remote(), ManifestObject.keyIn(folder)).orElse(Instant.MIN);
  }

  private static IOException unusable(DamagedManifestException e) {
    return new IOException(
        e.getMessage() + "; delete that object, and the next backup makes it anew", e);
  }

  /** The newest complete snapshot whose manifest can be used, as far as its header tells. */
  private void loadLast(List<String> names) throws RemoteException {
    for (int i = names.size() - 1; i >= 0; i--) {
      Snapshot each = shelf.look(names.get(i));
      if (!each.isComplete()) {
        continue;
      }
      try {
        sealedAt = putAt(each.folder());
        last = ManifestObject.fetch(world.remote(), each.folder());
        lastFolder = each.folder();
        older = names.subList(0, i);
        return;
      } catch (IOException e) {
        LOG.warn("{}: {}", each.name(), e.getMessage());
      }
    }
  }

  /** What the snapshot of this name held before, when it was complete. */
  public Optional<ManifestTotals> complete() {
    return complete.map(ManifestObject::totals);
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
  public Survey survey() throws RemoteException, IOException, HaltException {
    Survey survey = compare();
    MaxDelete most = world.settings().safety().maxDelete();
    boolean deletes = world.mirror() && world.settings().safety().deleteExtraneous();
    boolean first = last.isEmpty() && survey.files() == 0;
    Survey compared = first ? OtherKind.compare(survey, world, shelf) : survey;
    Optional<String> halt = HaltPlanner.halt(compared, deletes, most, world.source());
    if (halt.isPresent()) {
      throw new HaltException(halt.get());
    }
    shrunken = HaltPlanner.isShrunken(survey, most);
    return survey;
  }

  /** Reads the manifest of the last backup to its end, which proves it. */
  private Survey compare() throws RemoteException, IOException {
    while (true) {
      try (TreeWalk walk = walk()) {
        return Comparison.survey(walk, openLast());
      } catch (DamagedManifestException e) {
        DamagedManifestException named = last.orElseThrow().named(e);
        if (world.mirror()) {
          throw unusable(named);
        }
        LOG.warn("{}: {}", lastFolder.replace("/", ""), named.getMessage());
        last = Optional.empty();
        loadLast(older);
      }
    }
  }

  private Optional<EntriesAhead> openLast() throws IOException {
    return last.isEmpty() ? Optional.empty() : Optional.of(new EntriesAhead(last.get().open()));
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
    surveyed = Optional.of(survey);
    if (!world.mirror()) {
      folder = new SnapshotNaming(world, begunAt).begin(folder.replace("/", "")) + "/";
    }
    MoverTuning tuning = world.settings().tuning();
    BatchMover.Place place =
        new BatchMover.Place(
            folder,
            LocalDate.ofInstant(begunAt, ZoneOffset.UTC),
            tuning.partsAboveBytes(),
            tuning.talk() == MoverTuning.Talk.FILES,
            last.flatMap(each -> each.header().began())
                .map(began -> began.getEpochSecond() * 1_000_000_000L - BatchMover.DOUBT_NS)
                .orElse(Long.MIN_VALUE),
            sealedAt);
    mover =
        Optional.of(new BatchMover(world.tree(), world.remote(), place, world.counts(), problems));
    Instant named = world.mirror() ? begunAt : SnapshotName.parse(folder.replace("/", ""));
    ManifestSink entries =
        new ManifestSink(
            new ManifestHeader(named, world.source(), world.tool(), Optional.of(begunAt)));
    sink = Optional.of(entries);
    SortedListing listing = new SortedListing(world.remote(), folder, 0);
    boolean copies = !world.mirror() && last.isPresent();
    StepFlow.Sources sources =
        new StepFlow.Sources(
            walk(),
            openLast(),
            listing,
            copies
                ? Optional.of(new SortedListing(world.remote(), lastFolder, 0))
                : Optional.empty());
    StepFlow steps = new StepFlow(sources, rules(survey));
    flow = Optional.of(steps);
    Batches batches = new Batches(steps, entries);
    made = Optional.of(batches);
    return batches;
  }

  private StepFlow.Rules rules(Survey survey) {
    return new StepFlow.Rules(
        world.mirror(),
        sealedAt,
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
   * Ends the manifest, which nobody sees yet, and proves that all it names is there.
   *
   * @throws IncompleteException when something could not be taken along into a snapshot, and nobody
   *     agreed to that
   * @throws IOException when something that was stored is not there
   */
  public void finish() throws RemoteException, IOException, IncompleteException, HaltException {
    ManifestSink entries = sink.orElseThrow();
    Batches batches = made.orElseThrow();
    if (!batches.isWhole() || entries.taken() != batches.made()) {
      throw new IOException(
          "%d of %d batches were carried out%s: no manifest is made of this"
              .formatted(
                  entries.taken(), batches.made(), batches.isWhole() ? "" : ", and more to come"));
    }
    if (!isWhole() && !world.mirror()) {
      throw new IncompleteException(problems, false);
    }
    ensureNothingVanished(entries.totals(problems.count()));
    ObjectContent content = entries.finish(problems.count());
    new FolderProof(world.remote(), folder).run(() -> reader(content), !world.mirror());
    manifest = Optional.of(content);
  }

  private void ensureNothingVanished(ManifestTotals totals) throws HaltException {
    Survey survey = surveyed.orElseThrow();
    MaxDelete most = world.settings().safety().maxDelete();
    long vanished = survey.files() - totals.files() - problems.count();
    if (!world.mirror() && vanished > most.limit(survey.files())) {
      throw new HaltException(
          ("halted: while the backup ran, %d of %d files vanished from %s, more than MAX_DELETE=%s"
                  + " allows; no snapshot is made of the rest")
              .formatted(vanished, survey.files(), world.source(), most));
    }
    shrunken |= survey.known() - totals.files() > most.limit(survey.known());
  }

  private static ManifestReader reader(ObjectContent manifest) throws IOException {
    return new ManifestReader(manifest.open(0, manifest.sizeBytes()));
  }

  private boolean isWhole() {
    boolean agreed = world.settings().safety().skipUnreadable() && problems.foreign() == 0;
    return problems.count() == 0 || agreed;
  }

  /** True once {@link #finish} ended well. */
  public boolean isFinished() {
    return manifest.isPresent();
  }

  /** Asks once more for all objects: of what {@link #finish} made, or of what was complete. */
  public Verification verification() throws IOException {
    if (manifest.isPresent()) {
      long files = sink.orElseThrow().totals(0).files();
      return new Verification(world, folder, reader(manifest.get()), files, true);
    }
    ManifestObject known =
        complete.orElseThrow(() -> new IOException("the manifest of " + folder + " is not there"));
    return new Verification(world, folder, known.open(), known.totals().files(), false);
  }

  /**
   * Stores the manifest, which makes a backup of what was moved.
   *
   * @return what it sums up to
   * @throws IncompleteException when something could not be taken along into a mirror, and nobody
   *     agreed to that
   * @throws IOException when somebody else was at work on the same snapshot
   */
  public ManifestTotals seal()
      throws RemoteException, IOException, IncompleteException, HaltException {
    if (!isFinished()) {
      finish();
    }
    ObjectKey key = ManifestObject.keyIn(folder);
    if (!world.mirror()) {
      String name = folder.replace("/", "");
      if (!shelf.isOnRecord(name)) {
        throw new IOException(
            "snapshot " + name + " was removed while it was made: no manifest is stored");
      }
      if (world.remote().find(key).isPresent()) {
        throw new IOException(
            "another attempt completed snapshot " + name + " meanwhile: give each its own name");
      }
    }
    world.remote().put(key, manifest.orElseThrow());
    if (!isWhole()) {
      throw new IncompleteException(problems, true);
    }
    return sink.orElseThrow().totals(problems.count());
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
