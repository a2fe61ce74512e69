package dev.caravan.snapshot.manifest;

import java.time.Instant;
import java.util.Optional;

/**
 * What a manifest says of itself.
 *
 * @param createdAt when the snapshot began; of a snapshot folder, the time that it is named after
 * @param source the folder that was saved, as it was given: {@code /data}
 * @param tool what wrote it: {@code caravan 1.2.3}
 * @param began when the first file was looked at, by the clock of the machine that did
 */
public record ManifestHeader(
    Instant createdAt, String source, String tool, Optional<Instant> began) {

  /** One that does not say when it began. */
  public ManifestHeader(Instant createdAt, String source, String tool) {
    this(createdAt, source, tool, Optional.empty());
  }
}
