package dev.caravan.store.folder;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** What is done with folders as wholes. Nothing that lies in one is ever deleted here. */
public final class Folders {

  private static final int NAMES_MAX = 1_000;

  private Folders() {}

  /**
   * Removes a folder in which nothing lies.
   *
   * @return false when something lies in it, or it is no folder; true when it is gone
   */
  public static boolean removeEmpty(Path folder) throws IOException {
    if (Files.exists(folder, NOFOLLOW_LINKS) && !Files.isDirectory(folder, NOFOLLOW_LINKS)) {
      return false;
    }
    try {
      Files.delete(folder);
      Path above = folder.toAbsolutePath().getParent();
      if (above != null) {
        force(above);
      }
      return true;
    } catch (NoSuchFileException e) {
      return true;
    } catch (DirectoryNotEmptyException e) {
      return false;
    }
  }

  /**
   * Renames a folder into another, which is made when it is missing; {@code -2} and so on is added
   * to its name where one of that name is there.
   *
   * @return where it lies now
   * @throws IOException when it cannot be renamed, as to another file system; it stays then
   */
  public static Path moveInto(Path folder, Path place) throws IOException {
    Files.createDirectories(place);
    String name = folder.getFileName().toString();
    for (int n = 1; n < NAMES_MAX; n++) {
      Path to = place.resolve(n == 1 ? name : name + "-" + n);
      if (!Files.exists(to, NOFOLLOW_LINKS)) {
        Files.move(folder, to, StandardCopyOption.ATOMIC_MOVE);
        force(place);
        return to;
      }
    }
    throw new FileAlreadyExistsException(place.resolve(name).toString());
  }

  private static void force(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
