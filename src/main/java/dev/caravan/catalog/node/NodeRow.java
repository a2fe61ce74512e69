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
 * @param instead how it looks in the store, as {@link #look}, where a restore could not give it all
 *     that is said here; empty where it had all
 */
public record NodeRow(
    StorePath path,
    Optional<String> target,
    int mode,
    Optional<Owner> owner,
    long modifiedNs,
    boolean here,
    int missingLooks,
    boolean unfinished,
    Optional<String> instead) {

  /** What a look sees, to be recorded as it is. */
  public static NodeRow seen(
      StorePath path, Optional<String> target, int mode, Optional<Owner> owner, long modifiedNs) {
    return new NodeRow(path, target, mode, owner, modifiedNs, true, 0, false, Optional.empty());
  }

  public boolean isFolder() {
    return target.isEmpty();
  }

  /** A folder's ends with a slash, so that the byte order of keys is the order of a scan. */
  public String key() {
    return isFolder() ? path.value() + "/" : path.value();
  }

  /** Mode and owner as one text. */
  public String look() {
    return "%o %s".formatted(mode, owner.map(Owner::toString).orElse("-"));
  }

  /**
   * What is on record after a look: what a restore could not set stays as it was at the source,
   * until a person changes what the restore left.
   *
   * @param now what a look saw of the same folder or link
   */
  public NodeRow after(NodeRow now) {
    if (!instead.equals(Optional.of(now.look())) || !target.equals(now.target)) {
      return now;
    }
    return new NodeRow(path, target, mode, owner, now.modifiedNs, true, 0, false, instead);
  }

  /** The same, with something else in the store than is said here. */
  public NodeRow standingAs(NodeRow found) {
    return new NodeRow(
        path,
        target,
        mode,
        owner,
        modifiedNs,
        true,
        0,
        false,
        found.look().equals(look()) ? Optional.empty() : Optional.of(found.look()));
  }

  /** True when it is the same but for the time of a folder, which files in it change as well. */
  public boolean isLike(NodeRow other) {
    return target.equals(other.target)
        && mode == other.mode
        && owner.equals(other.owner)
        && (isFolder() || modifiedNs == other.modifiedNs);
  }
}
