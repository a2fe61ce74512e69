package dev.caravan.store;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.caravan.event.Owner;
import dev.caravan.event.StorePath;
import dev.caravan.store.force.Forcing;
import dev.caravan.store.traits.Traits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/**
 * The one way in which Caravan writes files: they appear whole and on disk, or not at all.
 *
 * <p>A temporary file in the target's folder is written, forced to disk and renamed, then the
 * folder is forced. Closing without a commit leaves nothing; what a crash leaves is known by its
 * name ({@link #isTemporary}) and never part of a scan. Not for use by several threads, but {@link
 * #channel} may be written to by many.
 */
public final class AtomicFile implements AutoCloseable {
  static final String PREFIX = ".caravan-";
  private static final String SUFFIX = ".part";
  private static final String ASIDE = ".aside";
  private static final FileAttribute<?> USUAL = permissions("rw-rw-rw-");
  private static final FileAttribute<?> PRIVATE = permissions("rw-------");

  /** Only ever made, so that nobody's file, and nothing that a link leads to, is written to. */
  private static final Set<StandardOpenOption> MADE =
      Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);

  /** How many names are tried; a second one is hardly ever needed. */
  private static final int TRIES = 100;

  private static final Pattern TEMPORARY = Pattern.compile("\\.caravan-[0-9]+\\.(part|aside)");

  private final Path target;
  private final Path temporary;
  private final FileChannel channel;
  private OptionalLong modifiedNs = OptionalLong.empty();
  private OptionalInt mode = OptionalInt.empty();
  private Optional<Owner> owner = Optional.empty();
  private Traits.Given given = Traits.Given.NOTHING;
  private boolean committed;

  private AtomicFile(Path target, Path temporary, FileChannel channel) {
    this.target = target;
    this.temporary = temporary;
    this.channel = channel;
  }

  private static FileAttribute<?> permissions(String text) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text));
  }

  /** Creates or replaces a small file. */
  public static void write(Path target, byte[] content) throws IOException {
    try (AtomicFile file = begin(target)) {
      file.write(content);
      file.commit();
    }
  }

  /**
   * Begins a file in a folder that exists.
   *
   * @throws IOException when the folder is missing, full or read-only
   */
  public static AtomicFile begin(Path target) throws IOException {
    // The usual permissions, less what the umask takes away; without this they would be 0600.
    return begin(target, USUAL);
  }

  /**
   * The same for a file that gets its permissions before it appears: until then only its owner can
   * read it.
   */
  public static AtomicFile beginPrivate(Path target) throws IOException {
    return begin(target, PRIVATE);
  }

  private static AtomicFile begin(Path target, FileAttribute<?> permissions) throws IOException {
    Path folder = folderOf(target);
    for (int tries = TRIES; ; tries--) {
      Path temporary = folder.resolve(unfinishedName(ThreadLocalRandom.current().nextLong() >>> 1));
      try {
        return new AtomicFile(target, temporary, FileChannel.open(temporary, MADE, permissions));
      } catch (FileAlreadyExistsException e) {
        if (tries == 1) {
          throw e;
        }
      }
    }
  }

  /** True for the name of an unfinished file that this class made. */
  public static boolean isTemporary(String name) {
    return name.startsWith(PREFIX) && TEMPORARY.matcher(name).matches();
  }

  /** True for the name of a file that was never finished; what lies aside was, once. */
  public static boolean isUnfinished(String name) {
    return isTemporary(name) && name.endsWith(SUFFIX);
  }

  /** A name that no scan shows, for a file that is on its way in; left behind, it is deleted. */
  public static String unfinishedName(long number) {
    return PREFIX + Long.toUnsignedString(number) + SUFFIX;
  }

  /** A name that no scan shows, for a file that is on its way out. */
  static String asideName(long number) {
    return PREFIX + Long.toUnsignedString(number) + ASIDE;
  }

  /** Where it lies until it is committed or closed. */
  public Path path() {
    return temporary;
  }

  /** Where to write; also readable. */
  public FileChannel channel() {
    return channel;
  }

  /** Appends bytes. */
  public void write(byte[] content) throws IOException {
    ByteBuffer rest = ByteBuffer.wrap(content);
    while (rest.hasRemaining()) {
      channel.write(rest);
    }
  }

  /** Sets the modification time that the file will have, in nanoseconds since 1970. */
  public AtomicFile modifiedAt(long ns) {
    modifiedNs = OptionalLong.of(ns);
    return this;
  }

  /**
   * Sets the permissions that the file will have, {@code 0} to {@code 07777}; the rest is dropped.
   */
  public AtomicFile mode(int bits) {
    mode = OptionalInt.of(bits & 07777);
    return this;
  }

  /** Sets who will own the file. */
  public AtomicFile owner(Owner wanted) {
    owner = Optional.of(wanted);
    return this;
  }

  /** What of time, permissions and owner a committed file could not be given; often empty. */
  public List<String> lacking() {
    return given.lacking();
  }

  /** Makes the file visible, replacing what was there. Afterwards it survives a power cut. */
  public void commit() throws IOException {
    commitUnforced();
    forceFolder();
  }

  /**
   * The same for one of many files in a folder: its bytes are on disk, but its name survives a
   * power cut only once the folder was forced.
   */
  public void commitUnforced() throws IOException {
    finish();
    Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    committed = true;
  }

  /**
   * Makes the file visible where nothing is yet, so that a file that its owner wrote meanwhile is
   * never overwritten.
   *
   * @throws FileAlreadyExistsException when something is there; nothing was changed then
   */
  public void commitNew() throws IOException {
    finish();
    appear();
    forceFolder();
  }

  /**
   * The same for many files: the bytes of all are on disk before the first of them appears, and
   * each folder is forced once. What befalls one of them befalls it alone.
   *
   * @return why some did not appear, or may be gone after a power cut; all others are there to stay
   */
  public static Map<AtomicFile, IOException> commitAllNew(Collection<AtomicFile> files) {
    Map<AtomicFile, IOException> faults = new IdentityHashMap<>();
    each(files, faults, AtomicFile::giveTraits);
    forceAll(files, faults);
    each(files, faults, AtomicFile::appear);
    Map<Path, Optional<IOException>> folders = new HashMap<>();
    each(
        files,
        faults,
        file -> {
          Optional<IOException> fault =
              folders.computeIfAbsent(folderOf(file.target), AtomicFile::tryForce);
          if (fault.isPresent()) {
            throw fault.get();
          }
        });
    return faults;
  }

  /**
   * Looks at a file that was given its time and is visible by now.
   *
   * @param path its name in the store
   * @return empty when somebody else has changed, replaced or removed it since
   */
  public Optional<FileStat> look(StorePath path) throws IOException {
    try {
      NodeStat now = NodeStat.of(target);
      boolean same = given.isOf(now.inode(), now.device(), now.sizeBytes(), now.modifiedNs());
      return same ? Optional.of(now.at(path)) : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private interface Step {
    void take(AtomicFile file) throws IOException;
  }

  private static void each(
      Collection<AtomicFile> files, Map<AtomicFile, IOException> faults, Step step) {
    for (AtomicFile file : files) {
      if (!faults.containsKey(file)) {
        try {
          step.take(file);
        } catch (IOException e) {
          faults.put(file, e);
        }
      }
    }
  }

  private static void forceAll(Collection<AtomicFile> files, Map<AtomicFile, IOException> faults) {
    List<AtomicFile> whole = files.stream().filter(file -> !faults.containsKey(file)).toList();
    List<Optional<IOException>> forced =
        Forcing.all(whole.stream().map(AtomicFile::channel).toList());
    for (int i = 0; i < whole.size(); i++) {
      AtomicFile file = whole.get(i);
      forced.get(i).ifPresent(fault -> faults.put(file, fault));
    }
  }

  private static Optional<IOException> tryForce(Path folder) {
    try {
      force(folder);
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(e);
    }
  }

  private void appear() throws IOException {
    try {
      // A hard link is the only step that both creates the name and refuses to replace.
      Files.createLink(target, temporary);
      Files.delete(temporary);
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (UnsupportedOperationException | FileSystemException e) {
      moveWhereNothingIs();
    }
    committed = true;
  }

  /** Removes what was not committed. */
  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      if (!committed) {
        Files.deleteIfExists(temporary);
      }
    }
  }

  private void finish() throws IOException {
    giveTraits();
    channel.force(true);
  }

  private void giveTraits() {
    if (committed) {
      throw new IllegalStateException(target + " is committed already");
    }
    given = new Traits(mode, owner, modifiedNs).give(temporary);
  }

  /** For file systems without hard links; leaves a moment in which a new file could be replaced. */
  private void moveWhereNothingIs() throws IOException {
    if (Files.exists(target, NOFOLLOW_LINKS)) {
      throw new FileAlreadyExistsException(target.toString());
    }
    Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
  }

  private void forceFolder() throws IOException {
    force(folderOf(target));
  }

  /** Brings the names in a folder to disk. */
  public static void force(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static Path folderOf(Path target) throws IOException {
    Path folder = target.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IOException(target + " is not the path of a file");
    }
    return folder;
  }
}
