package dev.caravan.remote;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.caravan.event.ObjectContent;
import dev.caravan.event.Owner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** What files on a disk have beside their bytes, as far as Java can set it. */
public final class FileTimes {
  private static final int PERMISSIONS = 0777;
  private static final int OWNER = 0600;

  private FileTimes() {}

  /** Java turns a time before 1970 into 1970 unless it is whole seconds. */
  public static FileTime settable(Instant time) {
    return FileTime.from(time.getEpochSecond() < 0 ? time.truncatedTo(ChronoUnit.SECONDS) : time);
  }

  /**
   * Gives a file owner, permissions and time of a content. The file stays readable and writable for
   * its owner, or nobody could replace it.
   *
   * @param withPermissions false where others decide on them
   */
  public static void describe(Path file, ObjectContent content, boolean withPermissions)
      throws IOException {
    giveOwner(file, content);
    if (withPermissions && content.permissions().isPresent()) {
      int mode = (content.permissions().getAsInt() & PERMISSIONS) | OWNER;
      Files.setAttribute(file, "unix:mode", mode, NOFOLLOW_LINKS);
    }
    FileTime time = settable(content.modifiedAt());
    Files.setAttribute(file, "lastModifiedTime", time, NOFOLLOW_LINKS);
  }

  /** Gives a file the owner of a content where we may: only root may give files away. */
  public static void giveOwner(Path file, ObjectContent content) {
    if (content.owner().isEmpty()) {
      return;
    }
    Owner owner = content.owner().get();
    try {
      if (!owner.equals(ownerOf(file))) {
        Files.setAttribute(file, "unix:gid", (int) owner.gid(), NOFOLLOW_LINKS);
        Files.setAttribute(file, "unix:uid", (int) owner.uid(), NOFOLLOW_LINKS);
      }
    } catch (IOException | UnsupportedOperationException e) {
      // The catalog knows the owner, and a copy of it lies beside the objects.
    }
  }

  /** Permissions and owner of a file. */
  public static Remote.Traits traitsOf(Path file) throws IOException {
    int mode = number(Files.getAttribute(file, "unix:mode", NOFOLLOW_LINKS));
    return new Remote.Traits(OptionalInt.of(mode & 07777), Optional.of(ownerOf(file)));
  }

  private static Owner ownerOf(Path file) throws IOException {
    return new Owner(
        Integer.toUnsignedLong(number(Files.getAttribute(file, "unix:uid", NOFOLLOW_LINKS))),
        Integer.toUnsignedLong(number(Files.getAttribute(file, "unix:gid", NOFOLLOW_LINKS))));
  }

  private static int number(@Nullable Object attribute) {
    return attribute instanceof Integer number ? number : 0;
  }
}
