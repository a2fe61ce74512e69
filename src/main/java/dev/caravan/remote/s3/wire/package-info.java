/** Requests to S3 on their way: signed, sent, answered, and what a refusal means. */
@NullMarked
package dev.caravan.remote.s3.wire;

import org.jspecify.annotations.NullMarked;
