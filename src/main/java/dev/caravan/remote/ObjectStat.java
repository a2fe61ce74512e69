package dev.caravan.remote;

import java.time.Instant;
import java.util.Optional;

/**
 * What a remote says of one object.
 *
 * @param sizeBytes its length
 * @param modifiedAt the file's own modification time where the remote keeps it, else when it was
 *     put
 * @param etag the remote's opaque name of this content; never a checksum
 * @param version the remote's version id, where it keeps versions
 * @param sha256 64 lower-case hex digits, where the remote can say (its own checksum of the stored
 *     bytes, or the one recorded beside them when they were put)
 */
public record ObjectStat(
    ObjectKey key,
    long sizeBytes,
    Instant modifiedAt,
    Optional<String> etag,
    Optional<String> version,
    Optional<String> sha256) {}
