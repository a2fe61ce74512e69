package dev.caravan.sync.move;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.CopyTable;
import dev.caravan.catalog.rename.RenameTable;
import dev.caravan.event.StorePath;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.store.FileVersion;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a renamed file to its new path at one remote by a copy that the remote makes itself. It
 * never fails: what cannot be copied so is sent as any other file.
 */
public final class RenameMover {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.sync");

  private final Catalog catalog;
  private final RenameTable renames;
  private final Remote remote;
  private final int remoteId;
  private volatile boolean any;
  private volatile boolean settled;

  public RenameMover(Catalog catalog, Remote remote, int remoteId) {
    this.catalog = catalog;
    this.renames = new RenameTable(catalog);
    this.remote = remote;
    this.remoteId = remoteId;
  }

  /** A cycle begins: where nothing was renamed, no file is looked up. */
  public void begin() {
    any = renames.isAny();
  }

  /** True while files wait for the remote, or the remote for the catalog, under two paths. */
  public boolean isAny() {
    return any;
  }

  /** True when the remote holds the file under the path that it had before, as far as known. */
  public boolean isCopyable(StorePath path) {
    return any && renames.findSource(path, remoteId).isPresent();
  }

  /**
   * Lets the remote copy what it holds under the file's former path.
   *
   * @return what it then holds under the new path, the very bytes of this version; empty when the
   *     file has to be sent
   */
  Optional<CopyTable.Held> copy(StorePath path, FileVersion version) {
    Optional<RenameTable.Source> found =
        any ? renames.findSource(path, remoteId) : Optional.empty();
    if (found.isEmpty()) {
      return Optional.empty();
    }
    settled = true;
    RenameTable.Source source = found.get();
    if (!isSame(source, version)) {
      return Optional.empty();
    }
    try {
      Optional<ObjectStat> copy = remote.copy(statOf(source, version), ObjectKey.of(path));
      if (copy.isEmpty()) {
        any = false;
      }
      return copy.filter(stat -> isSame(stat, version)).map(stat -> held(stat, version, source));
    } catch (RemoteException e) {
      LOG.debug("{} is sent, for it could not be copied from {}", path, source.path(), e);
      return Optional.empty();
    }
  }

  private static boolean isSame(RenameTable.Source source, FileVersion version) {
    return source.sizeBytes() == version.sizeBytes() && source.sha256().equals(version.sha256());
  }

  private static boolean isSame(ObjectStat held, FileVersion version) {
    return held.sizeBytes() == version.sizeBytes()
        && held.sha256().equals(Optional.of(version.sha256()));
  }

  private static ObjectStat statOf(RenameTable.Source source, FileVersion version) {
    return new ObjectStat(
        ObjectKey.of(source.path()),
        source.sizeBytes(),
        version.modifiedAt(),
        source.etag(),
        source.version(),
        Optional.of(source.sha256()));
  }

  /** As good a proof as that of what was copied, for nothing else may be copied. */
  private static CopyTable.Held held(
      ObjectStat stat, FileVersion version, RenameTable.Source source) {
    return new CopyTable.Held(
        version.sha256(), version.sizeBytes(), stat.etag(), stat.version(), source.proof());
  }

  void recordCopied(StorePath path) {
    catalog.submit(session -> renames.recordCopied(session, path, remoteId));
  }

  /** True once a file was read of which a former path was known: it is known now what it is. */
  public boolean isAnySettled() {
    return settled;
  }
}
