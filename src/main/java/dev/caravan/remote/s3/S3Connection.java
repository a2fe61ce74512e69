package dev.caravan.remote.s3;

import dev.caravan.remote.s3.wire.S3Address;
import dev.caravan.remote.s3.wire.S3Errors;
import dev.caravan.remote.s3.wire.S3Transport;
import dev.caravan.remote.s3.wire.ServerClock;

/** Where a bucket is, and everything that is needed to ask it for something. */
record S3Connection(
    S3Address address, S3Transport transport, ObjectHeaders headers, ServerClock clock) {

  S3Errors errors() {
    return transport.errors();
  }
}
