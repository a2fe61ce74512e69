package dev.caravan.contract;

import dev.caravan.config.S3Settings;
import dev.caravan.lab.CountingProxy;
import dev.caravan.lab.S3Bucket;
import dev.caravan.lab.S3Server;

/** The same for a bucket of a real server. */
public abstract class BucketNetworkContract extends NetworkContract {

  private final S3Bucket bucket = S3Server.CEPH.newBucket();

  /** The bucket of this test, by way of the proxy. */
  protected final S3Settings bucket(CountingProxy proxy) {
    return bucket.endpoint(proxy.endpoint()).settings();
  }

  @Override
  protected final CountingProxy proxy() {
    return new CountingProxy(bucket.settings().endpoint().orElseThrow());
  }

  @Override
  protected final byte[] stored(String key) {
    return bucket.bytes(key);
  }

  @Override
  protected final boolean checksWhatItReads() {
    return false;
  }
}
