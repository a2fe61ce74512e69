package dev.caravan.check;

import dev.caravan.catalog.ItemRow;
import dev.caravan.catalog.RunBook;
import dev.caravan.catalog.RunCount;
import dev.caravan.catalog.check.ProofTable;
import dev.caravan.catalog.check.ProofTable.Proof;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.Sha256;
import dev.caravan.store.AtomicFile;
import dev.caravan.store.scratch.Scratch;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Restores a few files, chosen at random, to a scratch folder, and compares what the disk has of
 * them then: a backup that was never restored is a hope.
 */
final class Drill {

  private static final int BUFFER = 256 << 10;

  /** What is left free beside the file. */
  private static final long MARGIN_BYTES = 64L << 20;

  private final CheckWorld world;
  private final ProofTable proofs;
  private final List<CheckRemote> remotes;
  private final RunBook book;
  private final Findings findings;
  private final Scratch scratch;

  Drill(CheckWorld world, List<CheckRemote> remotes, RunBook book, Findings findings) {
    this.world = world;
    this.proofs = new ProofTable(world.catalog());
    this.remotes = remotes;
    this.book = book;
    this.findings = findings;
    this.scratch = new Scratch(world.tree().stateFolder().resolve("drill"));
  }

  /** Restores as many as {@code check.drill} says, from one remote after the other. */
  void go() {
    int wanted = remotes.isEmpty() ? 0 : world.daily().settings().drill();
    for (int i = 0; i < wanted && !book.isCancelled(); i++) {
      CheckRemote remote = remotes.get(i % remotes.size());
      choose(remote).ifPresent(proof -> restore(remote, proof));
    }
  }

  private Optional<Proof> choose(CheckRemote remote) {
    long all = proofs.count(remote.id()).files();
    return all == 0
        ? Optional.empty()
        : proofs.at(remote.id(), world.daily().random().nextLong(all));
  }

  private void restore(CheckRemote remote, Proof proof) {
    book.expect(1, 0);
    try {
      remote.ready().ensure();
      scratch.open();
      if (scratch.freeBytes() < proof.sizeBytes() + MARGIN_BYTES) {
        note(remote, proof, "skipped", "there is no room for it in the scratch folder");
        book.count(RunCount.SKIPPED, 1);
      } else {
        compare(remote, proof);
      }
    } catch (RemoteException e) {
      unknown(remote, proof, CheckReason.REMOTE_FAILED, e);
    } catch (IOException e) {
      unknown(remote, proof, CheckReason.UNREADABLE, e);
    }
    book.advance(1);
  }

  private void unknown(CheckRemote remote, Proof proof, CheckReason reason, Exception e) {
    if (!book.isCancelled()) {
      findings.add(found(remote, proof, reason), String.valueOf(e.getMessage()));
    }
  }

  private void compare(CheckRemote remote, Proof proof) throws RemoteException, IOException {
    Optional<CheckReason> difference;
    try (AtomicFile file = scratch.begin()) {
      fetch(remote, proof, file.channel());
      file.channel().force(true);
      difference = CheckPlanner.compare(file.channel().size(), sha256(file.channel()), proof);
    } catch (RemoteException e) {
      if (e.reason() != RemoteException.Cause.NO_SUCH_OBJECT) {
        throw e;
      }
      difference = Optional.of(CheckReason.MISSING);
    }
    boolean same = proofs.find(remote.id(), proof.path()).filter(proof::isSameAs).isPresent();
    if (difference.isEmpty()) {
      note(remote, proof, "done", "restored to a scratch folder and compared");
    } else if (same) {
      findings.add(
          found(remote, proof, difference.get()), "a drill could not restore it as it was");
    }
  }

  private void fetch(CheckRemote remote, Proof proof, FileChannel out)
      throws RemoteException, IOException {
    byte[] buffer = new byte[BUFFER];
    long total = 0;
    try (InputStream in = remote.remote().open(ObjectKey.of(proof.path()), 0, -1)) {
      for (int n = in.read(buffer); n >= 0 && total <= proof.sizeBytes(); n = in.read(buffer)) {
        if (book.isCancelled()) {
          throw new IOException("Cancelled");
        }
        ByteBuffer rest = ByteBuffer.wrap(buffer, 0, n);
        while (rest.hasRemaining()) {
          out.write(rest);
        }
        total += n;
      }
    }
    book.moved(total);
  }

  private static String sha256(FileChannel file) throws IOException {
    MessageDigest digest = Sha256.begin();
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    long at = 0;
    for (int n = file.read(buffer, at); n >= 0; n = file.read(buffer, at)) {
      digest.update(buffer.flip());
      buffer.clear();
      at += n;
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static Findings.Found found(CheckRemote remote, Proof proof, CheckReason reason) {
    return new Findings.Found(
        proof.path().value(), Optional.of(remote.name()), reason, proof.sizeBytes());
  }

  private void note(CheckRemote remote, Proof proof, String state, String message) {
    book.item(
        new ItemRow(
            0,
            proof.path().value(),
            Optional.of(remote.name()),
            "drill",
            "restored",
            state,
            proof.sizeBytes(),
            Optional.of(message)));
  }
}
