package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.config.S3Settings;
import dev.caravan.lab.CountingProxy;
import dev.caravan.lab.Ports;
import dev.caravan.lab.S3Bucket;
import dev.caravan.lab.S3Server;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The daemon with the manifests' own configuration, arguments and volumes, without privileges on a
 * read-only root. Only the bucket and the port are replaced by ones of the lab.
 */
class PodIT {

  private static final String TOKEN = "a-token-of-32-characters-at-least";
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir Path folder;
  private final Manifests base = Manifests.build("k8s/base");
  private final JsonNode pod = base.pods().get(0);
  private final JsonNode container = pod.path("containers").get(0);
  private final int port = Ports.free();

  private Pod pod(Manifests manifests) throws Exception {
    Pod made = new Pod(folder);
    made.volume("/store");
    made.volume("/tmp");
    made.configMap("/config", manifests.files("caravan"));
    made.configMap("/routes", manifests.files("caravan-routes"));
    return made.configMap(
        "/secrets/caravan",
        Map.of(
            "token",
            TOKEN,
            "access_key_id",
            S3Server.ACCESS_KEY,
            "secret_access_key",
            S3Server.SECRET_KEY.reveal()));
  }

  private List<String> arguments(S3Settings bucket, URI endpoint) {
    String remote = "storage.remotes[0].";
    List<String> arguments = new ArrayList<>();
    for (String setting :
        List.of(
            "http.port=" + port,
            remote + "bucket=" + bucket.bucket(),
            remote + "endpoint=" + endpoint)) {
      arguments.addAll(List.of("--set", setting));
    }
    container.path("args").forEach(each -> arguments.add(each.asText()));
    return arguments;
  }

  @Test
  void theDaemonServesReloadsRoutesAndStopsInTime() throws Exception {
    S3Bucket bucket = S3Server.S3PROXY.newBucket();
    Pod made = pod(base);
    Path store = folder.resolve("volumes/store");
    Trees.many(store, 20, 2_000, 7);
    try (CountingProxy proxy = new CountingProxy(bucket.settings().endpoint().orElseThrow())) {
      List<String> arguments = arguments(bucket.settings(), proxy.endpoint());
      try (CaravanProcess daemon = made.start(port, arguments).withToken(TOKEN)) {
        for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
          String path = container.at("/" + probe + "/httpGet/path").asText();
          daemon.await(path, SOON, answer -> answer.status() == 200);
        }
        assertThat(status(daemon)).isEqualTo("65534 65534");
        assertThat(daemon.withToken("wrong").get("/api/routes").status()).isEqualTo(401);
        daemon.withToken(TOKEN);
        daemon.await(
            "/api/storage", SOON, answer -> answer.json().at("/remotes/0/verified").asInt() == 20);
        reloadsRoutes(made, daemon);
        stopsInTime(daemon, store, proxy);
      }
      proxy.throttle(Long.MAX_VALUE);
      try (CaravanProcess again = made.start(port, arguments).withToken(TOKEN)) {
        again.awaitLive();
        again.await(
            "/api/storage", SOON, answer -> answer.json().at("/remotes/0/verified").asInt() == 22);
        assertThat(again.terminate(SOON)).isIn(0, 143);
      }
    }
    Mirrored.assertEqual(store, bucket.disk().resolve("caravan"));
  }

  private String status(CaravanProcess daemon) throws Exception {
    Path status = Path.of("/proc", Long.toString(daemon.pid()), "status");
    StringBuilder ids = new StringBuilder();
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith("Uid:") || line.startsWith("Gid:")) {
        ids.append(line.split("\\s+")[1]).append(' ');
      }
    }
    return ids.toString().strip();
  }

  /** A ConfigMap is updated while the daemon runs. */
  private void reloadsRoutes(Pod made, CaravanProcess daemon) throws Exception {
    assertThat(daemon.get("/api/routes").body()).contains("tell-failures");
    String routes = base.files("caravan-routes").get("tell-failures.camel.yaml");
    made.configMap(
        "/routes",
        Map.of("tell-failures.camel.yaml", routes.replace("id: tell-failures", "id: tell-more")));
    daemon.await("/api/routes", SOON, answer -> answer.body().contains("tell-more"));
  }

  /** As a kubelet does: a signal, and the end by force after the period of grace. */
  private void stopsInTime(CaravanProcess daemon, Path store, CountingProxy proxy)
      throws Exception {
    proxy.throttle(1 << 20);
    byte[] big = new byte[40 << 20];
    new Random(8).nextBytes(big);
    long before = proxy.requests("PUT");
    Trees.write(store.resolve("big"), big);
    Trees.write(store.resolve("small"), "small");
    Awaitility.await("an upload").atMost(SOON).until(() -> proxy.requests("PUT") > before);
    int grace = pod.path("terminationGracePeriodSeconds").asInt();
    assertThat(grace).isPositive();
    assertThat(daemon.terminate(Duration.ofSeconds(grace / 2))).as(daemon.logs()).isZero();
  }

  @Test
  void theConfigurationForMinioIsValid() throws Exception {
    Outcome validate =
        pod(Manifests.build("k8s/overlays/minio"))
            .run(List.of("--config", "/config/caravan.yaml", "validate"));
    assertThat(validate.exitCode()).as("%s", validate).isZero();
  }

  @Test
  void theConfigurationOfTheSidecarIsValid() throws Exception {
    Pod made = new Pod(folder);
    Manifests manifests = Manifests.build("k8s/overlays/dgraph-sidecar");
    made.configMap("/config", manifests.files("caravan-dgraph"));
    made.configMap("/secrets", Map.of("crypto-key", "0123456789abcdef0123456789ABCDEF"));
    for (String path : List.of("/state", "/tmp", "/dgraph")) {
      made.volume(path);
    }
    made.env("CARAVAN_TOKEN", TOKEN)
        .env("S3_ENDPOINT", "https://s3.example.org")
        .env("S3_BUCKET", "exports")
        .env("S3_KEY_ID", "id")
        .env("S3_SECRET", "secret");
    List<String> arguments = new ArrayList<>();
    JsonNode caravan = manifests.pods().get(0).path("containers").get(1);
    caravan.path("args").forEach(each -> arguments.add(each.asText()));
    arguments.set(arguments.size() - 1, "validate");
    Outcome validate = made.run(arguments);
    assertThat(validate.exitCode()).as("%s", validate).isZero();
  }
}
