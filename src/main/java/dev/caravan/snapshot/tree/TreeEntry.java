package dev.caravan.snapshot.tree;

import dev.caravan.event.StorePath;
import dev.caravan.store.FileStat;
import dev.caravan.store.FileStat.Kind;
import java.util.Optional;

/** One step of a {@link TreeWalk}. */
public sealed interface TreeEntry {

  StorePath path();

  /**
   * A file, folder or symbolic link.
   *
   * @param stat what one look said; its kind is never {@link Kind#SPECIAL}, and a file is read with
   *     it by {@link dev.caravan.store.FileVersion}
   * @param uid of the owner, as Linux has it: to be read as unsigned
   * @param gid the same of the group
   * @param linkTarget present for a link: where it leads, in the text form of {@link
   *     dev.caravan.event.PathNames}
   */
  record Found(FileStat stat, int uid, int gid, Optional<String> linkTarget) implements TreeEntry {

    public Found {
      if (stat.kind() == Kind.SPECIAL) {
        throw new IllegalArgumentException(stat.path() + " is no file, folder or link");
      }
      if ((stat.kind() == Kind.SYMLINK) != linkTarget.isPresent()) {
        throw new IllegalArgumentException(stat.path() + ": links, and only they, lead somewhere");
      }
    }

    @Override
    public StorePath path() {
      return stat.path();
    }

    public Kind kind() {
      return stat.kind();
    }

    /** The bits {@code 07777} of the mode. */
    public int permissions() {
      return stat.mode() & 07777;
    }
  }

  /**
   * Something that cannot be taken along: what lies at this path, or below it, is unknown or has no
   * content.
   *
   * @param cause in an operator's words
   */
  record Problem(StorePath path, String cause) implements TreeEntry {}
}
