package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.lab.S3Bucket;
import dev.caravan.lab.S3Server;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person holds back, by HTTP, by command and by signal. */
class HoldIT {

  private static final Duration LIMIT = Duration.ofSeconds(30);

  @TempDir Path folder;

  @Test
  void aHeldRemoteWaitsAndTheOtherGoesOnAlsoAfterARestart() throws Exception {
    Path far = Files.createDirectories(folder.resolve("far"));
    CaravanSetup caravan = CaravanSetup.in(folder).mirror();
    caravan.config(
        """
        store: {path: %s, settle: 200ms, scan_interval: 1s}
        storage:
          remotes:
            - {provider: dir, name: near, path: %s}
            - {provider: dir, name: far, path: %s}
        """
            .formatted(caravan.store(), caravan.remote(), far));
    try (CaravanProcess daemon = caravan.start()) {
      assertThat(caravan.cli("drain", "far").exitCode()).isZero();
      Trees.write(caravan.store().resolve("a"), new byte[10]);
      Awaitility.await("near").atMost(LIMIT).until(() -> isThere(caravan.remote(), "a"));
      assertThat(caravan.cli("status").out()).contains("far (dir) ").contains(", paused: ");
      daemon.terminate(LIMIT);
    }
    try (CaravanProcess daemon = caravan.start()) {
      Trees.write(caravan.store().resolve("b"), new byte[10]);
      Awaitility.await("near").atMost(LIMIT).until(() -> isThere(caravan.remote(), "b"));
      assertThat(far.resolve("a")).doesNotExist();
      assertThat(daemon.get("/api/runs?state=failed").json().at("/runs")).isEmpty();
      assertThat(daemon.get("/api/runs?state=partial").json().at("/runs")).isEmpty();
      Outcome unknown = caravan.cli("pause", "nobody");
      assertThat(unknown.exitCode()).isEqualTo(2);
      assertThat(unknown.err()).contains("nobody");
      assertThat(caravan.cli("resume", "far").exitCode()).isZero();
      Awaitility.await("far").atMost(LIMIT).until(() -> isThere(far, "a") && isThere(far, "b"));
      everythingBySignal(caravan, daemon);
    }
  }

  /** SIGTSTP drains, SIGCONT resumes. */
  private void everythingBySignal(CaravanSetup caravan, CaravanProcess daemon) throws Exception {
    signal("TSTP", daemon);
    daemon.await("/api/storage", LIMIT, answer -> answer.json().at("/paused").asBoolean());
    Trees.write(caravan.store().resolve("c"), new byte[10]);
    assertThat(daemon.sync("{}").json().at("/remotes/near/state").asText()).isEqualTo("paused");
    assertThat(caravan.remote().resolve("c")).doesNotExist();
    signal("CONT", daemon);
    Awaitility.await("near").atMost(LIMIT).until(() -> isThere(caravan.remote(), "c"));
    assertThat(daemon.isAlive()).isTrue();
    // Nobody's SIGCONT ends what a person asked for by other means.
    assertThat(daemon.post("/api/storage/pause", "").status()).isEqualTo(200);
    signal("CONT", daemon);
    signal("TSTP", daemon);
    signal("CONT", daemon);
    assertThat(daemon.get("/api/storage").json().at("/paused").asBoolean()).isTrue();
  }

  private static void signal(String name, CaravanProcess daemon) throws Exception {
    new ProcessBuilder("kill", "-" + name, Long.toString(daemon.pid())).start().waitFor();
  }

  private static boolean isThere(Path remote, String name) {
    return Files.exists(remote.resolve(name));
  }

  @Test
  void aLimitIsSetAndLiftedWhileBytesMoveAndAStopBreaksThemOff() throws Exception {
    S3Bucket bucket = S3Server.S3PROXY.newBucket();
    CaravanSetup caravan = CaravanSetup.in(folder).mirror();
    caravan
        .config(S3Yaml.of(caravan.store(), bucket.settings()))
        .set("storage.bandwidth=256KiB/s", "store.settle=0s");
    byte[] big = new byte[24 << 20];
    new Random(5).nextBytes(big);
    Trees.write(caravan.store().resolve("big"), big);
    String name = bucket.settings().name();
    try (CaravanProcess daemon = caravan.start()) {
      // At this pace it would take a minute and a half.
      busy(daemon, true);
      Answer stopped = daemon.post("/api/storage/stop?wait=20", "{\"remote\":\"" + name + "\"}");
      assertThat(stopped.status()).as("%s", stopped).isEqualTo(200);
      busy(daemon, false);
      assertThat(daemon.get("/api/storage").json().at("/remotes/0/verified").asInt()).isZero();
      Outcome limit = caravan.cli("bandwidth", "off");
      assertThat(limit.out()).contains(name + " off");
      assertThat(daemon.get("/api/storage/bandwidth").json().at("/remotes/0/default").asText())
          .isEqualTo("256KiB/s");
      assertThat(daemon.post("/api/storage/bandwidth", "{\"limit\":\"fast\"}").status())
          .isEqualTo(422);
      assertThat(caravan.cli("bandwidth", "fast").exitCode()).isEqualTo(2);
      daemon.post("/api/storage/resume", "{\"remote\":\"" + name + "\"}");
      daemon.await(
          "/api/storage", LIMIT, answer -> answer.json().at("/remotes/0/verified").asInt() == 1);
      assertThat(caravan.cli("bandwidth", "default").out()).contains(name + " 256KiB/s");
      assertThat(daemon.get("/api/runs?state=failed").json().at("/runs")).isEmpty();
    }
    Mirrored.assertEqual(caravan.store(), bucket.disk());
  }

  private static void busy(CaravanProcess daemon, boolean wanted) {
    daemon.await(
        "/api/storage",
        LIMIT,
        answer -> (answer.json().at("/remotes/0/flow/in_flight").asInt() > 0) == wanted);
  }
}
