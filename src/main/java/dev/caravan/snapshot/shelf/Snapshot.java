package dev.caravan.snapshot.shelf;

import dev.caravan.remote.ObjectStat;
import java.time.Instant;
import java.util.Optional;

/**
 * One dated folder at a remote.
 *
 * @param name {@code 2026-11-21-032800}
 * @param begunAt the time that the name stands for
 * @param manifest its last object; without it the folder is no snapshot, but what an attempt that
 *     did not end left, or what another tool wrote
 */
public record Snapshot(String name, Instant begunAt, Optional<ObjectStat> manifest) {

  public boolean isComplete() {
    return manifest.isPresent();
  }

  /** With its slash: what all its keys begin with. */
  public String folder() {
    return name + "/";
  }
}
