package dev.caravan.remote.dir;

import dev.caravan.remote.ObjectKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/**
 * Names the temporary files of unfinished puts and clears away those that nobody will finish.
 *
 * <p>A name holds the token of the process, a number, and a hash of the key: so the next process
 * finds what a killed one left of a key, and never touches what is being written here and now.
 */
final class DirTemps {

  /** Below the root, on the same file system as most of it. */
  static final String FOLDER = ObjectKey.OWN + "tmp";

  private static final Pattern NAME =
      Pattern.compile("\\.caravan-tmp-[0-9a-f]{16}-[0-9a-f]+-[0-9a-f]{16}");

  /** What nobody wrote to for so long belongs to a process that is gone, whatever its key was. */
  private static final Duration ABANDONED = Duration.ofHours(1);

  private final String token;
  private final AtomicLong next = new AtomicLong();
  private final Set<Path> live = ConcurrentHashMap.newKeySet();

  /**
   * @param token differs from that of every other process; 64 bits
   */
  DirTemps(long token) {
    this.token = HexFormat.of().toHexDigits(token);
  }

  /** A path in the folder that no one else uses; nothing is created. */
  Path begin(Path folder, ObjectKey key) {
    String number = Long.toHexString(next.incrementAndGet());
    Path temp = folder.resolve(".caravan-tmp-" + token + "-" + number + "-" + hashOf(key));
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

  /** True for the name of a temporary file, wherever it lies. */
  static boolean isTemp(String name) {
    return NAME.matcher(name).matches();
  }

  /**
   * Removes what is left of the key's puts in the folder, and what is left of anyone's for long.
   */
  void sweep(Path folder, ObjectKey key, Instant now) throws IOException {
    String ours = "-" + hashOf(key);
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(folder, path -> isTemp(path.getFileName().toString()))) {
      for (Path temp : entries) {
        if (!live.contains(temp) && (temp.toString().endsWith(ours) || isAbandoned(temp, now))) {
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
        Files.newDirectoryStream(folder, path -> isTemp(path.getFileName().toString()))) {
      for (Path temp : entries) {
        if (!live.contains(temp)) {
          Files.deleteIfExists(temp);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
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

  private static String hashOf(ObjectKey key) {
    byte[] hash = Sha256.of(key.value().getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(hash, 0, 8);
  }
}
