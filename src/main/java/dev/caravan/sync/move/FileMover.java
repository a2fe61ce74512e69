package dev.caravan.sync.move;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.CopyRow;
import dev.caravan.catalog.CopyTable;
import dev.caravan.catalog.FileRow;
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
import dev.caravan.sync.plan.SyncAction;
import dev.caravan.sync.plan.SyncReason;
import java.io.IOException;
import java.time.Clock;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Brings one file's current version to one remote, proves it and records it. */
public final class FileMover {

  private final StoreTree tree;
  private final Catalog catalog;
  private final Remote remote;
  private final int remoteId;
  private final UnaryOperator<ObjectContent> metering;
  private final Clock clock;

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
  }

  /**
   * @param listedBytes the size under which the remote listed this name, where it was listed
   * @return what was done: {@code UNCHANGED} and {@code ADOPTED} sent nothing
   * @throws ContentChangedException when the file changed on the way; nothing of it is visible
   * @throws IOException when the file cannot be read
   */
  public SyncReason move(SyncAction action, Optional<Long> listedBytes)
      throws RemoteException, IOException {
    CopyRow row = action.row();
    StorePath path = row.file().path();
    Optional<FileStat> seen = tree.stat(path);
    if (seen.isEmpty()) {
      return SyncReason.VANISHED;
    }
    if (!isPlanned(seen.get(), row.file())) {
      throw new ContentChangedException(path + " changed after it was looked at");
    }
    FileVersion version =
        FileVersion.read(tree, seen.get(), remote.wantsMd5(seen.get().sizeBytes()));
    if (row.heldSha256().equals(Optional.of(version.sha256()))) {
      recordStillHeld(row.file(), version);
      return SyncReason.UNCHANGED;
    }
    if (listedBytes.equals(Optional.of(version.sizeBytes())) && adopt(row.file(), version)) {
      return SyncReason.ADOPTED;
    }
    if (row.heldSha256().isPresent()) {
      catalog.commit(handle -> catalog.copies().recordSending(handle, path, remoteId));
    }
    if (remote.displaces() && catalog.copies().hasNeighbours(path, remoteId)) {
      makeRoom(path);
    }
    StoredObject stored = remote.put(ObjectKey.of(path), metering.apply(version));
    recordVerified(row.file(), version, stored);
    return action.reason();
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
    catalog.commit(handle -> catalog.copies().recordDisplaced(handle, path, remoteId));
  }

  private static boolean isPlanned(FileStat seen, FileRow row) {
    return seen.kind() == FileStat.Kind.FILE
        && seen.sizeBytes() == row.sizeBytes()
        && seen.modifiedNs() == row.modifiedNs()
        && seen.changedNs() == row.changedNs()
        && seen.inode() == row.inode();
  }

  /** Where the remote was listed with this size: asks whether it holds these very bytes. */
  private boolean adopt(FileRow row, FileVersion version) throws RemoteException, IOException {
    Optional<ObjectStat> held = remote.find(ObjectKey.of(row.path()));
    if (held.isEmpty() || !isSame(held.get(), version)) {
      return false;
    }
    recordVerified(
        row,
        version,
        new StoredObject(
            held.get().etag(), held.get().version(), StoredObject.Proof.SERVER_CHECKED));
    return true;
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

  private void recordStillHeld(FileRow row, FileVersion version) {
    FileRow hashed = hashed(row, version);
    catalog.submit(
        handle -> {
          catalog.files().recordHash(handle, row, version.sha256());
          catalog.copies().recordStillHeld(handle, hashed, remoteId);
        });
  }

  private static FileRow hashed(FileRow row, FileVersion version) {
    return new FileRow(
        row.path(),
        row.state(),
        row.sizeBytes(),
        row.modifiedNs(),
        row.changedNs(),
        row.inode(),
        row.device(),
        row.mode(),
        Optional.of(version.sha256()),
        row.missingLooks());
  }

  private void recordVerified(FileRow row, FileVersion version, StoredObject stored) {
    CopyTable.Held held =
        new CopyTable.Held(
            version.sha256(),
            version.sizeBytes(),
            stored.etag(),
            stored.version(),
            stored.proof().name().toLowerCase(Locale.ROOT));
    long now = clock.millis();
    catalog.submit(
        handle -> {
          catalog.files().recordHash(handle, row, version.sha256());
          catalog.copies().recordVerified(handle, row, remoteId, held, now);
        });
  }
}
