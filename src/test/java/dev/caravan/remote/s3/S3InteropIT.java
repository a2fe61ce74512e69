package dev.caravan.remote.s3;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.config.S3Settings;
import dev.caravan.lab.S3Bucket;
import dev.caravan.lab.S3Server;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.s3.wire.Digests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Other programs must find what Caravan wrote to be what it is, and the other way round. */
class S3InteropIT {

  private static final long MIB = 1 << 20;
  private static final Map<String, Instant> TIMES =
      Map.of(
          "plain", Instant.parse("2023-11-14T22:13:20.123456789Z"),
          "whole second", Instant.parse("2023-11-14T22:13:20Z"),
          "old+ü", Instant.parse("1969-12-31T23:59:58.5Z"));

  @TempDir Path folder;

  @Test
  void rcloneSeesTheSameTimesAndSums() throws Exception {
    S3Bucket bucket = S3Server.CEPH.newBucket();
    try (S3Remote remote = remote(bucket)) {
      for (Map.Entry<String, Instant> time : TIMES.entrySet()) {
        remote.put(new ObjectKey(time.getKey()), new PatternContent(1000, 1, time.getValue()));
        remote.put(
            new ObjectKey("big/" + time.getKey()),
            new PatternContent(11 * MIB, 2, time.getValue()));
      }
    }
    Path out = folder.resolve("out.json");
    run(bucket, out, "rclone", "lsjson", "-R", "--files-only", "--hash", remoteOf(bucket));
    int seen = 0;
    for (JsonNode object : new ObjectMapper().readTree(out.toFile())) {
      boolean big = object.get("Path").asText().startsWith("big/");
      PatternContent content = big ? new PatternContent(11 * MIB, 2) : new PatternContent(1000, 1);
      assertThat(Instant.parse(object.get("ModTime").asText()))
          .isEqualTo(TIMES.get(object.get("Name").asText()));
      assertThat(object.get("Hashes").get("md5").asText()).isEqualTo(Digests.hex(content.md5()));
      seen++;
    }
    assertThat(seen).isEqualTo(6);
  }

  @Test
  void whatRcloneWroteIsUnderstood() throws Exception {
    S3Bucket bucket = S3Server.CEPH.newBucket();
    Path in = Files.createDirectories(folder.resolve("in"));
    Path file = in.resolve("a b.txt");
    Files.writeString(file, "hello");
    Files.setLastModifiedTime(file, FileTime.from(TIMES.get("plain")));
    Path log = folder.resolve("log");
    run(bucket, log, "rclone", "copy", in.toString(), remoteOf(bucket));
    try (S3Remote remote = remote(bucket)) {
      ObjectStat stat = remote.find(new ObjectKey("a b.txt")).orElseThrow();
      assertThat(stat.modifiedAt()).isEqualTo(TIMES.get("plain"));
      assertThat(stat.sizeBytes()).isEqualTo(5);
      assertThat(stat.sha256()).isEmpty();
    }
  }

  @Test
  void awsCopiesBackTheSameBytes() throws Exception {
    S3Bucket bucket = S3Server.S3PROXY.newBucket().prefix("pre");
    PatternContent content = new PatternContent(11 * MIB, 2);
    try (S3Remote remote = remote(bucket)) {
      remote.put(new ObjectKey("x/big +ü"), content);
    }
    S3Settings s = bucket.settings();
    run(
        bucket,
        folder.resolve("log"),
        "aws",
        "--endpoint-url",
        s.endpoint().orElseThrow().toString(),
        "s3",
        "cp",
        "--recursive",
        "s3://" + s.bucket() + "/pre/x",
        folder.resolve("back").toString());
    assertThat(Files.readAllBytes(folder.resolve("back/big +ü"))).isEqualTo(content.bytes());
  }

  private static String remoteOf(S3Bucket bucket) {
    return "lab:" + bucket.settings().bucket();
  }

  private void run(S3Bucket bucket, Path out, String... command) throws Exception {
    S3Settings s = bucket.settings();
    Map<String, String> env = new HashMap<>();
    env.put("RCLONE_CONFIG", folder.resolve("none.conf").toString());
    env.put("RCLONE_CONFIG_LAB_TYPE", "s3");
    env.put("RCLONE_CONFIG_LAB_PROVIDER", "Ceph");
    env.put("RCLONE_CONFIG_LAB_ENV_AUTH", "true");
    env.put("RCLONE_CONFIG_LAB_ENDPOINT", s.endpoint().orElseThrow().toString());
    env.put("AWS_ACCESS_KEY_ID", s.accessKeyId().orElseThrow().reveal());
    env.put("AWS_SECRET_ACCESS_KEY", s.secretAccessKey().orElseThrow().reveal());
    env.put("AWS_DEFAULT_REGION", s.region());
    ProcessBuilder builder = new ProcessBuilder(List.of(command));
    // This release of rclone dies of the variable; Caravan removes it as well.
    builder.environment().remove("AWS_CA_BUNDLE");
    builder.environment().putAll(env);
    Path errors = folder.resolve("errors");
    builder.redirectOutput(out.toFile()).redirectError(errors.toFile());
    Process process = builder.start();
    assertThat(process.waitFor()).as(() -> read(errors)).isZero();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static S3Remote remote(S3Bucket bucket) {
    S3Limits limits = new S3Limits(8 * MIB, 5 * MIB);
    return new S3Remote(
        bucket.settings(), new RecordingJournal(), Clock.systemUTC(), limits, () -> "test");
  }
}
