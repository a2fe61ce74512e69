package dev.caravan.cli.mover;

import dev.caravan.config.ByteSize;
import dev.caravan.event.Counted;
import dev.caravan.event.StorePath;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.snapshot.make.MoverPlace;
import dev.caravan.snapshot.report.MoverReport;
import dev.caravan.snapshot.restore.RestoreReport;
import dev.caravan.snapshot.restore.SnapshotRestore;
import dev.caravan.snapshot.shelf.Origin;
import dev.caravan.snapshot.voice.MoverProgress;
import dev.caravan.snapshot.voice.Phases;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code caravan datamover restore}. */
@Command(
    name = "restore",
    mixinStandardHelpOptions = true,
    description =
        "Brings a backup back: content, permissions, owners (as root), times, links and empty"
            + " folders. What is there with the same content stays; nothing is deleted.",
    footer = "Exits 0 when all is there, 1 when something is not.")
public final class MoverRestoreCommand extends MoverWork {

  @Option(
      names = "--path",
      paramLabel = "PATH",
      description = "One file or folder of it; default: all.")
  private Optional<String> path = Optional.empty();

  @Option(
      names = "--to",
      paramLabel = "DIR",
      defaultValue = "/data",
      description = "The folder to restore into; default: /data.")
  private Path to = Path.of("/data");

  private volatile Optional<RestoreReport> report = Optional.empty();

  @Override
  MoverReport.Operation operation() {
    return MoverReport.Operation.RESTORE;
  }

  @Override
  String moving() {
    return "fetched";
  }

  @Override
  boolean isWhole() {
    return path.isEmpty();
  }

  @Override
  MoverProgress.Mark mark() {
    return new MoverProgress.Mark(
        report.map(all -> all.fetched() + all.unchanged()).orElse(0L),
        report.map(all -> all.bytes() + all.unchangedBytes()).orElse(0L),
        movedBytes());
  }

  @Override
  Done work(MoverPlace place, Remote remote, Origin origin, Phases phases)
      throws RemoteException, IOException, InterruptedException {
    Optional<StorePath> only = only();
    Told problems = new Told();
    Told notes = new Told();
    RestoreReport all = new RestoreReport(new Listening(problems, notes, phases));
    report = Optional.of(all);
    int transfers = place.settings().tuning().transfers().most();
    SnapshotRestore restore = new SnapshotRestore(remote, to, transfers, all, clock);
    boolean any;
    if (origin.manifest().isPresent()) {
      any = restore.run(origin.manifest().get(), origin.folder(), only);
    } else {
      err()
          .println(
              "%s has no manifest: an attempt that did not end, or another tool's; its files come"
                      .formatted(origin.label())
                  + " as they are listed, without permissions, owners, links and empty folders");
      any = restore.runPlain(origin.folder(), only);
    }
    problems.end();
    notes.end();
    if (!any && only.isPresent()) {
      throw new IOException("There is no '%s' in %s".formatted(only.get(), origin.label()));
    }
    if (!any && origin.manifest().isEmpty()) {
      throw new IOException(
          "There is no '%s' at %s; caravan datamover list shows what is there"
              .formatted(origin.label(), remote.identity()));
    }
    long left = origin.manifest().map(m -> m.totals().problems()).orElse(0L);
    if (left > 0) {
      err().println(left + " names of the source are not in this backup: they could not be read");
    }
    Optional<String> error = restore.stoppedBy().map(cause -> "given up before the end: " + cause);
    if (error.isEmpty() && all.problems() > 0) {
      error = Optional.of(Counted.of(all.problems(), "file") + " missing or not as stored");
    }
    return new Done(error, all.view(), summary(origin, all), amounts(all));
  }

  private static MoverReport.Amounts amounts(RestoreReport all) {
    return new MoverReport.Amounts(
        all.fetched() + all.unchanged(),
        all.bytes(),
        all.fetched(),
        all.bytes(),
        0,
        all.problems());
  }

  /** Tells a person of files, and the log of phases. */
  private record Listening(Told problems, Told notes, Phases phases)
      implements RestoreReport.Listener {

    @Override
    public void problem(String path, String cause) {
      problems.tell(path, cause);
    }

    @Override
    public void note(String path, String what) {
      notes.tell(path, what);
    }

    @Override
    public void begins(String phase) {
      phases.enter(phase);
    }

    @Override
    public void ended(RestoreReport all) {
      phases.done(all.view());
    }
  }

  private Optional<StorePath> only() throws IOException {
    if (path.filter(String::isEmpty).isPresent()) {
      throw new IOException("--path is empty; to restore everything leave it out");
    }
    String text = path.orElse("").replaceFirst("^(\\./)+", "").replaceFirst("/+$", "");
    if (path.isEmpty() || text.isEmpty() || text.equals(".")) {
      return Optional.empty();
    }
    try {
      return Optional.of(StorePath.of(text));
    } catch (IllegalArgumentException e) {
      throw new IOException(
          "--path " + text + ": name a file or folder of the backup, relative to its top", e);
    }
  }

  private String summary(Origin origin, RestoreReport all) {
    return "Restore %s to %s: %s fetched (%s; %d replaced others), %d there already"
            .formatted(
                origin.label(),
                to,
                Counted.of(all.fetched(), "file"),
                ByteSize.format(all.bytes()),
                all.replaced(),
                all.unchanged())
        + ", %s, %s, %s not set, %s"
            .formatted(
                Counted.of(all.links(), "link"),
                Counted.of(all.folders(), "folder"),
                Counted.of(all.ownersLeft(), "owner"),
                Counted.of(all.problems(), "problem"))
        + (all.leftovers() == 0
            ? ""
            : ", %s of a killed restore deleted"
                .formatted(Counted.of(all.leftovers(), "unfinished file")));
  }
}
