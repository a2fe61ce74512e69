package dev.caravan.snapshot.keep;

import dev.caravan.remote.ObjectStat;
import java.time.Instant;
import java.util.Optional;

/**
 * One dated folder at a prefix, begun by Caravan.
 *
 * @param name {@code 2026-11-21-032800}
 * @param takenAt what its name says
 * @param manifest present when it is complete
 */
public record Snapshot(String name, Instant takenAt, Optional<ObjectStat> manifest) {

  public boolean isComplete() {
    return manifest.isPresent();
  }

  /** Where its objects lie: the name with a slash. */
  public String folder() {
    return name + "/";
  }
}
