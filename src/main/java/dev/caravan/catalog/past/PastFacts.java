package dev.caravan.catalog.past;

import dev.caravan.catalog.FileRow;
import dev.caravan.event.StorePath;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the catalog knows of one path, now and from before.
 *
 * @param file the file of that name; empty when it is long deleted, or was never seen
 * @param copies what remotes are known to hold under that name
 * @param trash what lies of it in the remotes' trash
 */
public record PastFacts(
    StorePath path, Optional<Known> file, List<Copy> copies, List<Trashed> trash) {

  /** Facts about a path of which the catalog knows nothing. */
  public static PastFacts none(StorePath path) {
    return new PastFacts(path, Optional.empty(), List.of(), List.of());
  }

  /**
   * The file's row.
   *
   * @param sha256 of the version described here; empty while that was not read yet
   * @param knownAt since when a file of this name is known; empty when nobody can tell
   */
  public record Known(
      FileRow.State state,
      long modifiedNs,
      int mode,
      Optional<String> sha256,
      Optional<Instant> knownAt) {}

  /**
   * A remote's copy.
   *
   * @param remote the remote's number
   * @param storedAt when it was first known to be there; empty when nobody can tell
   */
  public record Copy(int remote, String sha256, long sizeBytes, Optional<Instant> storedAt) {}

  /**
   * Something in a remote's trash.
   *
   * @param remote the remote's number
   * @param name below {@code trash/<day>/}
   * @param knownAt since when a file of that name had been known
   * @param storedAt when the remote had got it
   * @param from the earliest time at which it can have been moved there
   * @param until the latest, exclusive
   */
  public record Trashed(
      int remote,
      String day,
      String name,
      Optional<String> sha256,
      OptionalLong sizeBytes,
      OptionalLong modifiedNs,
      int mode,
      Optional<Instant> knownAt,
      Optional<Instant> storedAt,
      Instant from,
      Instant until) {}
}
