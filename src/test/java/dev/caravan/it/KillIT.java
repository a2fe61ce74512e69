package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.config.S3Settings;
import dev.caravan.lab.S3Bucket;
import dev.caravan.lab.S3Server;
import dev.caravan.remote.s3.S3Clients;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;

/** Power cuts, so to speak: whatever the instant, the next cycle finishes the work by itself. */
class KillIT {

  private static final int KILLS = Integer.getInteger("caravan.kills", 15);

  @TempDir Path folder;
  private final long seed = Long.getLong("caravan.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @Test
  void aKilledSyncToAFolderIsFinishedByTheNext() throws Exception {
    CaravanSetup caravan = CaravanSetup.in(folder).mirror("store.settle=0s");
    killAgainAndAgain(caravan);
    Mirrored.assertEqual(caravan.store(), caravan.remote());
    assertThat(ownFiles(caravan.remote()))
        .as("Caravan's own files at the remote, seed %d", seed)
        .allMatch(path -> path.startsWith("trash/") || path.matches("catalog\\.db|store\\.id"));
    catalogAgrees(caravan);
  }

  @Test
  void aKilledSyncToABucketIsFinishedByTheNext() throws Exception {
    S3Bucket bucket = S3Server.S3PROXY.newBucket();
    CaravanSetup caravan = CaravanSetup.in(folder).mirror();
    caravan.config(S3Yaml.of(caravan.store(), bucket.settings()));
    killAgainAndAgain(caravan);
    Path disk = bucket.disk();
    Mirrored.assertEqual(caravan.store(), disk);
    assertThat(uploadsLeft(bucket.settings())).as("seed %d", seed).isZero();
    catalogAgrees(caravan);
  }

  private void killAgainAndAgain(CaravanSetup caravan) throws IOException {
    Trees.many(caravan.store(), 600, 20_000, seed);
    for (int kill = 0; kill < KILLS; kill++) {
      change(caravan.store(), kill);
      try (CaravanProcess sync = caravan.launched("sync")) {
        sync.awaitRun("sync");
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(900)));
        sync.kill9();
      }
    }
    long interrupted = caravan.interruptedRuns();
    System.out.printf("-Dcaravan.seed=%d killed %d runs%n", seed, interrupted);
    assertThat(interrupted)
        .as("runs that were killed under way, seed %d", seed)
        .isGreaterThan(KILLS / 4);
    for (int cycle = 0; cycle < 3; cycle++) {
      Outcome sync = caravan.cli("sync");
      assertThat(sync.exitCode()).as("seed %d: %s", seed, sync).isZero();
    }
  }

  /** New files, big ones among them, new versions and a few deletions. */
  private void change(Path store, int round) throws IOException {
    Trees.many(store.resolve("round-" + round), 40, 5_000 + random.nextInt(30_000), seed + round);
    byte[] big = new byte[12 << 20];
    random.nextBytes(big);
    Trees.write(store.resolve("big-" + round % 4 + ".bin"), big);
    for (int i = 0; i < 3; i++) {
      int number = random.nextInt(600);
      Path file = store.resolve("d%03d/f%05d.bin".formatted(number / 100, number));
      if (i == 0) {
        Files.deleteIfExists(file);
      } else {
        Trees.write(file, "version " + round);
      }
    }
  }

  private void catalogAgrees(CaravanSetup caravan) throws IOException {
    SortedMap<String, Trees.Entry> store = Trees.snapshot(caravan.store());
    JsonNode answer = caravan.cli("files", "--json").json();
    JsonNode files = answer.isArray() ? answer : answer.at("/files");
    assertThat(files).as("seed %d", seed).hasSize(store.size());
    assertThat(files)
        .allSatisfy(
            file -> {
              String path = file.at("/path").asText();
              Trees.Entry entry = Objects.requireNonNull(store.get(path), path);
              assertThat(file.at("/state").asText()).as("%s", file).isEqualTo("synced");
              assertThat(file.at("/sha256").asText()).isEqualTo(entry.sha256());
              assertThat(file.at("/size").asLong()).isEqualTo(entry.sizeBytes());
            });
    JsonNode runs = caravan.cli("runs", "--json").json();
    assertThat(runs.toString()).doesNotContain("\"running\"");
  }

  private static Iterable<String> ownFiles(Path remote) throws IOException {
    Path own = remote.resolve(".caravan");
    return Files.exists(own) ? Trees.snapshot(own).keySet() : Set.of();
  }

  private static int uploadsLeft(S3Settings settings) {
    try (S3Client client = S3Clients.client(settings)) {
      return client.listMultipartUploads(b -> b.bucket(settings.bucket())).uploads().size();
    }
  }
}
