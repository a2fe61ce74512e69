package dev.caravan.store.single;

import dev.caravan.event.PathNames;
import dev.caravan.event.StorePath;
import dev.caravan.event.WantedSums;
import dev.caravan.store.FileRemoval;
import dev.caravan.store.FileStat;
import dev.caravan.store.FileVersion;
import dev.caravan.store.StoreTree;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HexFormat;
import java.util.Optional;

/**
 * One file, named by its absolute path. Links are followed when it is read; when it is removed, a
 * link goes and what it leads to stays.
 */
public final class LocalFile {

  /** Beside no file that anybody registers. */
  private static final String NOWHERE = ".caravan-no-state";

  private final Path path;
  private final Clock clock;

  /**
   * @param path absolute
   * @param clock of the same time as the file system's stamps
   */
  public LocalFile(Path path, Clock clock) {
    this.path = path;
    this.clock = clock;
  }

  /** How the content looks, through links; empty when there is none, or it is no regular file. */
  public Optional<FileStat> look() throws IOException {
    try {
      Path real = path.toRealPath();
      return treeOf(real).stat(nameOf(real)).filter(s -> s.kind() == FileStat.Kind.FILE);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** True when anything at all lies under the name. */
  public boolean isThere() {
    return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
  }

  /**
   * Reads the content that was seen.
   *
   * @throws dev.caravan.event.ContentChangedException when it is another by now
   */
  public FileVersion read(FileStat seen) throws IOException {
    return FileVersion.read(treeOf(path.toRealPath()), seen, WantedSums.MD5);
  }

  /** The MD5 of the content that was seen, in hex. */
  public String md5(FileStat seen) throws IOException {
    return HexFormat.of().formatHex(read(seen).md5());
  }

  /**
   * Removes the file, if it still is what was seen.
   *
   * @throws IOException when it cannot be done; it is there, or {@link #recover} finds it
   */
  public FileRemoval.Outcome remove(FileStat seen) throws IOException {
    if (Files.isSymbolicLink(path)) {
      return removeLink(seen);
    }
    Path real = realOfFolder();
    return new FileRemoval(treeOf(real)).remove(at(seen, real));
  }

  private FileRemoval.Outcome removeLink(FileStat seen) throws IOException {
    Optional<FileStat> now = look();
    if (now.isEmpty() || !now.get().isSameVersionAs(seen)) {
      return FileRemoval.Outcome.CHANGED;
    }
    Path real = realOfFolder();
    return new FileRemoval(treeOf(real)).removeLink(at(seen, real));
  }

  /** Ends a removal whose process died: the file is back under its name afterwards, or gone. */
  public void recover(FileStat seen) throws IOException {
    Path real = realOfFolder();
    new FileRemoval(treeOf(real)).recover(at(seen, real));
  }

  /** Removes a folder if it is empty; false when it is not, or cannot be. */
  public static boolean removeEmptyFolder(Path folder) {
    try {
      if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
        return false;
      }
      Files.delete(folder);
      return true;
    } catch (DirectoryNotEmptyException e) {
      return false;
    } catch (IOException e) {
      return false;
    }
  }

  private static FileStat at(FileStat seen, Path real) {
    return new FileStat(
        nameOf(real),
        seen.kind(),
        seen.sizeBytes(),
        seen.modifiedNs(),
        seen.changedNs(),
        seen.inode(),
        seen.device(),
        seen.mode(),
        seen.owner());
  }

  /** The path with its folders' links followed, but not its own. */
  private Path realOfFolder() throws IOException {
    Path parent = path.getParent();
    if (parent == null) {
      throw new IOException(path + " is not the path of a file");
    }
    return parent.toRealPath().resolve(path.getFileName());
  }

  private StoreTree treeOf(Path real) throws IOException {
    Path folder = real.getParent();
    if (folder == null) {
      throw new IOException(real + " is not the path of a file");
    }
    return new StoreTree(folder, folder.resolve(NOWHERE), clock);
  }

  private static StorePath nameOf(Path real) {
    return StorePath.of(PathNames.textOf(real.getFileName()));
  }
}
