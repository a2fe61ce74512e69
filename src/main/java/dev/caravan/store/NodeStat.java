package dev.caravan.store;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.caravan.event.Owner;
import dev.caravan.event.StorePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What one {@code lstat} said about a name, folders included; the raw form of {@link FileStat}.
 *
 * <p>The {@code unix} view is the only one that knows ctime and inode, and tells them as a map; see
 * {@link UnixFields}. Calling two views would cost a second system call.
 */
public record NodeStat(
    long sizeBytes,
    long modifiedNs,
    long changedNs,
    long inode,
    long device,
    int mode,
    long packedOwner) {

  private static final String ATTRIBUTES = "unix:size,lastModifiedTime,ctime,ino,dev,mode,uid,gid";
  private static final int TYPE_MASK = 0xF000;
  private static final int FOLDER = 0x4000;
  private static final int REGULAR = 0x8000;
  private static final int LINK = 0xA000;

  public static NodeStat of(Path path) throws IOException {
    return UnixFields.areOpen()
        ? UnixFields.of(Files.readAttributes(path, PosixFileAttributes.class, NOFOLLOW_LINKS))
        : ofMap(path);
  }

  /** The same where the JDK does not let itself be looked into. */
  static NodeStat ofMap(Path path) throws IOException {
    Map<String, Object> found = Files.readAttributes(path, ATTRIBUTES, NOFOLLOW_LINKS);
    return new NodeStat(
        (Long) get(found, "size"),
        nanos(get(found, "lastModifiedTime")),
        nanos(get(found, "ctime")),
        (Long) get(found, "ino"),
        (Long) get(found, "dev"),
        (Integer) get(found, "mode"),
        packed((Integer) get(found, "uid"), (Integer) get(found, "gid")));
  }

  /** The same for what a link leads to; only the root of the store may be one. */
  public static NodeStat ofTarget(Path path) throws IOException {
    return of(path.toRealPath());
  }

  public static boolean isFolder(int mode) {
    return (mode & TYPE_MASK) == FOLDER;
  }

  public boolean isFolder() {
    return isFolder(mode);
  }

  public boolean isSameNodeAs(NodeStat other) {
    return inode == other.inode && device == other.device;
  }

  public FileStat at(StorePath path) {
    return new FileStat(
        path, kindOf(mode), sizeBytes, modifiedNs, changedNs, inode, device, mode, owner());
  }

  /** User and group, unpacked. */
  private Optional<Owner> owner() {
    return Optional.of(new Owner(packedOwner >>> 32, packedOwner & 0xFFFF_FFFFL));
  }

  /** User and group as one number. */
  static long packed(int user, int group) {
    return ((long) user << 32) | Integer.toUnsignedLong(group);
  }

  private static FileStat.Kind kindOf(int mode) {
    int type = mode & TYPE_MASK;
    if (type == FOLDER) {
      return FileStat.Kind.FOLDER;
    }
    if (type == REGULAR) {
      return FileStat.Kind.FILE;
    }
    return type == LINK ? FileStat.Kind.SYMLINK : FileStat.Kind.SPECIAL;
  }

  private static Object get(Map<String, Object> found, String name) {
    return Objects.requireNonNull(found.get(name), name);
  }

  private static long nanos(Object time) {
    return ((FileTime) time).to(TimeUnit.NANOSECONDS);
  }
}
