package dev.caravan.store.place;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Owner, permissions and modification time of something on disk.
 *
 * @param uid as Linux has it: to be read as unsigned
 * @param gid the same of the group
 * @param permissions the bits {@code 07777}
 * @param modifiedNs nanoseconds since 1970; Java sets times before that in whole seconds only, and
 *     those of links in whole microseconds
 */
public record Attributes(int uid, int gid, int permissions, long modifiedNs) {

  private static final int MODE = 07777;
  private static final int OTHERS_IDENTITY = 06000;

  /**
   * Gives them to a file or folder, not through links.
   *
   * @return false when it kept another owner or group, for want of the right to give it away; a
   *     file does not get the bits then that lend its owner's rights
   * @throws IOException when anything else could not be set
   */
  public boolean giveTo(Path path) throws IOException {
    Map<String, Object> now = Files.readAttributes(path, "unix:uid,gid,mode", NOFOLLOW_LINKS);
    boolean owned = own(path, now);
    // Before the permissions: they may forbid it. After the owner: a new one clears some of them.
    time(path);
    boolean folder = Files.isDirectory(path, NOFOLLOW_LINKS);
    int wanted = owned || folder ? permissions : permissions & ~OTHERS_IDENTITY;
    Object mode = Files.getAttribute(path, "unix:mode", NOFOLLOW_LINKS);
    if (((Integer) mode & MODE) != wanted) {
      Files.setAttribute(path, "unix:mode", wanted, NOFOLLOW_LINKS);
    }
    return owned;
  }

  /** Gives owner and time to a link itself; links have no permissions. */
  public boolean giveToLink(Path link) throws IOException {
    boolean owned = own(link, Files.readAttributes(link, "unix:uid,gid", NOFOLLOW_LINKS));
    time(link);
    return owned;
  }

  private boolean own(Path path, Map<String, Object> now) throws IOException {
    // Both, whatever becomes of the first.
    boolean group = set(path, now, "gid", gid);
    boolean owner = set(path, now, "uid", uid);
    return group && owner;
  }

  private static boolean set(Path path, Map<String, Object> now, String name, int wanted)
      throws IOException {
    if (Objects.equals(now.get(name), wanted)) {
      return true;
    }
    try {
      Files.setAttribute(path, "unix:" + name, wanted, NOFOLLOW_LINKS);
      return true;
    } catch (FileSystemException e) {
      String reason = String.valueOf(e.getReason());
      // EPERM: not ours to give away. EINVAL: no such owner in this container's name space.
      if (reason.startsWith("Operation not permitted") || reason.startsWith("Invalid argument")) {
        return false;
      }
      throw e;
    }
  }

  private void time(Path path) throws IOException {
    FileTime wanted =
        modifiedNs < 0
            ? FileTime.from(Math.floorDiv(modifiedNs, 1_000_000_000L), TimeUnit.SECONDS)
            : FileTime.from(modifiedNs, TimeUnit.NANOSECONDS);
    if (!Files.getLastModifiedTime(path, NOFOLLOW_LINKS).equals(wanted)) {
      Files.setAttribute(path, "lastModifiedTime", wanted, NOFOLLOW_LINKS);
    }
  }
}
