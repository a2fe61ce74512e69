package dev.caravan.remote.s3;

/** Where a bucket is, and everything that is needed to ask it for something. */
record S3Connection(
    S3Address address,
    S3Transport transport,
    S3Errors errors,
    ObjectHeaders headers,
    ServerClock clock) {}
