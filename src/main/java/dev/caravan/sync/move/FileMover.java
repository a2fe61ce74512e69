package dev.caravan.sync.move;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.CopyRow;
import dev.caravan.catalog.CopyTable;
import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.database.SnapshotTable;
import dev.caravan.catalog.node.HeldTable;
import dev.caravan.catalog.past.PastTable;
import dev.caravan.event.ContentChangedException;
import dev.caravan.event.ObjectContent;
import dev.caravan.event.StorePath;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.StoredObject;
import dev.caravan.store.FileStat;
import dev.caravan.store.FileVersion;
import dev.caravan.store.StoreTree;
import dev.caravan.store.database.DatabaseSnapshot;
import dev.caravan.store.database.Databases;
import dev.caravan.sync.detect.StoreDetector;
import dev.caravan.sync.plan.SyncAction;
import dev.caravan.sync.plan.SyncReason;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/** Brings one file's current version to one remote, proves it and records it. */
public final class FileMover {

  private static final Duration LONG_QUIET = Duration.ofMinutes(10);
  private static final long NANOS_PER_MILLI = 1_000_000;

  /** No remote sends less than this in parts. */
  private static final long PARTS_FROM_BYTES = 5 << 20;

  private final StoreTree tree;
  private final Catalog catalog;
  private final Remote remote;
  private final int remoteId;
  private final UnaryOperator<ObjectContent> metering;
  private final Clock clock;
  private final HeldTable heldTable;
  private final TraitMover traits;
  private final Databases databases;

  /**
   * @param metering wraps what is sent, to count it and to stop when the run is cancelled
   */
  public FileMover(
      StoreTree tree,
      Catalog catalog,
      Remote remote,
      int remoteId,
      UnaryOperator<ObjectContent> metering,
      Clock clock) {
    this.tree = tree;
    this.catalog = catalog;
    this.remote = remote;
    this.remoteId = remoteId;
    this.metering = metering;
    this.clock = clock;
    this.heldTable = new HeldTable(catalog);
    this.traits = new TraitMover(catalog, remote, remoteId);
    this.databases = new Databases(tree);
  }

  /**
   * What was done, and when the catalog has it.
   *
   * @param reason {@code UNCHANGED}, {@code ADOPTED} and {@code RENAMED} sent nothing
   */
  public record Moved(SyncReason reason, CompletableFuture<Void> recorded) {}

  /**
   * @param listedBytes the size under which the remote listed this name, where it was listed
   * @param renames how a renamed file gets there
   * @throws ContentChangedException when the file changed on the way; nothing of it is visible
   * @throws IOException when the file cannot be read
   */
  public Moved move(SyncAction action, Optional<Long> listedBytes, RenameMover renames)
      throws RemoteException, IOException {
    CopyRow row = action.row();
    StorePath path = row.file().path();
    Optional<FileStat> seen = tree.stat(path);
    if (seen.isEmpty()) {
      return new Moved(SyncReason.VANISHED, CompletableFuture.completedFuture(null));
    }
    if (databases.hasLog(path)) {
      return moveSnapshot(row);
    }
    if (databases.isHot(path)) {
      ensureInUse(path);
      return new Moved(SyncReason.DATABASE_BUSY, CompletableFuture.completedFuture(null));
    }
    if (databases.databaseOf(path).isPresent()) {
      return new Moved(SyncReason.DATABASE_LOG, CompletableFuture.completedFuture(null));
    }
    if (!isPlanned(seen.get(), row.file())) {
      throw new ContentChangedException(path + " changed after it was looked at");
    }
    FileVersion version =
        FileVersion.readSeen(tree, seen.get(), remote.wantedSums(seen.get().sizeBytes()));
    ensureSound(row.file(), version);
    boolean same = row.heldSha256().equals(Optional.of(version.sha256()));
    boolean snapshot = same && findSnapshot(path).isPresent();
    if (same && !snapshot) {
      Optional<CopyTable.Held> held = traits.describe(path, version);
      if (held.isPresent()) {
        return new Moved(SyncReason.UNCHANGED, recordStillHeld(row.file(), version, held.get()));
      }
    }
    if (snapshot || listedBytes.equals(Optional.of(version.sizeBytes()))) {
      Optional<StoredObject> held = findSame(path, version);
      if (held.isPresent()) {
        CompletableFuture<Void> recorded =
            recordVerified(row.file(), version, held(version, held.get()));
        return new Moved(SyncReason.ADOPTED, same ? recorded : forgetArrival(path));
      }
    }
    if (row.heldSha256().isPresent()) {
      catalog.commit(session -> catalog.copies().recordSending(session, path, remoteId));
    }
    if (remote.displaces() && catalog.copies().hasNeighbours(path, remoteId)) {
      makeRoom(path);
    }
    Optional<CopyTable.Held> copied = renames.copy(path, version);
    if (copied.isPresent()) {
      CompletableFuture<Void> recorded = recordVerified(row.file(), version, copied.get());
      renames.recordCopied(path);
      return new Moved(SyncReason.RENAMED, recorded);
    }
    if (version.sizeBytes() >= PARTS_FROM_BYTES) {
      // Queued before anything the upload writes: what is cut off is known to be of this version.
      catalog.submit(session -> catalog.files().recordHash(session, row.file(), version.sha256()));
    }
    StoredObject stored = remote.put(ObjectKey.of(path), metering.apply(version));
    return new Moved(action.reason(), recordVerified(row.file(), version, held(version, stored)));
  }

  /** What is committed in a database that is in use; of its file itself, nothing is recorded. */
  private Moved moveSnapshot(CopyRow row) throws RemoteException, IOException {
    StorePath path = row.file().path();
    Optional<String> stamp = findSnapshot(path).flatMap(SnapshotTable.Snapshot::stamp);
    if (stamp.isPresent() && stamp.get().equals(databases.stampOf(path))) {
      return new Moved(SyncReason.UNCHANGED, recordSnapshotHeld(row.file(), stamp));
    }
    try (DatabaseSnapshot snapshot =
        DatabaseSnapshot.take(tree, path, remote.wantedSums(0), clock)) {
      FileVersion version = snapshot.version();
      FileRow source = StoreDetector.rowOf(snapshot.source());
      if (row.heldSha256().equals(Optional.of(version.sha256()))) {
        return new Moved(SyncReason.UNCHANGED, recordSnapshotHeld(source, snapshot.stamp()));
      }
      if (row.heldSha256().isPresent()) {
        catalog.commit(session -> catalog.copies().recordSending(session, path, remoteId));
      }
      if (remote.displaces() && catalog.copies().hasNeighbours(path, remoteId)) {
        makeRoom(path);
      }
      StoredObject stored = remote.put(ObjectKey.of(path), metering.apply(version));
      CopyTable.Held held = held(version, stored);
      Optional<String> taken = snapshot.stamp();
      long now = clock.millis();
      return new Moved(
          SyncReason.SNAPSHOT,
          catalog.submit(
              session -> SnapshotTable.recordHeld(session, source, remoteId, held, taken, now)));
    }
  }

  private Optional<SnapshotTable.Snapshot> findSnapshot(StorePath path) {
    return catalog.read(session -> SnapshotTable.find(session, path, remoteId));
  }

  private CompletableFuture<Void> recordSnapshotHeld(FileRow source, Optional<String> stamp) {
    return catalog.submit(
        session -> SnapshotTable.recordStillHeld(session, source, remoteId, stamp));
  }

  /** A transaction that is under way moves on; one that a crash left waits for a person. */
  private void ensureInUse(StorePath path) throws IOException {
    long quietNs = clock.millis() * NANOS_PER_MILLI - databases.writtenNs(path);
    if (quietNs > LONG_QUIET.toNanos()) {
      throw new IOException(
          path
              + " is a database with an unfinished transaction in its -journal, to which nothing"
              + " was written for ten minutes: open it once with its program, or sqlite3, which"
              + " rolls that back");
    }
  }

  /** When it came there is not known: it lay there before. */
  private CompletableFuture<Void> forgetArrival(StorePath path) {
    return catalog.submit(session -> PastTable.forgetArrival(session, path, remoteId));
  }

  /**
   * A file whose size, times and inode are those of a version that was hashed has its bytes, or the
   * disk has rotted: what is left then does not take the place of a sound copy anywhere.
   */
  private static void ensureSound(FileRow row, FileVersion version) throws DamagedFileException {
    if (row.sha256().isPresent() && !row.sha256().get().equals(version.sha256())) {
      throw new DamagedFileException(
          ("'%s' has other bytes than when it was first read, though its size and times are the"
                  + " same: the disk may be failing, and caravan check --mode full --repair brings"
                  + " back the sound copy; if its content is right, touch it")
              .formatted(row.path()));
    }
  }

  /** A file rotted in its place. */
  public static final class DamagedFileException extends IOException {
    private static final long serialVersionUID = 1L;

    DamagedFileException(String message) {
      super(message);
    }
  }

  /** What lies in the way is moved aside by the remote; a purged file's only copy never is. */
  private void makeRoom(StorePath path) throws RemoteException {
    if (catalog.copies().wouldDisplacePurged(path, remoteId)) {
      throw new RemoteException(
          RemoteException.Cause.UNSUPPORTED,
          ("Remote '%s' cannot hold '%s' beside a purged file above or below that name: restore"
                  + " that file, or rename this one")
              .formatted(remote.name(), path));
    }
    catalog.commit(session -> catalog.copies().recordDisplaced(session, path, remoteId));
  }

  private static boolean isPlanned(FileStat seen, FileRow row) {
    return seen.kind() == FileStat.Kind.FILE
        && seen.sizeBytes() == row.sizeBytes()
        && seen.modifiedNs() == row.modifiedNs()
        && seen.changedNs() == row.changedNs()
        && seen.inode() == row.inode();
  }

  /** Where the remote was listed with this size: asks whether it holds these very bytes. */
  private Optional<StoredObject> findSame(StorePath path, FileVersion version)
      throws RemoteException, IOException {
    Optional<ObjectStat> held = remote.find(ObjectKey.of(path));
    if (held.isEmpty() || !isSame(held.get(), version)) {
      return Optional.empty();
    }
    return Optional.of(
        new StoredObject(
            held.get().etag(), held.get().version(), StoredObject.Proof.SERVER_CHECKED));
  }

  /** An ETag of 32 hex digits may be an MD5; where it equals ours, it is one. */
  private static boolean isSame(ObjectStat held, FileVersion version) throws IOException {
    if (held.sizeBytes() != version.sizeBytes()) {
      return false;
    }
    if (held.sha256().isPresent()) {
      return held.sha256().get().equals(version.sha256());
    }
    String etag = held.etag().orElse("").replace("\"", "").toLowerCase(Locale.ROOT);
    return etag.length() == 32 && etag.equals(HexFormat.of().formatHex(version.md5()));
  }

  private CompletableFuture<Void> recordStillHeld(
      FileRow row, FileVersion version, CopyTable.Held held) {
    FileRow hashed = row.hashed(version.sha256());
    return catalog.submit(
        session -> {
          catalog.files().recordHash(session, row, version.sha256());
          heldTable.recordDescribed(session, row.path(), remoteId, held.etag(), held.version());
          catalog.copies().recordStillHeld(session, hashed, remoteId);
        });
  }

  private static CopyTable.Held held(FileVersion version, StoredObject stored) {
    return new CopyTable.Held(
        version.sha256(),
        version.sizeBytes(),
        stored.etag(),
        stored.version(),
        stored.proof().name().toLowerCase(Locale.ROOT));
  }

  private CompletableFuture<Void> recordVerified(
      FileRow row, FileVersion version, CopyTable.Held held) {
    long now = clock.millis();
    return catalog.submit(
        session -> {
          catalog.files().recordHash(session, row, version.sha256());
          catalog.copies().recordVerified(session, row, remoteId, held, now);
        });
  }
}
