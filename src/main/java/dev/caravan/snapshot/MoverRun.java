package dev.caravan.snapshot;

import dev.caravan.config.ByteSize;
import dev.caravan.event.Counted;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.snapshot.env.MoverSettings;
import dev.caravan.snapshot.keep.SnapshotName;
import dev.caravan.snapshot.manifest.ManifestEntry;
import dev.caravan.snapshot.manifest.ManifestTotals;
import dev.caravan.snapshot.move.Backup;
import dev.caravan.snapshot.move.Batch;
import dev.caravan.snapshot.move.Batches;
import dev.caravan.snapshot.move.Expiry;
import dev.caravan.snapshot.move.IncompleteException;
import dev.caravan.snapshot.move.MoverCounts;
import dev.caravan.snapshot.move.MoverWorld;
import dev.caravan.snapshot.move.RemoteSurvey;
import dev.caravan.snapshot.move.Survey;
import dev.caravan.snapshot.move.Verification;
import dev.caravan.snapshot.rclone.RcloneBackup;
import dev.caravan.snapshot.report.MoverReport;
import dev.caravan.snapshot.voice.MoverProgress;
import dev.caravan.snapshot.voice.MoverProgress.Mark;
import dev.caravan.snapshot.voice.Phases;
import java.io.IOException;
import java.time.Instant;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of the mover, phase by phase, and how it ends. */
public final class MoverRun implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.datamover");

  private final MoverWorld world;
  private final Map<String, String> env;
  private final Phases phases;
  private final Backup backup;
  private final MoverProgress progress;
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final Object lastWords = new Object();
  private final FutureTask<Map<String, String>> probe;
  private Optional<Survey> survey = Optional.empty();
  private volatile Optional<Batches> batches = Optional.empty();
  private Optional<Verification> verification = Optional.empty();
  private String folder = "";
  private volatile Optional<RcloneBackup> rclone = Optional.empty();
  private boolean idle;
  private boolean ended;

  /** How it ended. */
  public record Ended(
      boolean succeeded,
      Instant startedAt,
      Instant endedAt,
      String error,
      Optional<MoverReport.Amounts> amounts) {}

  /**
   * @param env of this process
   * @param lines take a line of JSON for each phase
   */
  public MoverRun(MoverWorld world, Map<String, String> env, Consumer<String> lines) {
    this.world = world;
    this.env = env;
    this.phases = new Phases(env, lines, world.clock(), "connect");
    this.backup = new Backup(world);
    this.probe = new FutureTask<>(() -> world.remote().probe());
    MoverCounts counts = world.counts();
    this.progress =
        new MoverProgress(() -> new Mark(counts.files(), counts.bytes(), counts.sent()), "sent");
  }

  /** True when the rclone binary moves the bytes. */
  boolean isRclone() {
    return world.settings().engine() == MoverSettings.Engine.RCLONE;
  }

  /** Begins to ask whether the bucket can be used, beside what else there is to do first. */
  public void prepare() {
    Thread thread = new Thread(probe, "mover-connect");
    thread.setDaemon(true);
    thread.start();
  }

  /** Asks whether the bucket can be used, and whose the prefix is. */
  void connect() throws RemoteException, IOException, InterruptedException {
    LOG.info("{} -> {}", world.settings().source(), world.remote().identity());
    Map<String, String> facts = probed();
    world.claim().take(world.owner());
    progress.start();
    phases.done(
        Map.of("bucket", world.remote().identity(), "owner", world.owner(), "facts", facts));
  }

  private Map<String, String> probed() throws RemoteException, InterruptedException {
    // Does nothing where it was begun before.
    probe.run();
    try {
      return probe.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RemoteException fault) {
        throw new RemoteException(fault.reason(), Diagnosis.connection(fault), fault);
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Compares the source with what is there; nothing is changed before that. */
  void plan() throws Exception {
    phases.enter("plan");
    if (isRclone()) {
      phases.done(Map.of());
      return;
    }
    idle = !backup.open();
    folder = backup.folder();
    if (idle) {
      LOG.info("snapshot {} is complete: nothing to do", backup.folder().replace("/", ""));
      phases.done(Map.of("complete", true));
      return;
    }
    Survey found = backup.survey();
    survey = Optional.of(found);
    progress.expect(found.files(), found.bytes());
    LOG.info(
        "{}, {}; {} new or changed, {}; {} gone since {}{}",
        Counted.of(found.files(), "file"),
        ByteSize.format(found.bytes()),
        found.changed(),
        ByteSize.format(found.changedBytes()),
        found.gone(),
        backup.basis(),
        backup.isResumed() ? "; an earlier attempt is taken up" : "");
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("files", found.files());
    facts.put("bytes", found.bytes());
    facts.put("changed", found.changed());
    facts.put("changed_bytes", found.changedBytes());
    facts.put("gone", found.gone());
    facts.put("resumed", backup.isResumed());
    phases.done(facts);
  }

  /** What is to be moved, some files at a time. */
  Iterator<Batch> batches() throws Exception {
    phases.enter("transfer");
    if (idle) {
      return Collections.emptyIterator();
    }
    world.claim().ensureTaken(world.owner());
    Batches made = backup.batches(survey.orElseThrow());
    folder = backup.folder();
    batches = Optional.of(made);
    return made;
  }

  /** Moves some files. The first thing that ends it all is kept, and nothing further begins. */
  void move(Batch batch) {
    if (failure.get() == null) {
      attempt(() -> backup.move(batch));
    }
  }

  private interface Attempt {
    void run() throws Exception;
  }

  private void attempt(Attempt attempt) {
    try {
      attempt.run();
    } catch (Exception | Error e) {
      failure.compareAndSet(null, e);
      batches.ifPresent(Batches::stop);
    }
  }

  /** Stores the manifest: from now on it is a backup. */
  void seal() throws Exception {
    ensureGood();
    phases.enter("manifest");
    if (!idle) {
      world.claim().ensureTaken(world.owner());
      ManifestTotals totals = backup.seal();
      phases.done(
          Map.of("entries", totals.entries(), "files", totals.files(), "bytes", totals.bytes()));
    }
  }

  private void ensureGood() throws Exception {
    batches.flatMap(Batches::failure).ifPresent(e -> failure.compareAndSet(null, e));
    Throwable fault = failure.get();
    if (fault instanceof Exception e) {
      throw e;
    }
    if (fault != null) {
      throw new IllegalStateException(fault);
    }
  }

  /** Ends what is moved; what is to be asked for once more comes of it. */
  Iterator<List<ManifestEntry>> portions() throws Exception {
    ensureGood();
    phases.done(world.counts().view());
    phases.enter("verify");
    if (!idle) {
      backup.finish();
    }
    if (!world.settings().safety().verify()) {
      return Collections.emptyIterator();
    }
    verification = Optional.of(backup.verification());
    return verification.get().portions();
  }

  /** Asks for some files. */
  void ask(List<ManifestEntry> files) {
    if (failure.get() == null) {
      attempt(() -> verification.orElseThrow().ask(files));
    }
  }

  /** Ends the verification. */
  void verified() throws Exception {
    ensureGood();
    if (verification.isPresent()) {
      verification.get().end();
      phases.done(Map.of("files", verification.get().good()));
    }
  }

  /** Lets the rclone binary do it. */
  void rclone() throws Exception {
    phases.enter("transfer");
    if (world.settings().dated()) {
      folder =
          world.settings().timestamp().orElseGet(() -> SnapshotName.of(phases.startedAt())) + "/";
    }
    RemoteSurvey found = RemoteSurvey.of(world);
    world.claim().ensureTaken(world.owner());
    RemoteSurvey.putManifestAside(world);
    RcloneBackup child =
        new RcloneBackup(world.settings(), env, line -> LOG.info("rclone: {}", line));
    rclone = Optional.of(child);
    ensureGood();
    child.run(folder, found.others(), found.mostDeleted());
    phases.done(Map.of("engine", "rclone", "folder", folder));
  }

  /** Removes what nobody keeps. */
  void expire() throws RemoteException {
    phases.enter("retention");
    if (idle) {
      LOG.debug("nothing was backed up, so nothing is removed");
    } else if (backup.isShrunken()) {
      LOG.warn(
          "the source lost many files since {}: no snapshot is removed this time", backup.basis());
    } else if (!isRclone()) {
      new Expiry(world).run(backup.folder());
    }
    phases.done(Map.of("removed", world.counts().removedSnapshots()));
  }

  /** Something ended it. */
  public void fail(Throwable fault) {
    failure.compareAndSet(null, fault);
    backup.breakOff();
    if (fault instanceof IncompleteException && !backup.isShrunken()) {
      tidy();
    }
  }

  /** Snapshots that never become complete would pile up for ever. */
  private void tidy() {
    try {
      new Expiry(world).runIncomplete(folder);
    } catch (RemoteException e) {
      LOG.warn("What earlier attempts left could not be removed: {}", e.getMessage());
    }
  }

  /**
   * Ends it from outside, such as for a signal: nothing further begins, what runs beside is ended,
   * and the last words are said. Does nothing when it has ended.
   *
   * @param why in a few words
   * @return true when it had not ended yet
   */
  public boolean stop(String why) {
    synchronized (lastWords) {
      if (ended) {
        return false;
      }
      failure.compareAndSet(null, new RemoteException(Cause.CANCELLED, why));
    }
    batches.ifPresent(Batches::stop);
    backup.breakOff();
    rclone.ifPresent(RcloneBackup::stop);
    end();
    // What is under way fails with it, and whoever waits for that need not wait any more.
    world.remote().close();
    return true;
  }

  /** Says how it went; once. */
  public void end() {
    synchronized (lastWords) {
      if (!ended) {
        ended = true;
        sayEnd();
      }
    }
  }

  private void sayEnd() {
    progress.close();
    Throwable fault = failure.get();
    String summary =
        fault == null
            ? "backup succeeded in %.1f s: %s".formatted(phases.seconds(), whatWasDone())
            : "backup failed (%s): %s".formatted(phases.current(), Phases.messageOf(fault));
    if (fault != null) {
      LOG.debug("It failed here", fault);
    }
    Map<String, Object> last = new LinkedHashMap<>();
    last.put("snapshot", folder.replace("/", ""));
    if (isRclone()) {
      last.put("engine", "rclone");
    } else {
      last.putAll(world.counts().view());
      last.put("problems", backup.problems());
    }
    phases.end(Optional.ofNullable(fault).map(Phases::messageOf), last, summary);
  }

  private String whatWasDone() {
    if (isRclone()) {
      return "what rclone did is in its own lines";
    }
    if (idle) {
      ManifestTotals held = backup.complete().orElseThrow();
      return "snapshot %s was complete, %s, %s"
          .formatted(
              folder.replace("/", ""),
              Counted.of(held.files(), "file"),
              ByteSize.format(held.bytes()));
    }
    String leftOut = backup.problems() == 0 ? "" : ", " + backup.problems() + " left out";
    return world.counts().text() + leftOut;
  }

  /** Nobody counts what rclone does; a backup that was complete before holds what it held. */
  private Optional<MoverReport.Amounts> amounts() {
    if (isRclone()) {
      return Optional.empty();
    }
    MoverCounts counts = world.counts();
    Optional<ManifestTotals> held = backup.complete();
    return Optional.of(
        new MoverReport.Amounts(
            held.map(ManifestTotals::files).orElse(counts.files()),
            held.map(ManifestTotals::bytes).orElse(counts.bytes()),
            counts.uploaded(),
            counts.uploadedBytes(),
            counts.copied(),
            held.map(ManifestTotals::problems).orElse(backup.problems())));
  }

  /** How it ended. */
  public Ended ended() {
    Throwable fault = failure.get();
    return new Ended(
        fault == null && ended,
        phases.startedAt(),
        world.clock().instant(),
        fault == null ? "" : Diagnosis.word(fault),
        amounts());
  }

  @Override
  public void close() throws IOException {
    progress.close();
    backup.close();
    if (verification.isPresent()) {
      verification.get().close();
    }
  }
}
