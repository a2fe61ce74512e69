package dev.caravan.cli.mover;

import dev.caravan.config.ByteSize;
import dev.caravan.event.StorePath;
import dev.caravan.remote.RemoteException;
import dev.caravan.snapshot.report.MoverReport;
import dev.caravan.snapshot.restore.RestoreReport;
import dev.caravan.snapshot.restore.SnapshotRestore;
import dev.caravan.snapshot.shelf.Origin;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
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
public final class MoverRestoreCommand extends MoverCall {

  @Option(
      names = "--snapshot",
      paramLabel = "NAME",
      defaultValue = Origin.LATEST,
      description =
          "A name such as 2026-11-21-032800, \"latest\" (default: the newest complete snapshot, or"
              + " the mirror if that is newer) or \"mirror\". A folder without a manifest only by"
              + " its name.")
  private String snapshot = Origin.LATEST;

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

  public MoverRestoreCommand() {
    this(System.getenv());
  }

  /**
   * The same with another environment.
   *
   * @param env names the bucket, as for a backup
   */
  public MoverRestoreCommand(Map<String, String> env) {
    super(env);
  }

  @Override
  Optional<MoverReport.Operation> operation() {
    return Optional.of(MoverReport.Operation.RESTORE);
  }

  @Override
  int run(Place place) throws RemoteException, IOException, InterruptedException {
    Optional<StorePath> only = only();
    Origin origin = origin(place, snapshot);
    Told problems = new Told();
    Told notes = new Told();
    RestoreReport report = new RestoreReport(listener(problems, notes));
    SnapshotRestore restore =
        new SnapshotRestore(
            place.remote(), to, place.settings().tuning().transfers(), report, Clock.systemUTC());
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
    moved(
        new MoverReport.Amounts(
            report.fetched() + report.unchanged(),
            report.bytes(),
            report.fetched(),
            report.bytes(),
            0,
            report.problems()));
    problems.end();
    notes.end();
    restore.stoppedBy().ifPresent(cause -> err().println("Given up before the end: " + cause));
    if (!any && only.isPresent()) {
      throw new IOException("There is no '%s' in %s".formatted(only.get(), origin.label()));
    }
    long left = origin.manifest().map(m -> m.totals().problems()).orElse(0L);
    if (left > 0) {
      err().println(left + " names of the source are not in this backup: they could not be read");
    }
    if (report.leftovers() > 0) {
      err().println(report.leftovers() + " unfinished files of a killed restore were deleted");
    }
    out().println(summary(origin, report));
    return report.problems() == 0 && restore.stoppedBy().isEmpty() ? 0 : 1;
  }

  private static RestoreReport.Listener listener(Told problems, Told notes) {
    return new RestoreReport.Listener() {
      @Override
      public void problem(String path, String cause) {
        problems.tell(path, cause);
      }

      @Override
      public void note(String path, String what) {
        notes.tell(path, what);
      }
    };
  }

  private Optional<StorePath> only() throws IOException {
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

  private String summary(Origin origin, RestoreReport report) {
    return "Restore %s to %s: %d files fetched (%s; %d replaced others), %d there already"
            .formatted(
                origin.label(),
                to,
                report.fetched(),
                ByteSize.format(report.bytes()),
                report.replaced(),
                report.unchanged())
        + ", %d links, %d folders, %d owners not set, %d problems"
            .formatted(report.links(), report.folders(), report.ownersLeft(), report.problems());
  }
}
