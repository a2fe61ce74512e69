package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.config.S3Settings;
import dev.caravan.lab.PushgatewayServer;
import dev.caravan.lab.S3Server;
import dev.caravan.remote.s3.S3Clients;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/** The image as the DataMover operator starts it, and as the CronJob does. */
class OperatorJobIT {

  @TempDir Path folder;
  private final S3Settings bucket = S3Server.S3PROXY.newBucket().settings();

  /** With the Secret, and what a kubelet adds. */
  private Pod pod(JsonNode container, Path at) throws Exception {
    URI endpoint = bucket.endpoint().orElseThrow();
    return new Pod(Files.createDirectories(at))
        .env("AWS_ACCESS_KEY_ID", S3Server.ACCESS_KEY)
        .env("AWS_SECRET_ACCESS_KEY", S3Server.SECRET_KEY.reveal())
        .env("BUCKET_HOST", endpoint.getHost())
        .env("BUCKET_PORT", Integer.toString(endpoint.getPort()))
        .env("BUCKET_NAME", bucket.bucket())
        .env("TLS_HOST", "false")
        .env("KUBERNETES_SERVICE_HOST", "10.0.0.1")
        .env("POD_NAMESPACE", "shop")
        .env(container);
  }

  @Test
  void theOperatorsJobBacksUpAndItsMetricsArrive() throws Exception {
    JsonNode container =
        Manifests.build("k8s/overlays/operator-job").pods().get(0).path("containers").get(0);
    try (PushgatewayServer gateway = PushgatewayServer.start(folder)) {
      Path data = folder.resolve("data");
      Trees.many(data, 30, 500, 5);
      for (int i = 1; i <= 2; i++) {
        // The clone, and so the pod, has another name each time.
        Pod pod = pod(container, folder.resolve("pod-" + i));
        pod.volume("/config");
        pod.mount("/data", data, false)
            .env("HOSTNAME", "verify-data-cloned-179530100%d-bcdf%d".formatted(i, 4 + i))
            .env("PUSHGATEWAY_URL", gateway.address().toString())
            .env("BACKUP_TIMESTAMP", "2026-11-21-02300" + i);
        Outcome backup = pod.run(List.of());
        assertThat(backup.exitCode()).as("%s", backup).isZero();
      }
      Pod pod = pod(container, folder.resolve("pod-3"));
      pod.volume("/config");
      Path restored = pod.volume("/restored");
      pod.env("PUSHGATEWAY_URL", gateway.address().toString());
      Outcome restore = pod.run(List.of("datamover", "restore", "--to", "/restored"));
      assertThat(restore.exitCode()).as("%s", restore).isZero();
      Mirrored.assertEqual(data, restored);
      Outcome verify = pod.run(List.of("datamover", "verify"));
      assertThat(verify.exitCode()).as("%s", verify).isZero();
      assertThat(gateway.metrics())
          .containsPattern("datamover_data_sync_operations_total\\{.*status=\"success\"\\} 2\n")
          .containsPattern("datamover_data_sync_operations_total\\{.*status=\"failure\"\\} 0\n")
          .containsPattern(
              ("caravan_mover_files\\{backup=\"%s/data\",.*namespace=\"shop\","
                      + "operation=\"backup\"\\} 30\n")
                  .formatted(bucket.bucket()))
          .containsPattern("caravan_mover_copied_files\\{.*operation=\"backup\"\\} 30\n")
          .containsPattern("caravan_mover_last_run_success\\{.*operation=\"restore\"\\} 1\n")
          .containsPattern("caravan_mover_last_run_success\\{.*operation=\"verify\"\\} 1\n");
    }
  }

  @Test
  void aBackupOfTheUpstreamImageIsBroughtBackByItsName() throws Exception {
    JsonNode container =
        Manifests.build("k8s/overlays/operator-job").pods().get(0).path("containers").get(0);
    try (S3Client client = S3Clients.client(bucket)) {
      for (String name : List.of("a.txt", "b/c.txt")) {
        client.putObject(
            to -> to.bucket(bucket.bucket()).key("2026-10-01-023000/" + name),
            RequestBody.fromString("what was in " + name));
      }
    }
    Pod pod = pod(container, folder.resolve("pod"));
    pod.volume("/config");
    Path data = pod.volume("/data");
    pod.env("CUSTOM_PATH_PREFIX", "");
    assertThat(pod.run(List.of("datamover", "list")).out())
        .contains("2026-10-01-023000  incomplete");
    Outcome restore =
        pod.run(
            List.of("datamover", "restore", "--snapshot", "2026-10-01-023000", "--to", "/data"));
    assertThat(restore.exitCode()).as("%s", restore).isZero();
    assertThat(data.resolve("a.txt")).hasContent("what was in a.txt");
    assertThat(data.resolve("b/c.txt")).hasContent("what was in b/c.txt");
  }

  @Test
  void theCronJobBacksUpAVolumeThatIsReadOnly() throws Exception {
    JsonNode container =
        Manifests.build("k8s/overlays/cronjob-mover").pods().get(0).path("containers").get(0);
    Path data = folder.resolve("data");
    Trees.many(data, 10, 500, 5);
    Pod pod = pod(container, folder.resolve("pod"));
    pod.volume("/config");
    pod.mount("/data", data, true).env("HOSTNAME", "caravan-mover-29123456-x2x4z");
    Outcome backup = pod.run(List.of(container.at("/args/0").asText()));
    assertThat(backup.exitCode()).as("%s", backup).isZero();
    Outcome list = pod.run(List.of("datamover", "list", "--json"));
    assertThat(list.json().at("/snapshots/0/state").asText()).isEqualTo("complete");
    assertThat(list.json().at("/snapshots/0/files").asInt()).isEqualTo(10);
  }
}
