package dev.caravan.check;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.check.ProofTable;
import dev.caravan.catalog.check.ProofTable.Proof;
import dev.caravan.check.node.CopyOfCatalog;
import dev.caravan.event.StorePath;
import dev.caravan.event.WantedSums;
import dev.caravan.remote.RemoteException;
import dev.caravan.store.FileStat;
import dev.caravan.store.FileVersion;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * What is done about a copy at a remote that is not what it should be: what the store holds is sent
 * again by the next sync; a file that left the disk stays as it is, but this copy counts no more.
 * Objects at a remote are never deleted.
 */
final class RemoteRepair {

  private final CheckWorld world;
  private final ProofTable proofs;
  private final List<CheckRemote> remotes;
  private final boolean repairs;
  private final BooleanSupplier cancelled;
  private final Clock clock;
  private final AtomicLong resent = new AtomicLong();

  /**
   * @param repairs false to only say what could be done
   */
  RemoteRepair(
      CheckWorld world,
      List<CheckRemote> remotes,
      boolean repairs,
      BooleanSupplier cancelled,
      Clock clock) {
    this.world = world;
    this.proofs = new ProofTable(world.catalog());
    this.remotes = remotes;
    this.repairs = repairs;
    this.cancelled = cancelled;
    this.clock = clock;
  }

  Catalog catalog() {
    return world.catalog();
  }

  Clock clock() {
    return clock;
  }

  /** How many files the next sync sends again. */
  long resent() {
    return resent.get();
  }

  /** Deals with one copy, and records what became of it. */
  void settle(CheckRemote remote, Proof proof, CheckReason reason, Findings findings) {
    Findings.Found found =
        new Findings.Found(
            proof.path().value(), Optional.of(remote.name()), reason, proof.sizeBytes());
    if (proof.purged()) {
      settlePurged(remote, proof, found, findings);
    } else if (repairs) {
      settlePresent(remote, proof, found, findings);
    } else {
      findings.add(found, "check --repair has it sent again");
    }
  }

  /** Deals with a copy of the catalog that a restore could not go by. */
  void copyOfCatalog(CheckRemote remote, Findings.Found found, Findings findings) {
    if (repairs) {
      new CopyOfCatalog(world.catalog()).renew(remote.id());
      resent.incrementAndGet();
      findings.addRepaired(found, "the next sync puts a new one there");
    } else {
      findings.add(
          found,
          "a new machine would not learn of folders and links; check --repair has a new one put");
    }
  }

  private void settlePresent(
      CheckRemote remote, Proof proof, Findings.Found found, Findings findings) {
    Optional<String> obstacle = obstacle(proof.path());
    if (obstacle.isPresent()) {
      findings.add(found, "it cannot be sent again: the file in the store is " + obstacle.get());
    } else if (recordUnproven(remote, proof, found.reason())) {
      resent.incrementAndGet();
      findings.addRepaired(found, "the next sync sends it again");
    }
  }

  private void settlePurged(
      CheckRemote remote, Proof proof, Findings.Found found, Findings findings) {
    List<String> good =
        remotes.stream()
            .filter(other -> other.id() != remote.id() && holds(other, proof))
            .map(other -> "'" + other.name() + "'")
            .toList();
    String rest =
        good.isEmpty()
            ? "it left the disk, and no other remote has a good copy"
            : "it left the disk; the copy at %s is good"
                .formatted(good.stream().collect(Collectors.joining(", ")));
    if (!repairs) {
      findings.add(found, rest);
    } else if (recordUnproven(remote, proof, found.reason())) {
      findings.add(found, rest + "; this one does not count any more");
    }
  }

  /** Whether another remote has the same content, by its own checksum at least. */
  private boolean holds(CheckRemote other, Proof proof) {
    Optional<Proof> held =
        proofs.find(other.id(), proof.path()).filter(p -> p.sha256().equals(proof.sha256()));
    if (held.isEmpty()) {
      return false;
    }
    try {
      return new Witness(other.remote(), CheckMode.HASH, cancelled)
          .look(held.get())
          .difference()
          .isEmpty();
    } catch (RemoteException e) {
      return false;
    }
  }

  private boolean recordUnproven(CheckRemote remote, Proof proof, CheckReason reason) {
    String said = "A check found it " + reason.label();
    return world
        .catalog()
        .write(session -> proofs.recordUnproven(session, remote.id(), proof, said, clock.millis()));
  }

  /**
   * A damaged file must not be taken for a new version: the good one would be gone everywhere. Of
   * one that changed, or cannot be read, the sync sends nothing wrong.
   */
  private Optional<String> obstacle(StorePath path) {
    if (!world.admits().test(path)) {
      return Optional.of("excluded by the filters");
    }
    Optional<FileRow> row = world.catalog().files().find(path);
    try {
      Optional<FileStat> seen = world.tree().stat(path);
      if (seen.isEmpty()) {
        return Optional.of("missing as well");
      }
      boolean hashed =
          row.filter(r -> r.sha256().isPresent() && CheckPlanner.isHashed(seen.get(), r))
              .isPresent();
      return hashed && !isWhole(row.get(), seen.get())
          ? Optional.of("damaged as well")
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private boolean isWhole(FileRow row, FileStat seen) throws IOException {
    return row.sha256()
        .equals(Optional.of(FileVersion.read(world.tree(), seen, WantedSums.NONE).sha256()));
  }
}
