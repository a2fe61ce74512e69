package dev.caravan.snapshot.manifest;

import java.time.Instant;

/**
 * What a manifest says of itself.
 *
 * @param createdAt when the snapshot began; of a snapshot folder, the time that it is named after
 * @param source the folder that was saved, as it was given: {@code /data}
 * @param tool what wrote it: {@code caravan 1.2.3}
 */
public record ManifestHeader(Instant createdAt, String source, String tool) {}
