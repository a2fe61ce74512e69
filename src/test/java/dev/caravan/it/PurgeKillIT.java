package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.lab.S3Bucket;
import dev.caravan.lab.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Syncs, purges and restores are killed at random instants, while their owner writes. He remembers
 * every version that he completed; none is lost, and none is ever seen in part.
 */
class PurgeKillIT {

  private static final int KILLS = Integer.getInteger("caravan.kills", 15) * 2;

  /** A command takes a second more where rclone has to be started. */
  private static final int RCLONE_KILLS = Integer.getInteger("caravan.kills", 8) * 3;

  private static final List<List<String>> COMMANDS =
      List.of(List.of("sync"), List.of("purge", "--older-than", "0s"), List.of("restore", "--all"));

  @TempDir Path folder;
  private final long seed = Long.getLong("caravan.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final SortedMap<String, List<String>> versions = new TreeMap<>();

  @Test
  void nothingIsLostAndNothingIsSeenInPart() throws Exception {
    S3Bucket bucket = S3Server.S3PROXY.newBucket();
    CaravanSetup caravan = CaravanSetup.in(folder).mirror();
    caravan.config(S3Yaml.of(caravan.store(), bucket.settings()));
    nothingIsLost(caravan, bucket.disk().resolve(bucket.settings().prefix()), KILLS);
  }

  @Test
  @Tag("soak")
  void nothingIsLostWithRcloneAndAFolder() throws Exception {
    RcloneYaml rclone = RcloneYaml.folder(folder);
    nothingIsLost(rclone.setup(folder), rclone.objects(), RCLONE_KILLS);
  }

  @Test
  @Tag("soak")
  void nothingIsLostWithRcloneAndABucket() throws Exception {
    RcloneYaml rclone = RcloneYaml.bucket(folder, S3Server.S3PROXY.newBucket());
    nothingIsLost(rclone.setup(folder), rclone.objects(), RCLONE_KILLS);
  }

  /**
   * @param objects where the remote's disk shows its objects
   */
  private void nothingIsLost(CaravanSetup caravan, Path objects, int kills) throws Exception {
    caravan.set("purge.min_age=0s");
    Map<String, Integer> hits = new TreeMap<>();
    for (int i = 0; i < 300; i++) {
      write(caravan.store(), "d%d/f%03d".formatted(i % 7, i), 60_000);
    }
    assertThat(caravan.cli("sync").exitCode()).isZero();
    for (int kill = 0; kill < kills; kill++) {
      for (int i = 0; i < 5; i++) {
        write(
            caravan.store(), "d%d/f%03d".formatted(random.nextInt(7), random.nextInt(400)), 9_000);
      }
      List<String> command = COMMANDS.get(kill % COMMANDS.size());
      try (CaravanProcess process = caravan.launched(command.toArray(String[]::new))) {
        process.awaitRun(command.get(0));
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(400)));
        if (process.isAlive()) {
          hits.merge(command.get(0), 1, Integer::sum);
        }
        process.kill9();
      }
      everyFileIsAVersion(caravan.store());
    }
    assertThat(hits.keySet()).as("what was killed, seed %d: %s", seed, hits).hasSize(3);
    assertThat(hits.values().stream().mapToInt(each -> each).sum()).isGreaterThan(kills / 2);
    long interrupted = caravan.interruptedRuns();
    System.out.printf("-Dcaravan.seed=%d killed %s, %d runs%n", seed, hits, interrupted);
    assertThat(interrupted)
        .as("runs that were killed under way, seed %d", seed)
        .isGreaterThan(kills / 4);

    for (int i = 0; i < 2; i++) {
      Outcome sync = caravan.cli("sync");
      assertThat(sync.exitCode()).as("seed %d: %s", seed, sync).isZero();
    }
    assertThat(caravan.cli("purge", "--older-than", "0s").exitCode()).isZero();
    Outcome restore = caravan.cli("restore", "--all");
    assertThat(restore.exitCode()).as("seed %d: %s", seed, restore).isZero();
    assertThat(sums(caravan.store())).as("seed %d", seed).isEqualTo(lastVersions());
    assertThat(sums(objects)).as("the remote's disk, seed %d", seed).isEqualTo(lastVersions());
    assertThat(leftovers(caravan.store())).as("seed %d", seed).isEmpty();
  }

  /** Completed and on the disk before it counts. */
  private void write(Path store, String path, int bytesMax) throws IOException {
    byte[] content = new byte[1 + random.nextInt(bytesMax)];
    random.nextBytes(content);
    Path file = store.resolve(path);
    Files.createDirectories(file.getParent());
    Path part = folder.resolve("part");
    Files.write(part, content);
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    versions.computeIfAbsent(path, name -> new ArrayList<>()).add(Trees.sha256(file));
  }

  private SortedMap<String, String> lastVersions() {
    SortedMap<String, String> last = new TreeMap<>();
    versions.forEach((path, all) -> last.put(path, all.get(all.size() - 1)));
    return last;
  }

  private void everyFileIsAVersion(Path store) throws IOException {
    Set<String> wrong = new HashSet<>();
    sums(store)
        .forEach(
            (path, sum) -> {
              List<String> all = versions.get(path);
              if (all == null || !all.get(all.size() - 1).equals(sum)) {
                wrong.add(path);
              }
            });
    assertThat(wrong).as("files that are not their owner's last version, seed %d", seed).isEmpty();
  }

  private static SortedMap<String, String> sums(Path root) throws IOException {
    SortedMap<String, String> sums = new TreeMap<>();
    Trees.snapshot(root)
        .forEach(
            (path, entry) -> {
              if (!path.substring(path.lastIndexOf('/') + 1).startsWith(".caravan-")) {
                sums.put(path, entry.sha256());
              }
            });
    return sums;
  }

  private static List<String> leftovers(Path store) throws IOException {
    try (Stream<Path> files = Files.walk(store)) {
      return files
          .filter(file -> !file.startsWith(store.resolve(".caravan")))
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith(".caravan-") || name.contains("caravan-kept"))
          .toList();
    }
  }
}
