package dev.caravan.store.database;

import dev.caravan.event.StorePath;
import dev.caravan.store.FileStat;
import dev.caravan.store.StoreTree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Tells SQLite databases of a store from other files, and whether a program has one open. Looks at
 * files only: it never opens a database that is in use, so that nothing in the store is locked or
 * written to. Source of the formats: "Database File Format" of SQLite.
 */
public final class Databases {

  static final String WAL = "-wal";
  private static final String JOURNAL = "-journal";
  private static final List<String> COMPANIONS = List.of(WAL, "-shm", JOURNAL);

  private static final byte[] HEADER = "SQLite format 3\0".getBytes(StandardCharsets.ISO_8859_1);

  /** With these a rollback journal begins as long as it counts. */
  private static final byte[] HOT = {
    (byte) 0xd9, (byte) 0xd5, 0x05, (byte) 0xf9, 0x20, (byte) 0xa1, 0x63, (byte) 0xd7
  };

  private final StoreTree tree;

  public Databases(StoreTree tree) {
    this.tree = tree;
  }

  /** The database of which this file is the log, the index of the log or the journal. */
  public Optional<StorePath> databaseOf(StorePath companion) {
    String value = companion.value();
    return COMPANIONS.stream()
        .filter(suffix -> value.endsWith(suffix) && companion.name().length() > suffix.length())
        .map(suffix -> StorePath.of(value.substring(0, value.length() - suffix.length())))
        .filter(this::isDatabase)
        .findFirst();
  }

  /** A new database is empty until its first transaction has ended. */
  private boolean isDatabase(StorePath path) {
    try {
      Optional<FileStat> stat = tree.stat(path).filter(s -> s.kind() == FileStat.Kind.FILE);
      return stat.isPresent() && (stat.get().sizeBytes() == 0 || begins(path, HEADER));
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * True when what is committed is not in the file alone: a log with commits lies beside it. Such a
   * file is never mirrored as it is.
   */
  public boolean hasLog(StorePath path) throws IOException {
    return stat(path, WAL).filter(log -> log.sizeBytes() > 0).isPresent() && isDatabase(path);
  }

  /** True while a transaction writes to the file itself, or a crash left one unfinished. */
  public boolean isHot(StorePath path) throws IOException {
    Optional<FileStat> journal = stat(path, JOURNAL).filter(each -> each.sizeBytes() > 0);
    return journal.isPresent() && begins(beside(path, JOURNAL), HOT) && isDatabase(path);
  }

  /** True when a program seems to have it open, or crashed while it had. */
  public boolean isOpen(StorePath path) throws IOException {
    for (String suffix : COMPANIONS) {
      if (stat(path, suffix).isPresent()) {
        return isDatabase(path);
      }
    }
    return false;
  }

  static StorePath beside(StorePath path, String suffix) {
    return StorePath.of(path.value() + suffix);
  }

  private Optional<FileStat> stat(StorePath path, String suffix) throws IOException {
    StorePath beside = beside(path, suffix);
    try {
      return tree.stat(beside).filter(stat -> stat.kind() == FileStat.Kind.FILE);
    } catch (IOException e) {
      if (String.valueOf(e.getMessage()).contains("File name too long")) {
        // Nothing can lie beside a file whose name is as long as names may be.
        return Optional.empty();
      }
      throw e;
    }
  }

  private boolean begins(StorePath path, byte[] bytes) throws IOException {
    return Arrays.equals(head(tree, path, bytes.length), bytes);
  }

  /** The first bytes of a file; fewer where it has fewer. */
  static byte[] head(StoreTree tree, StorePath path, int length) throws IOException {
    try (FileChannel file = tree.open(path)) {
      ByteBuffer head = ByteBuffer.allocate(length);
      int read = 0;
      while (head.hasRemaining() && read >= 0) {
        read = file.read(head);
      }
      return Arrays.copyOf(head.array(), head.position());
    }
  }
}
