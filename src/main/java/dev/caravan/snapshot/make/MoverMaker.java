package dev.caravan.snapshot.make;

import dev.caravan.config.S3Settings;
import dev.caravan.remote.Backoff;
import dev.caravan.remote.MeteredRemote;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RateLimit;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RetryingRemote;
import dev.caravan.remote.ThrottledRemote;
import dev.caravan.remote.TransferMeter;
import dev.caravan.remote.UploadJournal;
import dev.caravan.remote.flow.FlowRemote;
import dev.caravan.remote.s3.S3Remote;
import dev.caravan.snapshot.env.MoverSettings;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.concurrent.TimeUnit;

/** Makes the bucket of a mover, wrapped in retry, window, limit and count. */
public final class MoverMaker {

  private MoverMaker() {}

  /**
   * The prefix that the settings name; nothing is opened yet.
   *
   * @param meter is told of bytes as they move
   */
  public static Remote remote(MoverSettings settings, TransferMeter meter, Clock clock) {
    return wrapped(settings, settings.bucket(), meter, clock);
  }

  /** The same bucket without a prefix. */
  public static Remote bucket(MoverSettings settings, Clock clock) {
    S3Settings s = settings.bucket();
    S3Settings whole =
        new S3Settings(
            s.name(),
            s.bucket(),
            "",
            s.endpoint(),
            s.region(),
            s.accessKeyId(),
            s.secretAccessKey(),
            s.sessionToken(),
            s.pathStyle(),
            s.sse(),
            s.sseKmsKeyId(),
            s.sseCustomerKey(),
            s.storageClass(),
            s.partSize(),
            s.createBucket(),
            s.checksum(),
            s.transfers(),
            s.allowInsecure());
    return wrapped(settings, whole, (name, direction, bytes) -> {}, clock);
  }

  private static Remote wrapped(
      MoverSettings settings, S3Settings place, TransferMeter meter, Clock clock) {
    Remote s3 = new S3Remote(place, new NoJournal(), clock, settings.tuning().partsAboveBytes());
    Remote remote = new MeteredRemote(s3, new SimpleMeterRegistry(), meter);
    if (settings.tuning().bandwidth().isPresent()) {
      remote =
          new ThrottledRemote(
              remote,
              new RateLimit(
                  settings.tuning().bandwidth().get(),
                  Clock.system(ZoneId.systemDefault()),
                  MoverMaker::sleep));
    }
    remote = new FlowRemote(remote, settings.tuning().room());
    FirstContact contact = new FirstContact();
    return new RetryingRemote(remote, Backoff.patient(new SecureRandom()), contact, contact);
  }

  /** A bucket that never answered is given up soon, and waited for once it did. */
  private static final class FirstContact implements RetryingRemote.Allowance {
    private int left = 5;
    private boolean reached;

    @Override
    public synchronized void succeeded() {
      reached = true;
    }

    @Override
    public synchronized boolean take() {
      return reached || left-- > 0;
    }
  }

  private static void sleep(Duration duration) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(duration.toNanos());
  }

  /** Keys tell what an attempt left behind: each is swept before it is sent again. */
  private static final class NoJournal implements UploadJournal {
    @Override
    public void begun(ObjectKey key) {}

    @Override
    public void ended(ObjectKey key) {}
  }
}
