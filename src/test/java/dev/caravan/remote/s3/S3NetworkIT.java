package dev.caravan.remote.s3;

import dev.caravan.contract.BucketNetworkContract;
import dev.caravan.lab.CountingProxy;
import dev.caravan.remote.Remote;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A bucket behind a bad network. */
class S3NetworkIT extends BucketNetworkContract {

  private static final S3Patience HASTY =
      new S3Patience(
          STALL,
          STALL,
          Duration.ofSeconds(30),
          Duration.ofMillis(100),
          wait -> TimeUnit.NANOSECONDS.sleep(wait.toNanos()));

  @Override
  protected Remote through(CountingProxy proxy) {
    return new S3Remote(bucket(proxy), new RecordingJournal(), Clock.systemUTC(), HASTY);
  }
}
