package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.lab.CountingProxy;
import dev.caravan.lab.S3Bucket;
import dev.caravan.lab.S3Server;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stopping in the middle of something, and a network that goes away. */
class StopIT {

  @TempDir Path folder;

  @Test
  void aStopDuringATransferIsQuickAndTearsNothing() throws Exception {
    S3Bucket bucket = S3Server.S3PROXY.newBucket();
    try (CountingProxy proxy = new CountingProxy(bucket.settings().endpoint().orElseThrow())) {
      CaravanSetup caravan = throughProxy(proxy, bucket);
      proxy.throttle(1 << 20);
      try (CaravanProcess daemon = caravan.start()) {
        Awaitility.await("an upload").atMost(Duration.ofSeconds(30)).until(() -> uploads(proxy));
        assertThat(daemon.terminate(Duration.ofSeconds(10))).as(daemon.logs()).isIn(0, 143);
      }
      proxy.throttle(Long.MAX_VALUE);
      Outcome sync = caravan.cli("sync");
      assertThat(sync.exitCode()).as("%s", sync).isZero();
    }
    Path disk = bucket.disk();
    Mirrored.assertEqual(folder.resolve("store"), disk);
  }

  @Test
  void aNetworkThatBreaksAndHealsCostsNothingButTime() throws Exception {
    S3Bucket bucket = S3Server.S3PROXY.newBucket();
    try (CountingProxy proxy = new CountingProxy(bucket.settings().endpoint().orElseThrow())) {
      CaravanSetup caravan = throughProxy(proxy, bucket);
      proxy.cutAfter(3 << 20);
      try (CaravanProcess daemon = caravan.start()) {
        Awaitility.await("an upload").atMost(Duration.ofSeconds(30)).until(() -> uploads(proxy));
        proxy.weather(CountingProxy.Weather.REFUSE);
        daemon.await(
            "/api/storage",
            Duration.ofSeconds(90),
            answer -> answer.json().at("/remotes/0/state").asText().matches("(?i).*fail.*|down"));
        proxy.weather(CountingProxy.Weather.FAIR);
        assertThat(daemon.sync("{}").json().at("/state").asText())
            .as(daemon.logs())
            .isEqualTo("succeeded");
      }
    }
    Path disk = bucket.disk();
    Mirrored.assertEqual(folder.resolve("store"), disk);
  }

  private CaravanSetup throughProxy(CountingProxy proxy, S3Bucket bucket) throws Exception {
    CaravanSetup caravan = CaravanSetup.in(folder).mirror();
    caravan.config(S3Yaml.of(caravan.store(), bucket.endpoint(proxy.endpoint()).settings()));
    byte[] big = new byte[14 << 20];
    new Random(31).nextBytes(big);
    for (int i = 0; i < 4; i++) {
      Trees.write(caravan.store().resolve("big-" + i), big);
    }
    Trees.many(caravan.store(), 50, 2_000, 31);
    return caravan;
  }

  private static boolean uploads(CountingProxy proxy) {
    return proxy.requests("PUT") > 0;
  }
}
