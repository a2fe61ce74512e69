package dev.caravan.remote.s3;

import dev.caravan.contract.NetworkContract;
import dev.caravan.lab.CountingProxy;
import dev.caravan.lab.S3Bucket;
import dev.caravan.lab.S3Server;
import dev.caravan.remote.Remote;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A bucket behind a bad network. */
class S3NetworkIT extends NetworkContract {

  private static final S3Patience HASTY =
      new S3Patience(
          STALL,
          STALL,
          Duration.ofSeconds(30),
          Duration.ofMillis(100),
          wait -> TimeUnit.NANOSECONDS.sleep(wait.toNanos()));

  private final S3Bucket bucket = S3Server.CEPH.newBucket();

  @Override
  protected CountingProxy proxy() {
    return new CountingProxy(bucket.settings().endpoint().orElseThrow());
  }

  @Override
  protected Remote through(CountingProxy proxy) {
    return new S3Remote(
        bucket.endpoint(proxy.endpoint()).settings(),
        new RecordingJournal(),
        Clock.systemUTC(),
        HASTY);
  }

  @Override
  protected byte[] stored(String key) {
    return bucket.bytes(key);
  }

  @Override
  protected boolean checksWhatItReads() {
    return false;
  }
}
