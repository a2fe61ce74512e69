package dev.caravan.store;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.concurrent.TimeUnit;

/**
 * What the JDK's attributes of a file hold but their interface does not show: ctime, inode, device,
 * mode, user and group. Else they are told only as a map, which is made anew for each file and
 * costs as much as the {@code lstat} itself.
 *
 * <p>They lie in {@code sun.nio.fs}, which the jar's manifest opens ({@code Add-Opens}). Where that
 * is closed, as for classes outside of the jar, or other names stand there, {@link #areOpen} tells.
 */
final class UnixFields {

  private static final boolean OPEN;
  private static final MethodHandle CHANGED;
  private static final MethodHandle INODE;
  private static final MethodHandle DEVICE;
  private static final MethodHandle MODE;
  private static final MethodHandle USER;
  private static final MethodHandle GROUP;

  static {
    Getters getters = new Getters();
    CHANGED = getters.find("ctime", FileTime.class);
    INODE = getters.find("ino", long.class);
    DEVICE = getters.find("dev", long.class);
    MODE = getters.find("mode", int.class);
    USER = getters.find("uid", int.class);
    GROUP = getters.find("gid", int.class);
    OPEN = getters.all;
  }

  private UnixFields() {}

  /** True where {@link #of} may be asked. */
  static boolean areOpen() {
    return OPEN;
  }

  /**
   * Everything that one {@code lstat} said.
   *
   * @param found as the default file system gave it
   */
  static NodeStat of(PosixFileAttributes found) throws IOException {
    try {
      return new NodeStat(
          found.size(),
          found.lastModifiedTime().to(TimeUnit.NANOSECONDS),
          ((FileTime) CHANGED.invokeExact(found)).to(TimeUnit.NANOSECONDS),
          (long) INODE.invokeExact(found),
          (long) DEVICE.invokeExact(found),
          (int) MODE.invokeExact(found),
          NodeStat.packed((int) USER.invokeExact(found), (int) GROUP.invokeExact(found)));
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IOException("attributes cannot be read", e);
    }
  }

  private static final class Getters {
    private boolean all = true;

    /** The getter; where there is none, one that nobody must ask. */
    private MethodHandle find(String name, Class<?> kind) {
      MethodType type = MethodType.methodType(kind, PosixFileAttributes.class);
      try {
        Class<?> holder = Class.forName("sun.nio.fs.UnixFileAttributes");
        Lookup inside = MethodHandles.privateLookupIn(holder, MethodHandles.lookup());
        return inside.findVirtual(holder, name, MethodType.methodType(kind)).asType(type);
      } catch (ReflectiveOperationException e) {
        all = false;
        return MethodHandles.empty(type);
      }
    }
  }
}
