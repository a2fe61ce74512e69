package dev.caravan.cli.mover;

import dev.caravan.config.ByteSize;
import dev.caravan.event.Counted;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.snapshot.make.MoverPlace;
import dev.caravan.snapshot.report.MoverReport;
import dev.caravan.snapshot.shelf.Origin;
import dev.caravan.snapshot.verify.SnapshotVerify;
import dev.caravan.snapshot.voice.MoverProgress;
import dev.caravan.snapshot.voice.Phases;
import java.io.IOException;
import java.util.LinkedHashMap;
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
public final class MoverVerifyCommand extends MoverWork {

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      defaultValue = "hash",
      description = "hash: the server is asked for size and checksum; full: every byte is read.")
  private SnapshotVerify.Mode mode = SnapshotVerify.Mode.HASH;

  private volatile Optional<SnapshotVerify> verify = Optional.empty();

  @Override
  MoverReport.Operation operation() {
    return MoverReport.Operation.VERIFY;
  }

  @Override
  String moving() {
    return "read again";
  }

  @Override
  MoverProgress.Mark mark() {
    return new MoverProgress.Mark(
        verify.map(SnapshotVerify::files).orElse(0L),
        verify.map(SnapshotVerify::bytes).orElse(0L),
        movedBytes());
  }

  @Override
  Done work(MoverPlace place, Remote remote, Origin origin, Phases phases)
      throws RemoteException, IOException, InterruptedException {
    if (origin.manifest().isEmpty()) {
      throw new IOException(
          "%s has no manifest: it is no complete snapshot, and nothing says what should be in it"
              .formatted(origin.label()));
    }
    phases.enter("verify");
    Told told = new Told();
    SnapshotVerify begun =
        new SnapshotVerify(remote, place.settings().tuning().checkers(), told::tell);
    verify = Optional.of(begun);
    begun.run(origin.manifest().get(), origin.folder(), mode);
    told.end();
    Map<String, Long> counts = new LinkedHashMap<>();
    counts.put("files", begun.files());
    counts.put("bytes", begun.bytes());
    counts.put("bytes_read", begun.bytesRead());
    counts.put("different", begun.different());
    phases.done(counts);
    return new Done(
        begun.different() == 0
            ? Optional.empty()
            : Optional.of(Counted.of(begun.different(), "file") + " not as stored"),
        counts,
        "Verify %s: %s, %s read again, %d different"
            .formatted(
                origin.label(),
                Counted.of(begun.files(), "file"),
                ByteSize.format(begun.bytesRead()),
                begun.different()),
        new MoverReport.Amounts(begun.files(), begun.bytesRead(), 0, 0, 0, begun.different()));
  }
}
