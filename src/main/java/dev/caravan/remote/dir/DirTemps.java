package dev.caravan.remote.dir;

import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.TempNames;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Keeps the temporary files of unfinished puts and clears away those that nobody will finish. */
final class DirTemps {

  /** What nobody wrote to for so long belongs to a process that is gone, whatever its key was. */
  private static final Duration ABANDONED = Duration.ofHours(1);

  private final TempNames names;
  private final Set<Path> live = ConcurrentHashMap.newKeySet();

  /**
   * @param token differs from that of every other process; 64 bits
   */
  DirTemps(long token) {
    this.names = new TempNames(token);
  }

  /** A path in the folder that no one else uses; nothing is created. */
  Path begin(Path folder, ObjectKey key) {
    Path temp = folder.resolve(names.next(key));
    live.add(temp);
    return temp;
  }

  /** Forgets the temporary file, and removes it when it is still there. */
  void end(Path temp) {
    try {
      Files.deleteIfExists(temp);
    } catch (IOException e) {
      // Why the put failed matters more; a later sweep removes it.
    } finally {
      live.remove(temp);
    }
  }

  /**
   * Removes what is left of the key's puts in the folder, and what is left of anyone's for long.
   */
  void sweep(Path folder, ObjectKey key, Instant now) throws IOException {
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(folder, path -> TempNames.isTemp(nameOf(path)))) {
      for (Path temp : entries) {
        if (!live.contains(temp) && (TempNames.isOf(key, nameOf(temp)) || isAbandoned(temp, now))) {
          Files.deleteIfExists(temp);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  /**
   * Removes all that is not of a put of this process: what another one left when it died. One store
   * has one Caravan, and one remote one store.
   */
  void sweepOthers(Path folder) throws IOException {
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(folder, path -> TempNames.isTemp(nameOf(path)))) {
      for (Path temp : entries) {
        if (!live.contains(temp)) {
          Files.deleteIfExists(temp);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  private static String nameOf(Path temp) {
    return temp.getFileName().toString();
  }

  private static boolean isAbandoned(Path temp, Instant now) throws IOException {
    try {
      // Not the modification time: that is already the one of the file in the store.
      Object changed = Files.getAttribute(temp, "unix:ctime", LinkOption.NOFOLLOW_LINKS);
      return ((FileTime) changed).toInstant().isBefore(now.minus(ABANDONED));
    } catch (NoSuchFileException e) {
      return false;
    }
  }
}
