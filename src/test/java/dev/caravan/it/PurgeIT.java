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
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disk space comes back, and nothing is lost by it. */
class PurgeIT {

  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final int DISK_MEBIBYTES = 64;
  private static final long DISK_BYTES = (long) DISK_MEBIBYTES << 20;
  private static final int FLOOR_MEBIBYTES = 24;
  private static final long FLOOR_BYTES = (long) FLOOR_MEBIBYTES << 20;
  private static final int FILE_BYTES = 256 << 10;
  private static final int PURGES = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration DURATION =
      Duration.ofSeconds(Integer.getInteger("caravan.purge.seconds", 30));
  private static final Duration BUSY = Duration.ofSeconds(90);

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
      Map<String, String> written = new LinkedHashMap<>();
      List<Sample> samples = keepWriting(daemon, caravan.store(), new Random(seed), written);
      daemon.await(
          "/api/storage",
          Duration.ofSeconds(60),
          storage ->
              storage.json().at("/files/total").asInt() == written.size()
                  && storage.json().at("/files/pending").asInt() == 0);
      assertFloorHeld(daemon, samples);
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

  /**
   * What was seen right after a file was written.
   *
   * @param free bytes on the disk
   * @param written bytes of all files so far
   */
  private record Sample(Instant at, long free, long written) {}

  /**
   * As long as it takes, and longer on a machine too busy for enough of it; as fast as leaves some
   * time for the mirror. Like any program that meets a full disk it waits, but not for long.
   */
  private static List<Sample> keepWriting(
      CaravanProcess daemon, Path store, Random random, Map<String, String> written)
      throws Exception {
    List<Sample> samples = new ArrayList<>();
    long end = System.nanoTime() + DURATION.toNanos();
    long bytes = 0;
    long last = end + BUSY.toNanos();
    while (System.nanoTime() < end || (System.nanoTime() < last && !enough(daemon, bytes))) {
      daemon.awaitThat(PATIENCE, () -> free(store) > 4 * FILE_BYTES);
      byte[] content = new byte[FILE_BYTES];
      random.nextBytes(content);
      String name = "d%02d/f%05d.bin".formatted(written.size() % 10, written.size());
      Path part = Files.createDirectories(store.resolve(name).getParent()).resolve(".part");
      Files.write(part, content);
      Files.move(part, store.resolve(name), StandardCopyOption.ATOMIC_MOVE);
      written.put(name, sha256(content));
      bytes += content.length;
      samples.add(new Sample(Instant.now(), free(store), bytes));
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(60));
    }
    assertThat(bytes).as("bytes written").isGreaterThan(DISK_BYTES);
    return samples;
  }

  private static boolean enough(CaravanProcess daemon, long written) {
    return written > DISK_BYTES && purgeEnds(daemon).size() >= PURGES;
  }

  /**
   * Each purge brings the disk back above its floor: below it there is at no time more than what
   * was written since the last one, however long a cycle takes on a busy machine.
   */
  private static void assertFloorHeld(CaravanProcess daemon, List<Sample> samples) {
    NavigableSet<Instant> ends = purgeEnds(daemon);
    assertThat(ends).as("purges").hasSizeGreaterThanOrEqualTo(PURGES);
    int below = 0;
    for (Sample sample : samples) {
      Instant purged = ends.floor(sample.at());
      if (purged != null) {
        long before = 0;
        for (Sample earlier : samples) {
          before = earlier.at().isBefore(purged) ? earlier.written() : before;
        }
        // The file that was being written then, and what the file system needs of its own.
        long since = sample.written() - before + FILE_BYTES + (1 << 20);
        assertThat(sample.free())
            .as("free at %s, after the purge that ended at %s", sample.at(), purged)
            .isGreaterThan(FLOOR_BYTES - since);
        below += sample.free() < FLOOR_BYTES ? 1 : 0;
      }
    }
    assertThat(below).as("moments below the floor that a purge had to follow").isPositive();
  }

  private static NavigableSet<Instant> purgeEnds(CaravanProcess daemon) {
    NavigableSet<Instant> ends = new TreeSet<>();
    String cursor = "";
    do {
      JsonNode page =
          daemon.get("/api/runs?operation=purge&state=succeeded&limit=500" + cursor).json();
      page.at("/runs").forEach(run -> ends.add(Instant.parse(run.at("/ended_at").asText())));
      cursor =
          page.at("/next_cursor").isNull() ? "" : "&cursor=" + page.at("/next_cursor").asText();
    } while (!cursor.isEmpty());
    return ends;
  }

  private static long free(Path store) throws IOException {
    return Files.getFileStore(store).getUsableSpace();
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
