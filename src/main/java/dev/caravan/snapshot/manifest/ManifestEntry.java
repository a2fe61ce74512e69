package dev.caravan.snapshot.manifest;

import dev.caravan.event.PathNames;
import dev.caravan.event.StorePath;
import dev.caravan.snapshot.tree.TreeEntry;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/**
 * One file, folder or symbolic link of a snapshot.
 *
 * @param path below the folder that was saved, in the text form of {@link StorePath}
 * @param sizeBytes of the content; 0 for folders and links
 * @param permissions the bits {@code 07777}; those of a link mean nothing
 * @param uid of the owner, as Linux has it: to be read as unsigned
 * @param gid the same of the group
 * @param modifiedNs nanoseconds since 1970, may be negative
 * @param linkTarget where a link leads, in the text form of {@link dev.caravan.event.PathNames};
 *     absent for all else
 * @param sha256 of a file's content, 64 lower-case hex digits; absent for all else
 */
public record ManifestEntry(
    StorePath path,
    Kind kind,
    long sizeBytes,
    int permissions,
    int uid,
    int gid,
    long modifiedNs,
    Optional<String> linkTarget,
    Optional<String> sha256) {

  /** What it is. */
  public enum Kind {
    FILE,
    FOLDER,
    SYMLINK;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The name in a manifest. */
    public String label() {
      return label;
    }
  }

  public ManifestEntry {
    // Throws when it is not the text form of any name.
    PathNames.bytesOf(path.value());
    linkTarget.ifPresent(PathNames::bytesOf);
    if (sizeBytes < 0 || (kind != Kind.FILE && sizeBytes != 0)) {
      throw new IllegalArgumentException(path + " has the size " + sizeBytes);
    }
    if ((permissions & ~07777) != 0) {
      throw new IllegalArgumentException(path + " has bits that are no permissions");
    }
    if ((kind == Kind.FILE) != sha256.isPresent()) {
      throw new IllegalArgumentException(path + ": files, and only they, have a SHA-256");
    }
    if (sha256.isPresent() && !isSha256(sha256.get())) {
      throw new IllegalArgumentException(path + " has no SHA-256 of 64 lower-case hex digits");
    }
    if ((kind == Kind.SYMLINK) != linkTarget.isPresent()
        || linkTarget.filter(to -> to.isEmpty() || to.indexOf('\0') >= 0).isPresent()) {
      throw new IllegalArgumentException(path + ": links, and only they, lead somewhere");
    }
  }

  /**
   * What the walk found, as it goes into the manifest.
   *
   * @param sha256 of the content that was stored; empty for folders and links
   */
  public static ManifestEntry of(TreeEntry.Found found, Optional<String> sha256) {
    Kind kind =
        switch (found.kind()) {
          case FILE -> Kind.FILE;
          case FOLDER -> Kind.FOLDER;
          case SYMLINK -> Kind.SYMLINK;
          case SPECIAL -> throw new IllegalArgumentException(found.path() + " has no content");
        };
    return new ManifestEntry(
        found.path(),
        kind,
        kind == Kind.FILE ? found.stat().sizeBytes() : 0,
        found.permissions(),
        found.uid(),
        found.gid(),
        found.stat().modifiedNs(),
        found.linkTarget(),
        sha256);
  }

  public boolean isFile() {
    return kind == Kind.FILE;
  }

  public boolean isFolder() {
    return kind == Kind.FOLDER;
  }

  /** By this, byte by byte, entries are ordered: the path, with a slash after a folder's. */
  String orderKey() {
    return isFolder() ? path.value() + "/" : path.value();
  }

  private static boolean isSha256(String text) {
    for (byte c : text.getBytes(StandardCharsets.ISO_8859_1)) {
      if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
        return false;
      }
    }
    return text.length() == 64;
  }
}
