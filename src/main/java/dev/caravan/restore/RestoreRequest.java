package dev.caravan.restore;

import dev.caravan.event.Trigger;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A wish for files to be brought back.
 *
 * @param paths store paths of files or folders; {@code ""} means all; one that is named twice
 *     counts once
 * @param from the only remote to ask; all in turn when empty
 * @param asOf the files as they were at that time; as they are when empty
 * @param catalogOnly a new machine only learns which files there are; they come when they are read
 */
public record RestoreRequest(
    Trigger trigger,
    List<String> paths,
    Optional<String> from,
    Optional<Instant> asOf,
    boolean catalogOnly) {

  public RestoreRequest {
    paths = paths.stream().distinct().toList();
  }
}
