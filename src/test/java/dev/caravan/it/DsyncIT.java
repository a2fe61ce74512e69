package dev.caravan.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.config.S3Settings;
import dev.caravan.lab.FakeAlpha;
import dev.caravan.lab.FakeAlpha.Generation;
import dev.caravan.lab.S3Bucket;
import dev.caravan.lab.S3Server;
import dev.caravan.remote.s3.S3Clients;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;

/** The built jar as dsync: between a client and an Alpha, with a bucket that really encrypts. */
class DsyncIT {

  static final String KEY = "0123456789abcdef0123456789abcdef";
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String EXPORT =
      "mutation { export(input: {format: \"rdf\"}) { response { code message } taskId } }";

  @TempDir Path folder;

  private final HttpClient client = HttpClient.newHttpClient();
  private FakeAlpha alpha;
  private S3Settings bucket;
  private int proxy;

  @BeforeEach
  void start() throws Exception {
    alpha =
        FakeAlpha.in(Files.createDirectories(folder.resolve("export")), Generation.ASYNCHRONOUS);
    bucket = S3Server.CEPH.newBucket().settings();
    proxy = CaravanSetup.freePort();
  }

  @AfterEach
  void stop() {
    alpha.close();
  }

  private String[] flags(String... more) {
    List<String> flags =
        new ArrayList<>(
            List.of(
                "--endpoint=" + bucket.endpoint().orElseThrow().getAuthority(),
                "--access-key=" + bucket.accessKeyId().orElseThrow(),
                "--secret=" + bucket.secretAccessKey().orElseThrow().reveal(),
                "--bucket-name=" + bucket.bucket(),
                "--secure=false",
                "--allow-insecure"));
    flags.addAll(List.of(more));
    return flags.toArray(String[]::new);
  }

  private CaravanProcess dsync(CaravanSetup setup, String... more) {
    List<String> arguments = new ArrayList<>(List.of("dsync"));
    arguments.addAll(
        List.of(
            flags(
                "--towatch=" + alpha.exports(),
                "--port=" + proxy,
                "--upstream=" + alpha.uri(),
                "--state=" + folder.resolve("state"))));
    arguments.addAll(List.of(more));
    CaravanProcess process = setup.launched(arguments.toArray(String[]::new));
    process.awaitLive();
    return process;
  }

  private CaravanSetup setup() {
    return CaravanSetup.in(folder)
        .env("DSYNC_CRYPTO_KEY", KEY)
        .set("dgraph.poll=200ms", "dgraph.settle=300ms");
  }

  private String export(String query) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + proxy + "/admin"))
            .header("Content-Type", "application/graphql")
            .POST(HttpRequest.BodyPublishers.ofString(query))
            .build();
    HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
    return answer.body();
  }

  private static String md5(String key) throws Exception {
    return Base64.getEncoder()
        .encodeToString(MessageDigest.getInstance("MD5").digest(key.getBytes(UTF_8)));
  }

  @Test
  void aDropInForDsyncBringsAnExportProvesItAndCleansUp() throws Exception {
    try (CaravanProcess caravan = dsync(setup())) {
      assertThat(export(EXPORT)).contains("Export queued with ID " + alpha.lastTask());
      caravan.await("/api/exports", LIMIT, a -> a.body().contains("\"queued\""));
      alpha.task(alpha.lastTask(), "Running");
      caravan.await("/api/exports", LIMIT, a -> a.body().contains("\"running\""));
      String name = FakeAlpha.folder(12);
      Path dir = alpha.write(name, "g01.rdf.gz", "g01.schema.gz", "g01.gql_schema.gz");
      alpha.task(alpha.lastTask(), "Success");
      caravan.await("/api/exports", LIMIT, a -> a.body().contains("\"done\""));
      assertThat(dir).doesNotExist();
      try (S3Client sdk = S3Clients.client(new S3Bucket(bucket).settings())) {
        String md5 = md5(KEY);
        TreeSet<String> keys = new TreeSet<>();
        sdk.listObjectsV2(b -> b.bucket(bucket.bucket()))
            .contents()
            .forEach(o -> keys.add(o.key()));
        assertThat(keys)
            .containsExactly(
                "transformer.gql_schema.gz",
                "transformer.manifest.json",
                "transformer.rdf.gz",
                "transformer.schema.gz");
        byte[] read =
            sdk.getObjectAsBytes(
                    b ->
                        b.bucket(bucket.bucket())
                            .key("transformer.rdf.gz")
                            .sseCustomerAlgorithm("AES256")
                            .sseCustomerKey(Base64.getEncoder().encodeToString(KEY.getBytes(UTF_8)))
                            .sseCustomerKeyMD5(md5))
                .asByteArray();
        assertThat(new GZIPInputStream(new ByteArrayInputStream(read)).readAllBytes())
            .isEqualTo(FakeAlpha.content(name, "g01.rdf.gz"));
      }
      assertThat(caravan.get("/observe/metrics").body())
          .contains("caravan_exports_total{state=\"done\"} 1");
      assertThat(caravan.get("/observe/health/ready").status()).isEqualTo(200);
      assertThat(caravan.logs()).doesNotContain(KEY);
    }
  }
}
