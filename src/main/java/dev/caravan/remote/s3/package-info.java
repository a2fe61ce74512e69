/** S3 and what speaks its protocol: signed requests without the SDK's client pipeline. */
@NullMarked
package dev.caravan.remote.s3;

import org.jspecify.annotations.NullMarked;
