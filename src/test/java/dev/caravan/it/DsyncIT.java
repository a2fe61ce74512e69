package dev.caravan.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.lab.FakeAlpha;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The built jar as dsync: between a client and an Alpha, with a bucket that really encrypts. */
class DsyncIT {

  private static final String OTHER = "fedcba9876543210fedcba9876543210";

  @TempDir Path folder;

  @Test
  void fault15OneJarIsADropInForDsyncThatBringsProvesCleansUpAndFetches() throws Exception {
    try (DsyncSetup dsync = new DsyncSetup(folder);
        CaravanProcess caravan = dsync.start(dsync.caravan())) {
      String id = dsync.export();
      DsyncSetup.await(caravan, "\"queued\"");
      dsync.alpha().task(id, "Running");
      DsyncSetup.await(caravan, "\"running\"");
      String name = FakeAlpha.folder(12);
      Path dir = dsync.alpha().write(name, "g01.rdf.gz", "g01.schema.gz", "g01.gql_schema.gz");
      dsync.alpha().task(id, "Success");
      DsyncSetup.await(caravan, "\"done\"");
      assertThat(dir).doesNotExist();
      Map<String, byte[]> objects = dsync.objects();
      assertThat(objects.keySet())
          .containsExactly(
              "transformer.gql_schema.gz",
              "transformer.manifest.json",
              "transformer.rdf.gz",
              "transformer.schema.gz");
      byte[] rdf = objects.getOrDefault("transformer.rdf.gz", new byte[0]);
      assertThat(new GZIPInputStream(new ByteArrayInputStream(rdf)).readAllBytes())
          .isEqualTo(FakeAlpha.content(name, "g01.rdf.gz"));
      assertThat(caravan.get("/observe/metrics").body())
          .contains("caravan_exports_total{state=\"done\"} 1");
      assertThat(caravan.get("/observe/health/ready").status()).isEqualTo(200);
      JsonNode runs = caravan.get("/api/runs?operation=export").json().path("runs");
      assertThat(runs).hasSize(1);
      assertThat(runs.get(0).path("state").asText()).isEqualTo("succeeded");
      assertThat(caravan.logs()).doesNotContain(DsyncSetup.KEY, "labsecret");
      independentClientAgrees(dsync, rdf);
      fetches(dsync, rdf);
    }
  }

  /** aws-cli signs and sends the three headers by itself; nothing of ours takes part. */
  private void independentClientAgrees(DsyncSetup dsync, byte[] rdf) throws Exception {
    assertThat(aws(dsync)).as("without a key").contains("An error occurred (");
    assertThat(aws(dsync, key(OTHER))).as("a wrong key").contains("An error occurred (");
    assertThat(aws(dsync, key(DsyncSetup.KEY))).contains("\"SSECustomerAlgorithm\": \"AES256\"");
    assertThat(Files.readAllBytes(folder.resolve("aws.out"))).isEqualTo(rdf);
  }

  private static String[] key(String key) {
    return new String[] {"--sse-customer-algorithm", "AES256", "--sse-customer-key", key};
  }

  private String aws(DsyncSetup dsync, String... more) throws Exception {
    List<String> command = new ArrayList<>(List.of("aws", "s3api", "get-object"));
    command.addAll(List.of("--endpoint-url", dsync.bucket().endpoint().orElseThrow().toString()));
    command.addAll(List.of("--bucket", dsync.bucket().bucket(), "--key", "transformer.rdf.gz"));
    command.addAll(List.of(more));
    command.add(folder.resolve("aws.out").toString());
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> name.startsWith("AWS_"));
    environment.put("AWS_ACCESS_KEY_ID", dsync.bucket().accessKeyId().orElseThrow().reveal());
    String secret = dsync.bucket().secretAccessKey().orElseThrow().reveal();
    environment.put("AWS_SECRET_ACCESS_KEY", secret);
    environment.put("AWS_DEFAULT_REGION", "us-east-1");
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return said;
  }

  private void fetches(DsyncSetup dsync, byte[] rdf) throws Exception {
    Path to = folder.resolve("fetched");
    Outcome right = dsync.caravan().cli(dsync.flags("dsync fetch", "transformer", "--to=" + to));
    assertThat(right.exitCode()).as("%s", right).isZero();
    assertThat(Files.readAllBytes(to.resolve("transformer.rdf.gz"))).isEqualTo(rdf);
    Path nowhere = folder.resolve("nowhere");
    Outcome wrong =
        dsync
            .caravan()
            .env("DSYNC_CRYPTO_KEY", OTHER)
            .cli(dsync.flags("dsync fetch", "transformer", "--to=" + nowhere));
    assertThat(wrong.exitCode()).as("%s", wrong).isEqualTo(1);
    assertThat(wrong.err()).contains("is it the key that it was stored with?");
    Outcome none =
        dsync
            .caravan()
            .env("DSYNC_CRYPTO_KEY", "")
            .cli(dsync.flags("dsync fetch", "transformer", "--to=" + nowhere));
    assertThat(none.exitCode()).as("%s", none).isEqualTo(2);
    assertThat(none.err()).contains("dgraph.crypto_key", "is missing");
    assertThat(nowhere.resolve("transformer.rdf.gz")).doesNotExist();
  }

  @Test
  void aBadKeyOrAnOpenLineIsRefusedAtStartAndTheKeyIsNotShown() throws Exception {
    try (DsyncSetup dsync = new DsyncSetup(folder)) {
      String bad = "thirty-one-characters-are-wrong";
      Outcome refused = dsync.caravan().cli(dsync.flags("dsync", "--crypto-key=" + bad));
      assertThat(refused.exitCode()).as("%s", refused).isEqualTo(2);
      assertThat(refused.err())
          .contains("is neither 32 characters nor base64 of 32 bytes", "Warning: other users")
          .doesNotContain(bad);
      Outcome open =
          dsync
              .caravan()
              .cli("dsync", "--endpoint=s3.example.org", "--bucket-name=b", "--secure=false");
      assertThat(open.exitCode()).as("%s", open).isEqualTo(2);
      assertThat(open.err()).contains("plain http");
    }
  }

  @Test
  void fault14FoldersOfAnotherUserAreSaidToBeUnreadableAndNothingIsLost() throws Exception {
    try (DsyncSetup dsync = new DsyncSetup(folder)) {
      Files.createDirectories(folder.resolve("state"));
      Permissions.giveTo("nobody", folder);
      CaravanSetup setup = dsync.caravan().asUser("nobody");
      try (CaravanProcess caravan = dsync.start(setup)) {
        String id = dsync.export();
        Path dir = dsync.alpha().write(FakeAlpha.folder(12), "g01.rdf.gz");
        Permissions.run("chown", "root", dir.toString());
        Permissions.chmod("0700", dir);
        dsync.alpha().task(id, "Success");
        DsyncSetup.await(caravan, "run as the user of the Alpha");
        assertThat(dir.resolve("g01.rdf.gz")).exists();
        Permissions.chmod("0777", dir);
        DsyncSetup.await(caravan, "\"done\"");
        assertThat(dsync.objects()).hasSize(2);
      }
    }
  }
}
