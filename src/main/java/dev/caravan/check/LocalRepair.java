package dev.caravan.check;

import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.HaltRow;
import dev.caravan.catalog.check.LocalTable;
import dev.caravan.catalog.check.ProofTable;
import dev.caravan.catalog.check.ProofTable.Proof;
import dev.caravan.event.StorePath;
import dev.caravan.remote.RemoteException;
import dev.caravan.store.FileRemoval;
import dev.caravan.store.FileStat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Replaces a file of the store that is lost or damaged by what a remote holds. The remote's copy is
 * read to its last byte first. A damaged file keeps its name and its row until the good copy lies
 * beside it; a lost one is recorded as a file that left the disk, and then brought back.
 */
final class LocalRepair {

  private final CheckWorld world;
  private final ProofTable proofs;
  private final LocalTable files;
  private final List<CheckRemote> remotes;
  private final FileRemoval removal;
  private final Replacement replacement;
  private final BooleanSupplier cancelled;

  LocalRepair(CheckWorld world, List<CheckRemote> remotes, BooleanSupplier cancelled) {
    this.world = world;
    this.proofs = new ProofTable(world.catalog());
    this.files = new LocalTable(world.catalog());
    this.remotes = remotes;
    this.removal = new FileRemoval(world.tree());
    this.replacement = new Replacement(world, removal);
    this.cancelled = cancelled;
  }

  /**
   * Brings a file back.
   *
   * @return the name of the remote that it came from
   * @throws IOException when that cannot be; a damaged file that no remote can replace stays
   */
  String mend(FileRow row) throws IOException {
    StorePath path = row.path();
    Optional<HaltRow> halt = world.catalog().halts().findOpen();
    if (halt.isPresent()) {
      throw new IOException("a halt waits for a person: " + halt.get().message());
    }
    CheckRemote source = source(row);
    Optional<FileStat> seen = world.tree().stat(path);
    if (seen.isEmpty()) {
      bring(row, source);
    } else if (CheckPlanner.isHashed(seen.get(), row)) {
      replace(row, source);
    } else {
      throw new IOException("it changed meanwhile");
    }
    return source.name();
  }

  private void replace(FileRow row, CheckRemote source) throws IOException {
    StorePath path = row.path();
    long number = world.daily().random().nextLong(Long.MAX_VALUE);
    try {
      Path waiting = removal.waitingOf(path, number);
      world.comeback().fetch(row, source.name(), cancelled, waiting);
      replacement.replace(row, source.id(), number);
    } catch (IOException e) {
      if (!isAway(path)) {
        throw e;
      }
      world.comeback().bring(path);
    } finally {
      removal.dropWaiting(path, number);
    }
  }

  private boolean isAway(StorePath path) {
    return world
        .catalog()
        .files()
        .find(path)
        .filter(row -> row.state() == FileRow.State.PURGED)
        .isPresent();
  }

  /** Nothing lies under the name, so nothing damaged can be taken for a new version. */
  private void bring(FileRow row, CheckRemote source) throws IOException {
    StorePath path = row.path();
    boolean decided = world.catalog().write(session -> files.recordAway(session, row, source.id()));
    if (!decided) {
      throw new IOException("the catalog has learnt of a change meanwhile");
    }
    if (world.tree().stat(path).isPresent()) {
      world.catalog().commit(session -> files.recordStays(session, path));
      throw new IOException("it came back meanwhile");
    }
    world.comeback().bring(path);
  }

  /** The first remote that holds exactly this version: nothing is touched before that is known. */
  private CheckRemote source(FileRow row) throws IOException {
    Optional<String> fault = Optional.empty();
    for (CheckRemote remote : remotes) {
      Optional<Proof> proof = proofs.find(remote.id(), row.path()).filter(Proof::current);
      if (proof.isPresent()) {
        try {
          remote.ready().ensure();
          Witness witness = new Witness(remote.remote(), CheckMode.FULL, cancelled);
          Optional<CheckReason> difference = witness.look(proof.get()).difference();
          if (difference.isEmpty()) {
            return remote;
          }
          fault =
              Optional.of(
                  "the copy at '%s' is %s as well"
                      .formatted(remote.name(), difference.get().label()));
        } catch (RemoteException e) {
          fault = Optional.of(String.valueOf(e.getMessage()));
        }
      }
    }
    throw new IOException(fault.orElse("no remote is known to hold it"));
  }
}
