package dev.caravan.remote.s3.wire;

import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/** In whose name requests are signed; asked for each. */
@FunctionalInterface
public interface Credentials {

  /** Those that are in force, as far as is known. */
  AwsCredentialsIdentity current();

  /** Looks for newer ones where they come from: the server refused those that are known. */
  default void renew() {}
}
