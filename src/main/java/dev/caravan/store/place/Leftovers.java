package dev.caravan.store.place;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.caravan.store.AtomicFile;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes the files that were left unfinished in a folder by a process that was killed: those that
 * have a name of {@link AtomicFile}'s own making, and were not touched since this one began. What
 * was, somebody is still at work on.
 */
public final class Leftovers {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.store");

  private final FileTime begun;

  private Leftovers(FileTime begun) {
    this.begun = begun;
  }

  /**
   * Begins now, by the clock of the file system: a volume from elsewhere has another than we.
   *
   * @param folder that can be written to
   */
  public static Leftovers before(Path folder) throws IOException {
    try (AtomicFile now = AtomicFile.begin(folder.resolve("now"))) {
      return new Leftovers(changedAt(now.path()));
    }
  }

  /**
   * Deletes what lies unfinished right in a folder; not below it.
   *
   * @return how many files those were
   * @throws IOException when the folder cannot be listed, or one of them not deleted
   */
  public int sweep(Path folder) throws IOException {
    int swept = 0;
    try (DirectoryStream<Path> children =
        Files.newDirectoryStream(
            folder, child -> AtomicFile.isUnfinished(child.getFileName().toString()))) {
      for (Path child : children) {
        if (isLeft(child) && Files.deleteIfExists(child)) {
          LOG.debug("{} was left unfinished by a process that died; it is deleted", child);
          swept++;
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return swept;
  }

  private boolean isLeft(Path child) throws IOException {
    if (!Files.isRegularFile(child, NOFOLLOW_LINKS) && !Files.isSymbolicLink(child)) {
      return false;
    }
    try {
      return changedAt(child).compareTo(begun) < 0;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private static FileTime changedAt(Path path) throws IOException {
    return (FileTime) Files.getAttribute(path, "unix:ctime", NOFOLLOW_LINKS);
  }
}
