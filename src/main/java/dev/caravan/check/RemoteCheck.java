package dev.caravan.check;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.RunBook;
import dev.caravan.catalog.RunCount;
import dev.caravan.catalog.check.ProofTable;
import dev.caravan.catalog.check.ProofTable.Proof;
import dev.caravan.catalog.check.SeenTable;
import dev.caravan.catalog.check.SeenTable.Seen;
import dev.caravan.catalog.sql.Pages;
import dev.caravan.check.node.CopyOfCatalog;
import dev.caravan.check.node.ForeignUploads;
import dev.caravan.event.Counted;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One remote's part of a check. It fails by itself; the others go on. */
public final class RemoteCheck {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.check");

  private final CheckRemote remote;
  private final CheckMode mode;
  private final Scope scope;
  private final Catalog catalog;
  private final ProofTable proofs;
  private final SeenTable seen;
  private final RunBook book;
  private final Findings findings;
  private final RemoteRepair repair;
  private final Witness witness;
  private final AtomicLong looked = new AtomicLong();
  private final AtomicLong read = new AtomicLong();
  private long expected;
  private volatile Optional<RemoteException> fault = Optional.empty();

  /**
   * @param scope what is compared
   * @param repair mends what is found, or says what can be done
   */
  RemoteCheck(
      CheckRemote remote,
      CheckMode mode,
      Scope scope,
      RunBook book,
      Findings findings,
      RemoteRepair repair) {
    this.remote = remote;
    this.mode = mode;
    this.scope = scope;
    this.catalog = repair.catalog();
    this.proofs = new ProofTable(catalog);
    this.seen = new SeenTable(catalog);
    this.book = book;
    this.findings = findings;
    this.repair = repair;
    this.witness = new Witness(remote.remote(), mode, book::isCancelled);
  }

  String name() {
    return remote.name();
  }

  Optional<RemoteException> fault() {
    return fault;
  }

  boolean isCheckable() {
    return remote.isCheckable();
  }

  /** Finds out what has to be looked at; a listing that is not whole counts for nothing. */
  void begin() {
    if (!isCheckable()) {
      return;
    }
    book.remote(name(), "running", Optional.empty());
    try {
      remote.ready().ensure();
      ProofTable.Total total = scope.begin(book::isCancelled);
      expected = total.files();
      book.expect(total.files(), mode == CheckMode.FULL ? total.bytes() : 0);
      lookAtCopy();
      tellOfUploads();
    } catch (RemoteException e) {
      give(e);
    }
  }

  /** The copy of the catalog is what a restore goes by: folders and links are in it alone. */
  private void lookAtCopy() {
    try {
      tellOfCopy(new CopyOfCatalog(catalog).look(remote.remote(), remote.id()));
    } catch (RemoteException e) {
      if (e.reason().concernsWholeRemote() && isDown(e)) {
        give(e);
      } else if (!book.isCancelled()) {
        findings.add(copy(CheckReason.REMOTE_FAILED), String.valueOf(e.getMessage()));
      }
    }
  }

  /** No difference, and no reason to end anything: who may not ask does not learn of them. */
  private void tellOfUploads() {
    try {
      new ForeignUploads(catalog)
          .look(remote.remote(), remote.id(), repair.clock().instant())
          .ifPresent(book::warn);
    } catch (RemoteException e) {
      LOG.debug("Begun uploads at '{}' are not known: {}", name(), e.getMessage());
    }
  }

  private void tellOfCopy(CopyOfCatalog.State state) {
    switch (state) {
      case MISSING -> repair.copyOfCatalog(remote, copy(CheckReason.MISSING), findings);
      case BROKEN -> repair.copyOfCatalog(remote, copy(CheckReason.DIFFERENT), findings);
      case OLD ->
          findings.add(
              copy(CheckReason.OUTDATED),
              "folders, links, permissions or owners changed after it was made; a sync renews it");
      case GOOD -> {
        // A restore can go by it.
      }
    }
  }

  private Findings.Found copy(CheckReason reason) {
    return new Findings.Found(CopyOfCatalog.KEY.value(), Optional.of(name()), reason, 0);
  }

  /** Something that is known to lie there, or that lies there and is not known. */
  public sealed interface Subject {}

  record Known(Proof proof) implements Subject {}

  record Stray(Seen object) implements Subject {}

  /** All that has to be looked at one by one, page by page from the catalog. */
  public Iterator<Subject> getSubjects() {
    Pages<Proof> known = new Pages<>(scope::page, this::isOver);
    Pages<Seen> strays = new Pages<>(scope::strays, this::isOver);
    return new Iterator<>() {
      private Optional<Subject> next = Optional.empty();

      @Override
      public boolean hasNext() {
        if (next.isEmpty() && isCheckable()) {
          next = known.hasNext() ? Optional.of(new Known(known.next())) : stray();
        }
        return next.isPresent();
      }

      private Optional<Subject> stray() {
        return strays.hasNext() ? Optional.of(new Stray(strays.next())) : Optional.empty();
      }

      @Override
      public Subject next() {
        // Who asked whether there is one gets it, also when the run is over by now.
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        Subject subject = next.orElseThrow();
        next = Optional.empty();
        return subject;
      }
    };
  }

  private boolean isOver() {
    return fault.isPresent() || book.isCancelled();
  }

  /** Looks at one of them. */
  void look(Subject subject) {
    if (isOver()) {
      return;
    }
    if (subject instanceof Known known) {
      look(known.proof());
    } else if (subject instanceof Stray stray) {
      look(stray.object());
    }
  }

  private void look(Proof proof) {
    try {
      Witness.Finding found = witness.look(proof);
      if (found.isRead()) {
        read.incrementAndGet();
        book.moved(found.readBytes());
      }
      if (found.difference().isEmpty()) {
        good(proof, found);
      } else {
        different(proof, found.difference().get());
      }
      done(proof);
    } catch (Witness.CancelledException e) {
      // Nothing is known of it, and the run is over.
    } catch (RemoteException e) {
      failed(proof.path().value(), proof.sizeBytes(), e);
    }
  }

  private void good(Proof proof, Witness.Finding found) {
    book.count(RunCount.VERIFIED, 1);
    if (found.isRead()) {
      long now = repair.clock().millis();
      catalog.submit(session -> proofs.recordProven(session, remote.id(), proof, now));
    }
  }

  /** Only what the catalog said before and says still: else something was sent meanwhile. */
  private void different(Proof before, CheckReason reason) {
    Optional<Proof> now = proofs.find(remote.id(), before.path()).filter(before::isSameAs);
    if (now.isPresent()) {
      repair.settle(remote, now.get(), reason, findings);
    }
  }

  private void done(Proof proof) {
    looked.incrementAndGet();
    book.moving(mode == CheckMode.FULL ? proof.sizeBytes() : 0);
    book.advance(1);
  }

  private void look(Seen object) {
    try {
      if (isThere(object) && !seen.isKnown(remote.id(), object.key())) {
        CheckReason reason = remote.keepsDeleted() ? CheckReason.KEPT : CheckReason.EXTRA;
        findings.add(
            new Findings.Found(object.key(), Optional.of(name()), reason, object.sizeBytes()),
            "it is no file of this store, and stays");
      }
    } catch (RemoteException e) {
      failed(object.key(), object.sizeBytes(), e);
    }
  }

  /** A byte is asked for rather than its checksum, for which some remotes read it all. */
  private boolean isThere(Seen object) throws RemoteException {
    ObjectKey key = new ObjectKey(object.key());
    if (object.sizeBytes() == 0) {
      return remote.remote().find(key).isPresent();
    }
    try (InputStream in = remote.remote().open(key, 0, 1)) {
      return in.read() >= 0;
    } catch (RemoteException e) {
      if (e.reason() == RemoteException.Cause.NO_SUCH_OBJECT) {
        return false;
      }
      throw e;
    } catch (IOException e) {
      throw new RemoteException(RemoteException.Cause.NETWORK, String.valueOf(e.getMessage()), e);
    }
  }

  private void failed(String path, long sizeBytes, RemoteException e) {
    if (e.reason().concernsWholeRemote() && isDown(e)) {
      give(e);
    } else if (!book.isCancelled()) {
      findings.add(
          new Findings.Found(path, Optional.of(name()), CheckReason.REMOTE_FAILED, sizeBytes),
          String.valueOf(e.getMessage()));
      looked.incrementAndGet();
      book.advance(1);
    }
  }

  /** One transfer may break for reasons of its own: asks whether all would. */
  private boolean isDown(RemoteException e) {
    if (e.reason() != RemoteException.Cause.NETWORK) {
      return true;
    }
    try {
      remote.remote().find(RemoteListing.MARKER);
      return false;
    } catch (RemoteException again) {
      return true;
    }
  }

  /** Gives the whole remote up for this run. */
  synchronized void give(RemoteException e) {
    if (fault.isEmpty() && !book.isCancelled()) {
      fault = Optional.of(e);
      book.error("Remote '%s' could not be checked: %s".formatted(name(), e.getMessage()));
    }
  }

  /** Ends this remote's part. */
  void end() {
    scope.end();
    if (!isCheckable()) {
      book.remote(
          name(), "skipped", Optional.of("It can only be sent to: nobody can say what it holds"));
      return;
    }
    if (mode == CheckMode.HASH && read.get() > 0) {
      book.info(
          "Remote '%s' has no checksum of %s: the bytes were read instead"
              .formatted(name(), Counted.of(read.get(), "object")));
    }
    if (mode == CheckMode.SIZE && !isOver()) {
      // The others were compared by the catalog, all at once.
      long equal = Math.max(0, expected - looked.get());
      book.count(RunCount.VERIFIED, equal);
      book.advance(equal);
    }
    book.remote(name(), state(), fault.map(e -> String.valueOf(e.getMessage())));
  }

  private String state() {
    if (book.isCancelled()) {
      return "cancelled";
    }
    return fault.isPresent() ? "failed" : "succeeded";
  }
}
