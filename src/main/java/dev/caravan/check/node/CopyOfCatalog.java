package dev.caravan.check.node;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.RemoteRow;
import dev.caravan.catalog.node.HeldTable;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * Whether the copy of the catalog at a remote is one that a restore can go by: folders, links and
 * what no object tells are in it alone.
 */
public final class CopyOfCatalog {

  /** Where it lies at a remote. */
  public static final ObjectKey KEY = ObjectKey.own(Catalog.FILE_NAME);

  private static final int HEADER_BYTES = 100;
  private static final byte[] MAGIC = "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII);
  private static final int PAGE_SIZE_AT = 16;
  private static final int PAGES_AT = 28;

  private final Catalog catalog;
  private final HeldTable held;

  public CopyOfCatalog(Catalog catalog) {
    this.catalog = catalog;
    this.held = new HeldTable(catalog);
  }

  /** How it stands. */
  public enum State {
    /** It tells all, or none was ever put there. */
    GOOD,
    /** It was put there and is there no more. */
    MISSING,
    /** What lies there is no database, or not a whole one. */
    BROKEN,
    /** Folders, links or what they and files have beside bytes changed after it was made. */
    OLD
  }

  /** Asks a remote: one question, and the first {@value #HEADER_BYTES} bytes. */
  public State look(Remote remote, int id) throws RemoteException {
    Optional<RemoteRow> row = catalog.remotes().find(remote.name()).filter(each -> each.id() == id);
    if (row.isEmpty() || row.get().backupAtMillis() == 0) {
      return State.GOOD;
    }
    Optional<ObjectStat> found = remote.find(KEY);
    if (found.isEmpty()) {
      return State.MISSING;
    }
    if (!isWhole(remote, found.get().sizeBytes())) {
      return State.BROKEN;
    }
    return held.isBackupOwed(id) ? State.OLD : State.GOOD;
  }

  /** A database says itself of how many pages it is. */
  private static boolean isWhole(Remote remote, long sizeBytes) throws RemoteException {
    if (sizeBytes < HEADER_BYTES) {
      return false;
    }
    byte[] header;
    try (InputStream in = remote.open(KEY, 0, HEADER_BYTES)) {
      header = in.readNBytes(HEADER_BYTES);
    } catch (IOException e) {
      throw new RemoteException(
          RemoteException.Cause.NETWORK,
          "Remote '%s': the copy of the catalog broke off while it was read"
              .formatted(remote.name()),
          e);
    }
    if (header.length < HEADER_BYTES
        || !Arrays.equals(header, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
      return false;
    }
    int written = Short.toUnsignedInt(ByteBuffer.wrap(header).getShort(PAGE_SIZE_AT));
    long page = written == 1 ? 1 << 16 : written;
    long pages = Integer.toUnsignedLong(ByteBuffer.wrap(header).getInt(PAGES_AT));
    return page * pages == sizeBytes;
  }

  /** Has the next sync put a new one. */
  public void renew(int id) {
    catalog.commit(
        session -> {
          catalog.remotes().recordBackup(session, id, 1);
          held.recordBackupOwed(session, id, true);
        });
  }
}
