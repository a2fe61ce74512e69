package dev.caravan.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.config.S3Settings;
import dev.caravan.lab.FakeAlpha;
import dev.caravan.lab.FakeAlpha.Generation;
import dev.caravan.lab.Ports;
import dev.caravan.lab.S3Server;
import dev.caravan.remote.s3.S3Clients;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awssdk.services.s3.S3Client;

/** A fake Alpha, a bucket at Ceph, and the built jar as dsync between a client and the Alpha. */
final class DsyncSetup implements AutoCloseable {

  static final String KEY = "0123456789abcdef0123456789abcdef";
  static final Duration LIMIT = Duration.ofSeconds(40);
  static final String EXPORT =
      "mutation { export(input: {format: \"rdf\"}) { response { code message } taskId } }";

  private final Path folder;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final FakeAlpha alpha;
  private final S3Settings bucket = S3Server.CEPH.newBucket().settings();
  private final int proxy = Ports.free();
  private String endpoint = bucket.endpoint().orElseThrow().getAuthority();

  DsyncSetup(Path folder) throws IOException {
    this.folder = folder;
    this.alpha =
        FakeAlpha.in(Files.createDirectories(folder.resolve("export")), Generation.ASYNCHRONOUS);
  }

  FakeAlpha alpha() {
    return alpha;
  }

  S3Settings bucket() {
    return bucket;
  }

  /** Reaches the bucket by another way. */
  void endpoint(String hostAndPort) {
    endpoint = hostAndPort;
  }

  CaravanSetup caravan() {
    return CaravanSetup.in(folder)
        .env("DSYNC_CRYPTO_KEY", KEY)
        .set("dgraph.poll=100ms", "dgraph.settle=100ms");
  }

  /** The flags that dsync had. */
  String[] flags(String command, String... more) {
    List<String> flags = new ArrayList<>(Arrays.asList(command.split(" ")));
    flags.addAll(
        List.of(
            "--endpoint=" + endpoint,
            "--access-key=" + bucket.accessKeyId().orElseThrow().reveal(),
            "--secret=" + bucket.secretAccessKey().orElseThrow().reveal(),
            "--bucket-name=" + bucket.bucket(),
            "--secure=false"));
    flags.addAll(List.of(more));
    return flags.toArray(String[]::new);
  }

  CaravanProcess start(CaravanSetup setup, String... more) {
    List<String> all = new ArrayList<>();
    all.addAll(
        List.of(
            "--towatch=" + alpha.exports(),
            "--port=" + proxy,
            "--upstream=" + alpha.uri(),
            "--state=" + folder.resolve("state")));
    all.addAll(List.of(more));
    CaravanProcess process = setup.launched(flags("dsync", all.toArray(String[]::new)));
    process.awaitLive();
    return process;
  }

  /** Asks for an export through the proxy; returns its task's id. */
  String export() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + proxy + "/admin"))
            .header("Content-Type", "application/graphql")
            .POST(HttpRequest.BodyPublishers.ofString(EXPORT))
            .build();
    HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.body()).contains("Export queued with ID " + alpha.lastTask());
    return alpha.lastTask();
  }

  static void await(CaravanProcess caravan, String words) {
    caravan.await("/api/exports", LIMIT, answer -> answer.body().contains(words));
  }

  static String md5(String key) throws Exception {
    byte[] sum = MessageDigest.getInstance("MD5").digest(key.getBytes(UTF_8));
    return Base64.getEncoder().encodeToString(sum);
  }

  static String base64(String key) {
    return Base64.getEncoder().encodeToString(key.getBytes(UTF_8));
  }

  /** Every object of the bucket, read with the key. */
  Map<String, byte[]> objects() throws Exception {
    String md5 = md5(KEY);
    Map<String, byte[]> objects = new TreeMap<>();
    try (S3Client sdk = S3Clients.client(bucket)) {
      sdk.listObjectsV2(b -> b.bucket(bucket.bucket()))
          .contents()
          .forEach(
              object ->
                  objects.put(
                      object.key(),
                      sdk.getObjectAsBytes(
                              b ->
                                  b.bucket(bucket.bucket())
                                      .key(object.key())
                                      .sseCustomerAlgorithm("AES256")
                                      .sseCustomerKey(base64(KEY))
                                      .sseCustomerKeyMD5(md5))
                          .asByteArray()));
    }
    return objects;
  }

  /** Uploads in parts that were begun and neither completed nor aborted. */
  int uploadsLeft() {
    try (S3Client sdk = S3Clients.client(bucket)) {
      return sdk.listMultipartUploads(b -> b.bucket(bucket.bucket())).uploads().size();
    }
  }

  @Override
  public void close() {
    alpha.close();
  }
}
