package dev.caravan.store.traits;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.caravan.event.Owner;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * What a file, folder or link has beside its content.
 *
 * @param permissions {@code 0} to {@code 07777}; empty to leave them, as for a link
 * @param modifiedNs nanoseconds since 1970; empty to leave it
 */
public record Traits(OptionalInt permissions, Optional<Owner> owner, OptionalLong modifiedNs) {

  private static final String LOOKED_AT = "unix:ino,dev,size,lastModifiedTime,mode,uid,gid";
  private static final Optional<Look> NONE = Optional.empty();
  private static final long SECOND = 1_000_000_000L;
  private static final int PLAIN = 0777;
  private static final int ALL = 07777;

  /** Set-user-id and set-group-id: they lend the rights of the owner that a file has now. */
  private static final int LENDING = 06000;

  /**
   * Gives them to what lies under a path, not through links. The time comes last, for the others
   * change nothing of it.
   *
   * @return what could not be given, each in a few words; empty when all was
   */
  public List<String> giveTo(Path path) {
    return give(path).lacking();
  }

  /**
   * What came of it.
   *
   * @param lacking what could not be given, each in a few words
   * @param last what was there when the time had been given; empty when none was
   */
  public record Given(List<String> lacking, Optional<Look> last) {

    /** Nothing was to be given. */
    public static final Given NOTHING = new Given(List.of(), Optional.empty());

    /** True for what was there last, where that is known; the status change time is left out. */
    public boolean isOf(long inode, long device, long sizeBytes, long modifiedNs) {
      return last.filter(
              look ->
                  look.inode == inode
                      && look.device == device
                      && look.sizeBytes == sizeBytes
                      && look.modifiedNs == modifiedNs)
          .isPresent();
    }
  }

  /** The same, telling what lay there in the end. */
  public Given give(Path path) {
    if (permissions.isEmpty() && owner.isEmpty() && modifiedNs.isEmpty()) {
      return Given.NOTHING;
    }
    List<String> lacking = new ArrayList<>();
    Optional<Look> before = owner.isEmpty() && permissions.isEmpty() ? NONE : tryLook(path);
    boolean owned = giveOwner(path, before, lacking);
    givePermissions(path, before, owned, lacking);
    return new Given(lacking, giveTime(path, lacking));
  }

  private boolean giveOwner(Path path, Optional<Look> before, List<String> lacking) {
    if (owner.isEmpty()) {
      return false;
    }
    Owner wanted = owner.get();
    try {
      Owner now = before.isPresent() ? before.get().owner : Look.at(path).owner;
      if (now.gid() != wanted.gid()) {
        Files.setAttribute(path, "unix:gid", (int) wanted.gid(), NOFOLLOW_LINKS);
      }
      if (now.uid() != wanted.uid()) {
        Files.setAttribute(path, "unix:uid", (int) wanted.uid(), NOFOLLOW_LINKS);
      }
      return true;
    } catch (IOException | UnsupportedOperationException e) {
      lacking.add("owner " + wanted + " could not be set (" + causeOf(e) + ")");
      return false;
    }
  }

  /** What one look said, not through links. */
  private record Look(
      long inode, long device, long sizeBytes, long modifiedNs, int mode, Owner owner) {

    static Look at(Path path) throws IOException {
      Map<String, Object> found = Files.readAttributes(path, LOOKED_AT, NOFOLLOW_LINKS);
      return new Look(
          (Long) get(found, "ino"),
          (Long) get(found, "dev"),
          (Long) get(found, "size"),
          ((FileTime) get(found, "lastModifiedTime")).to(TimeUnit.NANOSECONDS),
          (Integer) get(found, "mode") & ALL,
          new Owner(number(found, "uid"), number(found, "gid")));
    }
  }

  private static Optional<Look> tryLook(Path path) {
    try {
      return Optional.of(Look.at(path));
    } catch (IOException | UnsupportedOperationException e) {
      return NONE; // What cannot be looked at cannot be changed either, and that is told.
    }
  }

  private static Object get(Map<String, Object> found, String name) {
    return Objects.requireNonNull(found.get(name), name);
  }

  private static long number(Map<String, Object> found, String name) {
    return Integer.toUnsignedLong((Integer) get(found, name));
  }

  private void givePermissions(
      Path path, Optional<Look> before, boolean owned, List<String> lacking) {
    if (permissions.isEmpty()) {
      return;
    }
    int wanted = permissions.getAsInt() & ALL;
    int bits = owned ? wanted : wanted & ~LENDING;
    if (bits != wanted) {
      lacking.add("permissions %04o became %04o, for it has another owner".formatted(wanted, bits));
    }
    boolean sameOwner = before.isPresent() && owner.filter(before.get().owner::equals).isPresent();
    if ((owner.isEmpty() || sameOwner) && before.isPresent() && before.get().mode == bits) {
      return; // A change of owner takes some of them away.
    }
    try {
      Files.setAttribute(path, "unix:mode", bits, NOFOLLOW_LINKS);
    } catch (IOException | UnsupportedOperationException e) {
      lacking.add("permissions %04o could not be set (%s)".formatted(bits & PLAIN, causeOf(e)));
    }
  }

  private Optional<Look> giveTime(Path path, List<String> lacking) {
    if (modifiedNs.isEmpty()) {
      return NONE;
    }
    long wanted = modifiedNs.getAsLong();
    try {
      FileTime time = FileTime.from(settable(wanted), TimeUnit.NANOSECONDS);
      Files.setAttribute(path, "lastModifiedTime", time, NOFOLLOW_LINKS);
    } catch (IOException | UnsupportedOperationException e) {
      lacking.add("modification time could not be set (" + causeOf(e) + ")");
      return tryLook(path);
    }
    Optional<Look> now = tryLook(path);
    if (now.isEmpty()) {
      lacking.add("modification time could not be read again");
    } else if (now.get().modifiedNs != wanted) {
      lacking.add("modification time is off by %d ns".formatted(now.get().modifiedNs - wanted));
    }
    return now;
  }

  /** Java turns a time before 1970 into 1970 unless it is whole seconds. */
  private static long settable(long ns) {
    return ns < 0 ? Math.floorDiv(ns, SECOND) * SECOND : ns;
  }

  private static String causeOf(Exception e) {
    String reason = e instanceof FileSystemException f ? f.getReason() : null;
    return reason == null ? e.getClass().getSimpleName() : reason;
  }
}
