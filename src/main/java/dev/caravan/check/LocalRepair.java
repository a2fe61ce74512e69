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
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Replaces a file of the store that is lost or damaged by what a remote holds. The remote's copy is
 * read to its last byte first; then the file is recorded as one that left the disk, so that a
 * process that dies on the way leaves no damage behind that looks like the owner's doing.
 */
final class LocalRepair {

  private final CheckWorld world;
  private final ProofTable proofs;
  private final LocalTable files;
  private final List<CheckRemote> remotes;
  private final FileRemoval removal;
  private final BooleanSupplier cancelled;

  LocalRepair(CheckWorld world, List<CheckRemote> remotes, BooleanSupplier cancelled) {
    this.world = world;
    this.proofs = new ProofTable(world.catalog());
    this.files = new LocalTable(world.catalog());
    this.remotes = remotes;
    this.removal = new FileRemoval(world.tree());
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
    boolean decided = world.catalog().write(session -> files.recordAway(session, row, source.id()));
    if (!decided) {
      throw new IOException("the catalog has learnt of a change meanwhile");
    }
    FileRemoval.Outcome outcome = remove(row);
    if (outcome == FileRemoval.Outcome.CHANGED) {
      world.catalog().commit(session -> files.recordStays(session, path));
      throw new IOException("it changed meanwhile");
    }
    world.comeback().bring(path);
    return source.name();
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

  private FileRemoval.Outcome remove(FileRow row) throws IOException {
    FileStat meant =
        new FileStat(
            row.path(),
            FileStat.Kind.FILE,
            row.sizeBytes(),
            row.modifiedNs(),
            row.changedNs(),
            row.inode(),
            row.device(),
            row.mode());
    try {
      return removal.remove(meant);
    } catch (IOException e) {
      world.catalog().commit(session -> files.recordStays(session, row.path()));
      throw e;
    }
  }
}
