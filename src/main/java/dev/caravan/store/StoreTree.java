package dev.caravan.store;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.caravan.event.ContentChangedException;
import dev.caravan.event.PathNames;
import dev.caravan.event.StorePath;
import dev.caravan.store.hand.InHand;
import dev.caravan.store.room.DiskSpace;
import dev.caravan.store.room.Pledges;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The place on disk where the store lies: turns store paths into paths and looks at single files.
 *
 * <p>Nothing here follows a link below the root, so no store path can lead out of the store.
 */
public final class StoreTree {
  /** Never the owner's, even when the state folder lies elsewhere. */
  private static final String OWN_FOLDER = ".caravan";

  private final Path root;
  private final Pledges pledges = new Pledges();
  private final InHand inHand = new InHand();
  private final Path stateFolder;
  private final Clock clock;
  private volatile @Nullable Reserved reserved;

  /**
   * @param root may be a link to a folder; nothing below it may
   * @param stateFolder inside the root or outside, never the root itself
   * @param clock of the same time as the file system's stamps
   */
  public StoreTree(Path root, Path stateFolder, Clock clock) {
    this.root = root.toAbsolutePath().normalize();
    this.stateFolder = stateFolder.toAbsolutePath().normalize();
    this.clock = clock;
    if (this.root.startsWith(this.stateFolder)) {
      throw new IllegalArgumentException(
          "State folder " + stateFolder + " holds the store itself; set store.state to another");
    }
  }

  public Path root() {
    return root;
  }

  public Path stateFolder() {
    return stateFolder;
  }

  Clock clock() {
    return clock;
  }

  /** Where a file lies, or would lie. Says nothing about what is there. */
  public Path pathOf(StorePath path) {
    return PathNames.resolve(root, path.value());
  }

  /** True for the state folder and what lies in it: never scanned, never to be restored into. */
  public boolean isReserved(StorePath path) {
    Reserved known = reserved;
    if (known == null || known.isOld()) {
      known = new Reserved(reservedPaths(), System.nanoTime());
      reserved = known;
    }
    for (String each : known.paths()) {
      if (path.isWithin(each)) {
        return true;
      }
    }
    return false;
  }

  /** What was reserved when it was looked last: to find out takes longer than a look at a file. */
  private record Reserved(Set<String> paths, long nanos) {

    private static final long GOOD_NANOS = 100_000_000;

    boolean isOld() {
      return System.nanoTime() - nanos > GOOD_NANOS;
    }
  }

  /**
   * Looks at one file, not through links.
   *
   * @return empty when nothing is there, or a folder
   * @throws SymlinkedPathException when a folder above it is a link
   * @throws IOException when it cannot be known
   */
  public Optional<FileStat> stat(StorePath path) throws IOException {
    return statAny(path).filter(stat -> stat.kind() != FileStat.Kind.FOLDER);
  }

  /** The same for whatever lies there, also a folder. */
  public Optional<FileStat> statAny(StorePath path) throws IOException {
    ensureRealFolders(path);
    try {
      return Optional.of(NodeStat.of(pathOf(path)).at(path));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (FileSystemException e) {
      if (liesBelowFile(path)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Who is about to fill room on the store's disk. */
  public Pledges pledges() {
    return pledges;
  }

  /** Which files Caravan itself brings at this moment. */
  public InHand inHand() {
    return inHand;
  }

  /** Free and total bytes of the file system that holds the root. */
  public DiskSpace space() throws IOException {
    // Asks the kernel directly; a FileStore searches the mount table, which fails in some jails.
    long total = root.toFile().getTotalSpace();
    if (total > 0) {
      return new DiskSpace(root.toFile().getUsableSpace(), total);
    }
    FileStore disk = Files.getFileStore(root);
    return new DiskSpace(disk.getUsableSpace(), disk.getTotalSpace());
  }

  /** The same; empty while the disk cannot be asked. */
  public Optional<DiskSpace> findSpace() {
    try {
      return Optional.of(space());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * Makes the folders above a file, as far as they are missing, and returns the file's own path.
   *
   * @throws SymlinkedPathException when one of them is a link
   * @throws IOException when the path is reserved, or a file is where a folder should be
   */
  public Path makeFoldersFor(StorePath path) throws IOException {
    if (isReserved(path)) {
      throw new IOException("Refused " + path + ": it lies in Caravan's own folder");
    }
    if (!path.folder().isEmpty()) {
      ensureRealFolders(path);
      Files.createDirectories(PathNames.resolve(root, path.folder()));
    }
    ensureRealFolders(path);
    return pathOf(path);
  }

  /** Opens a file for reading, not through links. */
  public FileChannel open(StorePath path) throws IOException {
    ensureRealFolders(path);
    return FileChannel.open(pathOf(path), StandardOpenOption.READ, NOFOLLOW_LINKS);
  }

  /** Looks again at a file that was seen before. */
  void ensureUnchanged(FileStat seen) throws IOException {
    Optional<FileStat> now = stat(seen.path());
    if (now.isEmpty()) {
      throw new ContentChangedException(
          seen.path() + " went away while it was read; the next run looks again");
    }
    if (now.get().kind() != seen.kind() || !now.get().isSameVersionAs(seen)) {
      throw new ContentChangedException(
          seen.path() + " changed while it was read; the next run takes it up again");
    }
  }

  /** What a scan leaves out, as the text of store paths. */
  public Set<String> reservedPaths() {
    Set<String> reserved = new TreeSet<>(Set.of(OWN_FOLDER));
    below(root, stateFolder).ifPresent(reserved::add);
    try {
      below(root.toRealPath(), stateFolder.toRealPath()).ifPresent(reserved::add);
    } catch (IOException e) {
      // Not made yet: then there is nothing by another name either.
    }
    return reserved;
  }

  private static Optional<String> below(Path root, Path folder) {
    return folder.startsWith(root) && !folder.equals(root)
        ? Optional.of(PathNames.textOf(root.relativize(folder)))
        : Optional.empty();
  }

  private void ensureRealFolders(StorePath path) throws IOException {
    String text = path.value();
    for (int slash = text.indexOf('/'); slash >= 0; slash = text.indexOf('/', slash + 1)) {
      if (Files.isSymbolicLink(PathNames.resolve(root, text.substring(0, slash)))) {
        throw new SymlinkedPathException(path);
      }
    }
  }

  private boolean liesBelowFile(StorePath path) {
    for (String folder = path.folder(); !folder.isEmpty(); ) {
      if (Files.isRegularFile(PathNames.resolve(root, folder), NOFOLLOW_LINKS)) {
        return true;
      }
      folder = StorePath.of(folder).folder();
    }
    return false;
  }
}
