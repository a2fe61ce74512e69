package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.lab.Mount;
import dev.caravan.lab.S3Bucket;
import dev.caravan.lab.S3Server;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disk space comes back, and nothing is lost by it. */
class PurgeIT {

  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final int DISK_MEBIBYTES = 64;
  private static final int FLOOR_MEBIBYTES = 24;
  private static final int FILE_BYTES = 256 << 10;
  private static final Duration DURATION =
      Duration.ofSeconds(Integer.getInteger("caravan.purge.seconds", 30));

  @TempDir Path folder;

  @Test
  void aSmallDiskStaysAboveItsFloorAndAllThatWasWrittenCanBeRead() throws Exception {
    long seed = Long.getLong("caravan.seed", System.nanoTime());
    S3Bucket bucket = S3Server.S3PROXY.newBucket();
    CaravanSetup caravan = CaravanSetup.in(folder).mirror();
    caravan.config(S3Yaml.of(caravan.store(), bucket.settings()));
    caravan.set(
        "purge.min_age=0s",
        "storage.min_free_gb=" + FLOOR_MEBIBYTES / 1_024.0,
        "store.settle=200ms");
    try (Mount disk = Mount.on(caravan.store(), "caravan-purge", DISK_MEBIBYTES);
        CaravanProcess daemon = caravan.start()) {
      Map<String, String> written = keepWriting(caravan.store(), new Random(seed));
      daemon.await(
          "/api/storage",
          Duration.ofSeconds(60),
          storage ->
              storage.json().at("/files/total").asInt() == written.size()
                  && storage.json().at("/files/pending").asInt() == 0);
      int purged = 0;
      for (Map.Entry<String, String> file : written.entrySet()) {
        purged += Files.exists(caravan.store().resolve(file.getKey())) ? 0 : 1;
        byte[] content = read(caravan, file.getKey());
        assertThat(sha256(content))
            .as("%s, seed %d", file.getKey(), seed)
            .isEqualTo(file.getValue());
      }
      assertThat(purged).as("files that had left the disk").isPositive();
      for (Map.Entry<String, String> file : written.entrySet()) {
        Path object = bucket.disk().resolve(bucket.settings().prefix()).resolve(file.getKey());
        assertThat(Trees.sha256(object)).as("%s", object).isEqualTo(file.getValue());
      }
      assertThat(daemon.err()).doesNotContain(" ERROR ", "\tat ");
    }
  }

  /** As long as it takes, as fast as leaves some time for the mirror. */
  private Map<String, String> keepWriting(Path store, Random random) throws Exception {
    Map<String, String> written = new LinkedHashMap<>();
    long end = System.nanoTime() + DURATION.toNanos();
    long least = Long.MAX_VALUE;
    long bytes = 0;
    while (System.nanoTime() < end) {
      byte[] content = new byte[FILE_BYTES];
      random.nextBytes(content);
      String name = "d%02d/f%05d.bin".formatted(written.size() % 10, written.size());
      Path part = Files.createDirectories(store.resolve(name).getParent()).resolve(".part");
      Files.write(part, content);
      Files.move(part, store.resolve(name), StandardCopyOption.ATOMIC_MOVE);
      written.put(name, sha256(content));
      bytes += content.length;
      least = Math.min(least, Files.getFileStore(store).getUsableSpace());
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(60));
    }
    // What is written between two cycles comes on top of what the floor leaves.
    assertThat(least).as("least free space, in bytes").isGreaterThan((FLOOR_MEBIBYTES / 3L) << 20);
    assertThat(bytes).as("bytes written").isGreaterThan((long) DISK_MEBIBYTES << 20);
    return written;
  }

  private static byte[] read(CaravanSetup caravan, String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + caravan.port() + "/api/files/" + path))
            .timeout(Duration.ofSeconds(60))
            .build();
    HttpResponse<byte[]> answer = HTTP.send(request, BodyHandlers.ofByteArray());
    assertThat(answer.statusCode())
        .as("%s: %s", path, new String(answer.body(), StandardCharsets.UTF_8))
        .isEqualTo(200);
    return answer.body();
  }

  private static String sha256(byte[] content) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
  }

  private static void old(Path store, String path, String content, int days) throws IOException {
    Path file = store.resolve(path);
    Trees.write(file, content);
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofDays(days))));
  }

  @Test
  void whatLeftTheDiskStaysAtTheRemoteWhateverFollows() throws Exception {
    CaravanSetup caravan = CaravanSetup.in(folder).mirror("store.settle=0s", "store.watch=false");
    old(caravan.store(), "a/old", "old", 40);
    old(caravan.store(), "a/older", "older", 50);
    old(caravan.store(), "a/swapped", "swapped", 60);
    old(caravan.store(), "a/gone", "gone", 60);
    old(caravan.store(), "a/new", "new", 1);
    assertThat(caravan.cli("sync").exitCode()).isZero();
    Trees.write(caravan.remote().resolve("a/swapped"), "SWAPPED");
    Files.delete(caravan.remote().resolve("a/gone"));
    SortedMap<String, Trees.Entry> remote = Trees.snapshot(caravan.remote());

    Outcome dry = caravan.cli("purge", "--older-than", "30d", "--dry-run");
    assertThat(dry.exitCode()).as("%s", dry).isIn(0, 3);
    assertThat(dry.out()).contains("a/old", "a/older", "replaced_at_remote", "gone_at_remote");
    assertThat(caravan.store().resolve("a/old")).exists();

    Outcome purge = caravan.cli("purge", "--older-than", "30d", "--json");
    assertThat(purge.json().at("/counts/purged").asInt()).as("%s", purge).isEqualTo(2);
    assertThat(purge.json().at("/bytes").asLong()).isEqualTo(8);
    assertThat(caravan.store().resolve("a/old")).doesNotExist();
    assertThat(caravan.store().resolve("a/swapped")).exists();
    assertThat(caravan.store().resolve("a/gone")).exists();
    assertThat(caravan.store().resolve("a/new")).exists();

    for (int i = 0; i < 3; i++) {
      assertThat(caravan.cli("sync").exitCode()).isZero();
    }
    try (CaravanProcess daemon = caravan.start()) {
      assertThat(daemon.sync("{}").json().at("/counts/trashed").asInt()).isZero();
      assertThat(Trees.snapshot(caravan.remote())).isEqualTo(remote);
      JsonNode file = daemon.get("/api/files?prefix=a/old&limit=1").json().at("/files/0");
      assertThat(file.at("/state").asText()).as("%s", file).isEqualTo("purged");
      assertThat(file.at("/size").asLong()).isEqualTo(3);
      Trees.write(caravan.store().resolve("a/old"), "made anew");
      daemon.sync("{}");
      assertThat(caravan.remote().resolve("a/old")).hasContent("made anew");
      Answer plan =
          daemon.post("/api/storage/purge", "{\"dry_run\": true, \"older_than\": \"0s\"}");
      assertThat(plan.status()).isEqualTo(202);
      assertThat(plan.json().at("/run_id").asText()).isNotEmpty();
      assertThat(plan.json().at("/kept").findValuesAsText("reason")).contains("gone_at_remote");
      JsonNode asked =
          daemon.post("/api/storage/purge?wait=30", "{\"older_than\": \"30d\"}").json();
      assertThat(asked.at("/counts/purged").asInt()).as("%s", asked).isZero();
      assertThat(daemon.get("/observe/metrics").body()).contains("caravan_purged_bytes_total");
    }
  }
}
