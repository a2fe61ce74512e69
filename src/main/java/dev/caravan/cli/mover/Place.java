package dev.caravan.cli.mover;

import dev.caravan.config.Bandwidth;
import dev.caravan.remote.Backoff;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RateLimit;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RetryingRemote;
import dev.caravan.remote.ThrottledRemote;
import dev.caravan.remote.UploadJournal;
import dev.caravan.remote.s3.S3Remote;
import dev.caravan.snapshot.env.MoverEnvironment;
import dev.caravan.snapshot.env.MoverSettings;
import dev.caravan.snapshot.report.ReportSettings;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Where the backups lie, as the environment says. */
record Place(MoverSettings settings, Remote remote, ReportSettings reports)
    implements AutoCloseable {

  /** Nothing is put there, so nothing has to be remembered. */
  private static final UploadJournal NO_UPLOADS =
      new UploadJournal() {
        @Override
        public void begun(ObjectKey key) {
          // Nothing is uploaded.
        }

        @Override
        public void ended(ObjectKey key) {
          // Nothing is uploaded.
        }
      };

  /** The environment is not enough: a line for each thing that is wrong. */
  static final class BadEnvironment extends Exception {
    private static final long serialVersionUID = 1L;

    BadEnvironment(List<String> problems) {
      super(String.join("\n", problems));
    }
  }

  /** Reads the environment; the bucket is not asked for anything yet. */
  static Place of(Map<String, String> env) throws BadEnvironment {
    MoverEnvironment.Result read = MoverEnvironment.read(env);
    List<String> problems = new ArrayList<>(read.problems());
    ReportSettings reports = ReportSettings.read(env, problems::add);
    if (read.settings().isEmpty() || !problems.isEmpty()) {
      throw new BadEnvironment(problems);
    }
    MoverSettings settings = read.settings().get();
    Clock clock = Clock.systemUTC();
    Remote bucket = new S3Remote(settings.bucket(), NO_UPLOADS, clock);
    Optional<Bandwidth> bandwidth = settings.tuning().bandwidth();
    Remote slowed =
        bandwidth.isEmpty()
            ? bucket
            : new ThrottledRemote(
                bucket,
                new RateLimit(bandwidth.get(), Clock.system(ZoneId.systemDefault()), Place::sleep));
    Remote remote = new RetryingRemote(slowed, Backoff.standard(new SecureRandom()));
    return new Place(settings, remote, reports);
  }

  /** {@code bucket/prefix}: the name under which the runs of one backup are counted. */
  String name() {
    String prefix = settings.bucket().prefix();
    return settings.bucket().bucket() + (prefix.isEmpty() ? "" : "/" + prefix);
  }

  private static void sleep(Duration duration) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(duration.toNanos());
  }

  @Override
  public void close() {
    remote.close();
  }
}
