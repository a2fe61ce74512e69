package dev.caravan.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.config.ByteSize;
import dev.caravan.config.S3Settings;
import dev.caravan.lab.S3Bucket;
import dev.caravan.lab.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What rclone, which knows nothing of Caravan, finds in a bucket that Caravan filled. */
class IndependentClientIT {

  @TempDir Path folder;
  private S3Settings bucket;
  private CaravanSetup caravan;

  @BeforeEach
  void makeBucket() {
    S3Bucket fresh = S3Server.CEPH.newBucket().partSize(ByteSize.ofMebibytes(64));
    bucket = fresh.settings();
    caravan = CaravanSetup.in(folder).mirror().optimized();
    caravan.config(S3Yaml.of(caravan.store(), bucket));
  }

  @Test
  void rcloneFindsNoDifferenceInTheZooAndTenThousandSmallFiles() throws Exception {
    Trees.zoo(caravan.store());
    Trees.rawZoo(caravan.store());
    Trees.many(caravan.store().resolve("many"), 10_000, 700, 23);
    syncAndCheck();
  }

  @Test
  void rcloneFindsNoDifferenceInAHugeFile() throws Exception {
    long sizeBytes = Long.getLong("caravan.huge.bytes", 5L << 30);
    Files.createDirectories(caravan.store());
    Trees.sparse(caravan.store().resolve("huge.img"), sizeBytes);
    syncAndCheck();
  }

  @Test
  void rcloneShowsTheModificationTimesOfTheFiles() throws Exception {
    Path file = caravan.store().resolve("a.txt");
    Trees.write(file, "a");
    Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2001-02-03T04:05:06.789Z")));
    assertThat(caravan.cli("sync").exitCode()).isZero();
    String listed = rclone("lsf", "--format", "tp", "--exclude", ".caravan/**", remote());
    assertThat(listed.strip()).isEqualTo("2001-02-03 04:05:06;a.txt");
  }

  private void syncAndCheck() throws IOException {
    Outcome sync = caravan.cli("sync");
    assertThat(sync.exitCode()).as("%s", sync).isZero();
    String said = rclone("check", "--download", "--exclude", ".caravan/**", store(), remote());
    assertThat(said).contains("0 differences found");
  }

  private String store() {
    return caravan.store().toString();
  }

  private String remote() {
    return "lab:" + bucket.bucket();
  }

  /** Runs rclone to its end; a bad exit code fails with everything that it said. */
  private String rclone(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("rclone", "--config", "/dev/null"));
    command.addAll(List.of(arguments));
    Path log = folder.resolve("rclone.log");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    var environment = builder.environment();
    environment.keySet().removeIf(name -> name.matches("AWS_.*|RCLONE_.*"));
    environment.put("RCLONE_CONFIG_LAB_TYPE", "s3");
    environment.put("RCLONE_CONFIG_LAB_PROVIDER", "Ceph");
    environment.put("RCLONE_CONFIG_LAB_ENDPOINT", bucket.endpoint().orElseThrow().toString());
    environment.put("RCLONE_CONFIG_LAB_ACCESS_KEY_ID", bucket.accessKeyId().orElseThrow().reveal());
    environment.put(
        "RCLONE_CONFIG_LAB_SECRET_ACCESS_KEY", bucket.secretAccessKey().orElseThrow().reveal());
    environment.put("TZ", "UTC");
    Process process = builder.start();
    try {
      boolean ended = process.waitFor(10, TimeUnit.MINUTES);
      String said = Files.readString(log, UTF_8);
      assertThat(ended).as("%s %s", command, said).isTrue();
      assertThat(process.exitValue()).as("%s %s", command, said).isZero();
      return said;
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
