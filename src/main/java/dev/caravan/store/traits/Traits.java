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
    List<String> lacking = new ArrayList<>();
    boolean owned = giveOwner(path, lacking);
    givePermissions(path, owned, lacking);
    giveTime(path, lacking);
    return lacking;
  }

  private boolean giveOwner(Path path, List<String> lacking) {
    if (owner.isEmpty()) {
      return false;
    }
    Owner wanted = owner.get();
    try {
      Owner now = ownerOf(path);
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

  /** Who owns what lies under a path, not through links. */
  public static Owner ownerOf(Path path) throws IOException {
    Map<String, Object> found = Files.readAttributes(path, "unix:uid,gid", NOFOLLOW_LINKS);
    return new Owner(number(found, "uid"), number(found, "gid"));
  }

  private static long number(Map<String, Object> found, String name) {
    return Integer.toUnsignedLong((Integer) Objects.requireNonNull(found.get(name), name));
  }

  private void givePermissions(Path path, boolean owned, List<String> lacking) {
    if (permissions.isEmpty()) {
      return;
    }
    int wanted = permissions.getAsInt() & ALL;
    int bits = owned ? wanted : wanted & ~LENDING;
    if (bits != wanted) {
      lacking.add("permissions %04o became %04o, for it has another owner".formatted(wanted, bits));
    }
    try {
      Files.setAttribute(path, "unix:mode", bits, NOFOLLOW_LINKS);
    } catch (IOException | UnsupportedOperationException e) {
      lacking.add("permissions %04o could not be set (%s)".formatted(bits & PLAIN, causeOf(e)));
    }
  }

  private void giveTime(Path path, List<String> lacking) {
    if (modifiedNs.isEmpty()) {
      return;
    }
    long wanted = modifiedNs.getAsLong();
    try {
      FileTime time = FileTime.from(settable(wanted), TimeUnit.NANOSECONDS);
      Files.setAttribute(path, "lastModifiedTime", time, NOFOLLOW_LINKS);
      long now = Files.getLastModifiedTime(path, NOFOLLOW_LINKS).to(TimeUnit.NANOSECONDS);
      if (now != wanted) {
        lacking.add("modification time is off by %d ns".formatted(now - wanted));
      }
    } catch (IOException | UnsupportedOperationException e) {
      lacking.add("modification time could not be set (" + causeOf(e) + ")");
    }
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
