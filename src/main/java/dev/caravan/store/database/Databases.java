package dev.caravan.store.database;

import dev.caravan.event.StorePath;
import dev.caravan.store.FileStat;
import dev.caravan.store.StoreTree;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Tells SQLite databases of a store from other files, and whether a program has one open. Looks at
 * files only: it never opens a database that is in use, so that nothing in the store is locked or
 * written to. Source of the formats: "Database File Format" of SQLite.
 */
public final class Databases {

  static final String WAL = "-wal";
  private static final String SHM = "-shm";
  private static final String JOURNAL = "-journal";
  private static final List<String> COMPANIONS = List.of(WAL, SHM, JOURNAL);

  private static final byte[] HEADER = "SQLite format 3\0".getBytes(StandardCharsets.ISO_8859_1);

  /** With these a rollback journal begins as long as it counts. */
  private static final byte[] HOT = {
    (byte) 0xd9, (byte) 0xd5, 0x05, (byte) 0xf9, 0x20, (byte) 0xa1, 0x63, (byte) 0xd7
  };

  /** With these one begins that does not count: not yet written to the end, or not any more. */
  private static final byte[] COLD = new byte[HOT.length];

  /** A log begins with one of two numbers. */
  private static final Set<Integer> LOGS = Set.of(0x377f0682, 0x377f0683);

  /** The index of a log begins with the number of its format, in the processor's byte order. */
  private static final Set<Integer> INDEXES = Set.of(3_007_000, Integer.reverseBytes(3_007_000));

  private final StoreTree tree;

  public Databases(StoreTree tree) {
    this.tree = tree;
  }

  /**
   * The database of which this file is the log, the index of the log or the journal. Both are told
   * by how they begin: a file that only has such a name is a file as any other.
   */
  public Optional<StorePath> databaseOf(StorePath companion) {
    String value = companion.value();
    for (String suffix : COMPANIONS) {
      if (value.endsWith(suffix) && companion.name().length() > suffix.length()) {
        StorePath database = StorePath.of(value.substring(0, value.length() - suffix.length()));
        return isDatabase(database) && isCompanion(companion, suffix)
            ? Optional.of(database)
            : Optional.empty();
      }
    }
    return Optional.empty();
  }

  private boolean isDatabase(StorePath path) {
    try {
      return isFile(path) && begins(path, HEADER);
    } catch (IOException e) {
      return false;
    }
  }

  private boolean isFile(StorePath path) throws IOException {
    return tree.stat(path).filter(stat -> stat.kind() == FileStat.Kind.FILE).isPresent();
  }

  /** True of an empty file, or one that begins as such a file does. */
  private boolean isCompanion(StorePath path, String suffix) {
    try {
      if (!isFile(path)) {
        return false;
      }
      byte[] head = head(tree, path, HOT.length);
      return head.length == 0
          || switch (suffix) {
            case WAL -> begins(head, LOGS);
            case SHM -> begins(head, INDEXES);
            default -> Arrays.equals(head, HOT) || Arrays.equals(head, COLD);
          };
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean begins(byte[] head, Set<Integer> numbers) {
    return head.length >= Integer.BYTES && numbers.contains(ByteBuffer.wrap(head).getInt());
  }

  /**
   * True when what is committed is not in the file alone: a log with commits lies beside it. Such a
   * file is never mirrored as it is.
   */
  public boolean hasLog(StorePath path) throws IOException {
    return beside(path, WAL, stat -> stat.sizeBytes() > 0).isPresent()
        && isCompanion(beside(path, WAL), WAL)
        && isDatabase(path);
  }

  /** True while a transaction writes to the file itself, or a crash left one unfinished. */
  public boolean isHot(StorePath path) throws IOException {
    return beside(path, JOURNAL, stat -> stat.sizeBytes() > 0).isPresent()
        && begins(beside(path, JOURNAL), HOT)
        && isDatabase(path);
  }

  /** When a database or its journal was last written to, in nanoseconds since 1970. */
  public long writtenNs(StorePath path) throws IOException {
    long database = tree.stat(path).map(FileStat::modifiedNs).orElse(0L);
    long journal = beside(path, JOURNAL, stat -> true).map(FileStat::modifiedNs).orElse(0L);
    return Math.max(database, journal);
  }

  /** True when a program seems to have it open, or crashed while it had. */
  public boolean isOpen(StorePath path) throws IOException {
    for (String suffix : COMPANIONS) {
      if (beside(path, suffix, stat -> true).isPresent()
          && isCompanion(beside(path, suffix), suffix)) {
        return isDatabase(path);
      }
    }
    return false;
  }

  /**
   * Size, times and inode of a database and its log, as one text: while it is the same, what is
   * committed is.
   */
  public String stampOf(StorePath path) throws IOException {
    return stamp(tree.stat(path), beside(path, WAL, stat -> true));
  }

  static String stamp(Optional<FileStat> database, Optional<FileStat> log) {
    return stamp(database) + " " + stamp(log);
  }

  private static String stamp(Optional<FileStat> file) {
    return file.map(
            stat ->
                "%d/%d/%d/%d"
                    .formatted(stat.sizeBytes(), stat.modifiedNs(), stat.changedNs(), stat.inode()))
        .orElse("none");
  }

  static StorePath beside(StorePath path, String suffix) {
    return StorePath.of(path.value() + suffix);
  }

  private Optional<FileStat> beside(StorePath path, String suffix, Predicate<FileStat> which)
      throws IOException {
    StorePath beside = beside(path, suffix);
    if (!Files.exists(tree.pathOf(beside))) {
      // Nearly always: to be told so costs a fraction of an exception for each file of the store.
      return Optional.empty();
    }
    try {
      return tree.stat(beside).filter(stat -> stat.kind() == FileStat.Kind.FILE).filter(which);
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
