package dev.caravan.restore;

import dev.caravan.event.StorePath;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A file of an earlier time.
 *
 * @param sources where the version of that time can be had, in the order in which they are tried
 * @param problem why it cannot be had; empty where there are sources, and where it was not there
 * @param absence why it is no file of that time; empty where it is, or nobody can tell
 */
record PastFile(
    StorePath path, List<Source> sources, Optional<String> problem, Optional<String> absence) {

  /**
   * A version at a remote; what is not known here is asked of the remote.
   *
   * @param version of an object of which several are kept; empty for what lies there
   * @param byTime when it came there is not known: it counts when the file's own time is early
   *     enough
   */
  record Source(
      Remote remote,
      ObjectKey key,
      Optional<String> version,
      OptionalLong sizeBytes,
      OptionalLong modifiedNs,
      int mode,
      Optional<String> sha256,
      boolean byTime) {}
}
