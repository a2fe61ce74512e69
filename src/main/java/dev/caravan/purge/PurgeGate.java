package dev.caravan.purge;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.purge.PurgeTable;
import dev.caravan.event.StorePath;
import dev.caravan.purge.RemoteWitness.Doubt;
import dev.caravan.store.FileStat;
import dev.caravan.store.StoreTree;
import dev.caravan.store.SymlinkedPathException;
import dev.caravan.store.database.Databases;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The last question before a file leaves the disk: is what the catalog says still true, here and at
 * enough remotes? Whatever cannot be answered keeps the file.
 */
final class PurgeGate {

  private final StoreTree tree;
  private final Catalog catalog;
  private final PurgeTable table;
  private final List<PurgeRemote> remotes;
  private final int copies;
  private final PurgeHold hold;
  private final RemoteWitness witness = new RemoteWitness();
  private final Databases databases;

  /**
   * @param remotes those whose copies count
   * @param copies how many of them must hold the file
   */
  PurgeGate(
      StoreTree tree, Catalog catalog, List<PurgeRemote> remotes, int copies, PurgeHold hold) {
    if (copies < 1) {
      throw new IllegalArgumentException("A purge needs at least one proven copy");
    }
    this.tree = tree;
    this.catalog = catalog;
    this.table = new PurgeTable(catalog);
    this.remotes = List.copyOf(remotes);
    this.copies = copies;
    this.hold = hold;
    this.databases = new Databases(tree);
  }

  /** What the gate found. */
  sealed interface Verdict {}

  /**
   * It may go.
   *
   * @param file the version that was hashed, and lies there
   * @param holders the remotes that hold it, asked a moment ago
   */
  record Open(FileRow file, List<PurgeRemote> holders) implements Verdict {}

  /** It stays. */
  record Shut(PurgeReason reason, String message) implements Verdict {}

  Verdict ask(StorePath path) {
    if (hold.isHeld(path)) {
      return new Shut(PurgeReason.IN_USE, "it is being read or restored");
    }
    Optional<FileRow> row =
        catalog
            .files()
            .find(path)
            .filter(file -> file.state() == FileRow.State.PRESENT && file.missingLooks() == 0);
    if (row.isEmpty() || row.get().sha256().isEmpty()) {
      return new Shut(PurgeReason.NOT_PROVEN, "its content is not known");
    }
    Optional<Shut> local = lookAt(row.get());
    return local.isPresent() ? local.get() : askRemotes(row.get());
  }

  private Optional<Shut> lookAt(FileRow file) {
    try {
      Optional<FileStat> found = tree.stat(file.path());
      if (found.isEmpty()) {
        return Optional.of(new Shut(PurgeReason.MISSING, "it is not there"));
      }
      if (found.get().kind() != FileStat.Kind.FILE) {
        return Optional.of(new Shut(PurgeReason.NOT_A_FILE, "it is no regular file now"));
      }
      if (databases.isOpen(file.path()) || databases.databaseOf(file.path()).isPresent()) {
        return Optional.of(new Shut(PurgeReason.IN_USE, "a program has this database open"));
      }
      return found.get().isSameVersionAs(statOf(file))
          ? Optional.empty()
          : Optional.of(new Shut(PurgeReason.CHANGED, "it changed since it was hashed"));
    } catch (SymlinkedPathException e) {
      return Optional.of(new Shut(PurgeReason.NOT_A_FILE, String.valueOf(e.getMessage())));
    } catch (IOException e) {
      return Optional.of(new Shut(PurgeReason.UNREADABLE, String.valueOf(e.getMessage())));
    }
  }

  private Verdict askRemotes(FileRow file) {
    Map<Integer, PurgeTable.Proof> proofs =
        table.proofs(file.path(), remotes.stream().map(PurgeRemote::id).toList()).stream()
            .collect(Collectors.toMap(PurgeTable.Proof::remote, proof -> proof));
    List<PurgeRemote> holders = new ArrayList<>();
    Optional<Doubt> first = Optional.empty();
    for (PurgeRemote remote : remotes) {
      PurgeTable.Proof proof = proofs.get(remote.id());
      if (proof != null && holders.size() < copies) {
        Optional<Doubt> doubt = witness.doubt(remote, file, proof);
        if (doubt.isEmpty()) {
          holders.add(remote);
        }
        first = first.or(() -> doubt);
      }
    }
    if (holders.size() >= copies) {
      return new Open(file, holders);
    }
    return first
        .map(doubt -> new Shut(doubt.reason(), doubt.message()))
        .orElseGet(
            () ->
                new Shut(
                    PurgeReason.NOT_PROVEN,
                    "%d of %d remotes are known to hold it".formatted(holders.size(), copies)));
  }

  /** What the file looked like when it was hashed. */
  static FileStat statOf(FileRow file) {
    return new FileStat(
        file.path(),
        FileStat.Kind.FILE,
        file.sizeBytes(),
        file.modifiedNs(),
        file.changedNs(),
        file.inode(),
        file.device(),
        file.mode());
  }
}
