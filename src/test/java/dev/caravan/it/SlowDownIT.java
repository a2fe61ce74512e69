package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.lab.S3Bucket;
import dev.caravan.lab.S3Server;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that asks to slow down is asked less, and still given everything. */
class SlowDownIT {

  private static final double SHARE = 0.3;
  private static final long SEED = Long.getLong("caravan.seed", 41L);

  @TempDir Path folder;

  /**
   * How one sync of a number of files went.
   *
   * @param exposed requests that came while a share of them was refused
   */
  private record Went(double filesPerSecond, long requests, long exposed, long refused) {}

  private Went sync(int files, String name, RefusingProxy proxy, S3Bucket bucket) throws Exception {
    CaravanSetup caravan = CaravanSetup.in(folder.resolve(name)).mirror();
    caravan.config(S3Yaml.of(caravan.store(), bucket.endpoint(proxy.endpoint()).settings()));
    Trees.many(caravan.store(), files, 4_096, 7);
    proxy.reset();
    Outcome sync = caravan.cli("sync", "--json");
    assertThat(sync.exitCode()).as("seed %d: %s", SEED, sync).isZero();
    Mirrored.assertEqual(caravan.store(), bucket.disk());
    JsonNode run = new ObjectMapper().readTree(sync.out());
    long took =
        Duration.between(
                Instant.parse(run.at("/started_at").asText()),
                Instant.parse(run.at("/ended_at").asText()))
            .toMillis();
    return new Went(files * 1_000.0 / took, proxy.requests(), proxy.exposed(), proxy.refused());
  }

  private void compare(int files, double least) throws Exception {
    S3Bucket clean = S3Server.S3PROXY.newBucket();
    S3Bucket bad = S3Server.S3PROXY.newBucket();
    try (RefusingProxy proxy = new RefusingProxy(clean.settings().endpoint().orElseThrow(), SEED)) {
      Went fair = sync(files, "fair", proxy, clean);
      assertThat(fair.refused()).isZero();
      proxy.refuse(SHARE, Duration.ofMinutes(1));
      Went rough = sync(files, "rough", proxy, bad);
      // How many there are within a minute is the machine's matter; what share, is the fault's.
      assertThat(rough.exposed()).as("the fault happened: %s", rough).isGreaterThan(files / 10);
      assertThat((double) rough.refused())
          .as("the fault happened: %s", rough)
          .isGreaterThan(rough.exposed() * SHARE * 0.8);
      assertThat(rough.requests())
          .as("%s beside %s", rough, fair)
          .isLessThanOrEqualTo(fair.requests() * 3 / 2);
      assertThat(rough.filesPerSecond())
          .as("%s beside %s", rough, fair)
          .isGreaterThan(fair.filesPerSecond() * least);
    }
  }

  @Test
  void aThirdOfRefusalsCostsHalfAsManyRequestsAgainAtMost() throws Exception {
    // How fast it is then is measured where there is time: a busy machine is no slow mirror.
    compare(800, 0.25);
  }

  @Test
  @Tag("soak")
  void aMinuteOfRefusalsLeavesHalfTheThroughput() throws Exception {
    compare(20_000, 0.5);
  }
}
