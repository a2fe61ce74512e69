package dev.caravan.cli.mover;

import dev.caravan.config.ByteSize;
import dev.caravan.remote.RemoteException;
import dev.caravan.snapshot.report.MoverReport;
import dev.caravan.snapshot.shelf.Origin;
import dev.caravan.snapshot.verify.SnapshotVerify;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code caravan datamover verify}. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = "Asks for every file of a backup whether it is there and is what was stored.",
    footer = "Exits 0 when all are, 1 when one is not, or could not be asked for.")
public final class MoverVerifyCommand extends MoverCall {

  @Option(
      names = "--snapshot",
      paramLabel = "NAME",
      defaultValue = Origin.LATEST,
      description = "A name such as 2026-11-21-032800, \"latest\" (default) or \"mirror\".")
  private String snapshot = Origin.LATEST;

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      defaultValue = "hash",
      description = "hash: the server is asked for size and checksum; full: every byte is read.")
  private SnapshotVerify.Mode mode = SnapshotVerify.Mode.HASH;

  public MoverVerifyCommand() {
    this(System.getenv());
  }

  /**
   * The same with another environment.
   *
   * @param env names the bucket, as for a backup
   */
  public MoverVerifyCommand(Map<String, String> env) {
    super(env);
  }

  @Override
  Optional<MoverReport.Operation> operation() {
    return Optional.of(MoverReport.Operation.VERIFY);
  }

  @Override
  int run(Place place) throws RemoteException, IOException, InterruptedException {
    Origin origin = origin(place, snapshot);
    if (origin.manifest().isEmpty()) {
      throw new IOException(
          "%s has no manifest: it is no complete snapshot, and nothing says what should be in it"
              .formatted(origin.label()));
    }
    Told differences = new Told();
    SnapshotVerify verify =
        new SnapshotVerify(place.remote(), place.settings().tuning().checkers(), differences::tell);
    verify.run(origin.manifest().get(), origin.folder(), mode);
    moved(new MoverReport.Amounts(verify.files(), verify.bytesRead(), 0, 0, 0, verify.different()));
    differences.end();
    out()
        .println(
            "Verify %s: %d files, %s read again, %d different"
                .formatted(
                    origin.label(),
                    verify.files(),
                    ByteSize.format(verify.bytesRead()),
                    verify.different()));
    return verify.different() == 0 ? 0 : 1;
  }
}
