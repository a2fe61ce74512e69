package dev.caravan.catalog.node;

import dev.caravan.event.Owner;
import dev.caravan.event.StorePath;
import java.util.Optional;

/**
 * A folder of the store, or a symbolic link in it.
 *
 * @param target where a link leads to, in the text form of paths, relative or absolute; empty for a
 *     folder
 * @param mode permission bits and type as {@code st_mode}
 * @param owner empty where it is not known
 * @param modifiedNs nanoseconds since 1970
 * @param here false for what is known from a remote only, to be restored
 * @param missingLooks how many scans in a row did not find it
 * @param unfinished a restore began to make it, and has not given it yet what is said here
 */
public record NodeRow(
    StorePath path,
    Optional<String> target,
    int mode,
    Optional<Owner> owner,
    long modifiedNs,
    boolean here,
    int missingLooks,
    boolean unfinished) {

  public boolean isFolder() {
    return target.isEmpty();
  }

  /** A folder's ends with a slash, so that the byte order of keys is the order of a scan. */
  public String key() {
    return isFolder() ? path.value() + "/" : path.value();
  }

  /** True when it is the same but for the time of a folder, which files in it change as well. */
  public boolean isLike(NodeRow other) {
    return target.equals(other.target)
        && mode == other.mode
        && owner.equals(other.owner)
        && (isFolder() || modifiedNs == other.modifiedNs);
  }
}
