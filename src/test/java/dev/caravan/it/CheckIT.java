package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.lab.S3Bucket;
import dev.caravan.lab.S3Server;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Faults that are planted behind Caravan's back are named by the built jar, and mended. */
@Execution(ExecutionMode.CONCURRENT)
class CheckIT {

  @TempDir Path folder;

  /** Changes one bit where it lies; whatever the disk says beside the bytes stays. */
  private static void flip(Path file, Random random) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      long at = (long) (random.nextDouble() * bytes.length());
      bytes.seek(at);
      int old = bytes.read();
      bytes.seek(at);
      bytes.write(old ^ (1 << random.nextInt(8)));
    }
  }

  private static void truncate(Path file) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.setLength(bytes.length() - 1);
    }
  }

  private static List<Path> filesIn(Path root) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(Files::isRegularFile)
          .filter(file -> !root.relativize(file).startsWith(".caravan"))
          .sorted()
          .toList();
    }
  }

  private static List<String> found(JsonNode items) {
    List<String> found = new ArrayList<>();
    items.forEach(i -> found.add(i.at("/reason").asText() + " " + i.at("/path").asText()));
    return found;
  }

  @Test
  void aHundredFaultsOnADiskAreNamedAndMendedAndThenItIsEqual() throws Exception {
    CaravanSetup caravan = CaravanSetup.in(folder).mirror("store.settle=0s", "store.watch=false");
    Trees.zoo(caravan.store());
    Trees.many(caravan.store().resolve("many"), 200, 3_000, 5);
    assertThat(caravan.cli("sync").exitCode()).isZero();
    for (String mode : List.of("size", "hash", "full")) {
      Outcome equal = caravan.cli("check", "--mode", mode);
      assertThat(equal.exitCode()).as("%s", equal).isZero();
    }
    Random random = new Random(20_261_121);
    List<Path> objects = filesIn(caravan.remote().resolve("many"));
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      Path object = objects.get(i);
      String path = caravan.remote().relativize(object).toString();
      switch (i % 4) {
        case 0 -> {
          flip(object, random);
          expected.add("different " + path);
        }
        case 1 -> {
          truncate(object);
          expected.add("truncated " + path);
        }
        case 2 -> {
          Files.delete(object);
          expected.add("missing " + path);
        }
        default -> {
          Files.write(object.resolveSibling("extra" + i), new byte[i]);
          expected.add("extra " + caravan.remote().relativize(object.resolveSibling("extra" + i)));
        }
      }
    }
    Outcome full = caravan.cli("check", "--mode", "full", "--json");
    assertThat(full.exitCode()).as("%s", full).isEqualTo(3);
    assertThat(found(full.json().at("/items"))).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(full.json().at("/counts/different").asInt()).isEqualTo(100);
    assertThat(full.err()).contains("25 missing", "25 truncated", "25 different", "25 extra");

    assertThat(caravan.cli("check", "--mode", "full", "--repair").exitCode()).isEqualTo(3);
    assertThat(caravan.cli("sync").exitCode()).isZero();
    Outcome extras = caravan.cli("check", "--mode", "full", "--json");
    assertThat(found(extras.json().at("/items")))
        .as("what is not ours is never deleted")
        .hasSize(25)
        .allMatch(item -> item.startsWith("extra "));
    for (int i = 3; i < 100; i += 4) {
      Files.delete(objects.get(i).resolveSibling("extra" + i));
    }
    Outcome equal = caravan.cli("check", "--mode", "full");
    assertThat(equal.exitCode()).as("%s", equal).isZero();
    Mirrored.assertEqual(caravan.store(), caravan.remote());
  }

  @Test
  void aDaemonAtABucketIsAskedMendsAndTellsHowOldItsProofsAre() throws Exception {
    S3Bucket bucket = S3Server.S3PROXY.newBucket();
    CaravanSetup caravan = CaravanSetup.in(folder);
    Files.createDirectories(caravan.store());
    caravan.config(S3Yaml.of(caravan.store(), bucket.settings()));
    caravan.set("store.watch=false");
    Trees.many(caravan.store(), 60, 2_000, 9);
    assertThat(caravan.cli("sync").exitCode()).isZero();
    for (String mode : List.of("size", "hash", "full")) {
      Outcome equal = caravan.cli("check", "--mode", mode);
      assertThat(equal.exitCode()).as("%s", equal).isZero();
    }
    List<Path> objects = filesIn(bucket.disk());
    flip(objects.get(7), new Random(1));
    Files.delete(objects.get(20));
    try (CaravanProcess daemon = caravan.start()) {
      assertThat(daemon.post("/api/storage/check", "{\"mode\": \"deep\"}").status()).isEqualTo(422);
      assertThat(daemon.post("/api/storage/check", "{}").status()).isEqualTo(422);
      JsonNode size = check(daemon, "{\"mode\": \"size\"}");
      assertThat(size.at("/state").asText()).as(daemon.logs()).isEqualTo("partial");
      assertThat(size.at("/counts/different").asInt()).as("%s", size).isEqualTo(1);
      JsonNode full = check(daemon, "{\"mode\": \"full\"}");
      JsonNode items = daemon.get("/api/runs/" + full.at("/run_id").asText() + "/items").json();
      assertThat(found(items.at("/items")))
          .containsExactlyInAnyOrder(
              "different " + bucket.disk().relativize(objects.get(7)),
              "missing " + bucket.disk().relativize(objects.get(20)));

      check(daemon, "{\"mode\": \"full\", \"repair\": true}");
      // A sync follows by itself.
      Mirrored.await(caravan.store(), bucket.disk(), Duration.ofSeconds(30), daemon);
      daemon.await(
          "/api/storage",
          Duration.ofSeconds(20),
          answer -> answer.json().at("/files/pending").asInt() == 0);
      assertThat(check(daemon, "{\"mode\": \"full\"}").at("/state").asText())
          .as(daemon.logs())
          .isEqualTo("succeeded");
      JsonNode remote = daemon.get("/api/storage").json().at("/remotes/0");
      assertThat(remote.at("/oldest_proof_age_s").asLong(-1)).as("%s", remote).isBetween(0L, 60L);
      assertThat(daemon.get("/observe/metrics").body())
          .contains(
              "caravan_oldest_proof_age_seconds{",
              "caravan_runs_total{operation=\"check\",state=\"succeeded\"} 1.0",
              "caravan_check_differences_total{");
    }
  }

  private static JsonNode check(CaravanProcess daemon, String body) {
    Answer answer = daemon.post("/api/storage/check?wait=50", body);
    assertThat(answer.status()).as("%s%s", answer, daemon.logs()).isEqualTo(200);
    return answer.json();
  }

  @Test
  void aRemoteThatIsAwayIsNotCheckedAndNothingChanges() throws Exception {
    CaravanSetup caravan = CaravanSetup.in(folder).mirror("store.settle=0s", "store.watch=false");
    Trees.many(caravan.store(), 20, 100, 3);
    assertThat(caravan.cli("sync").exitCode()).isZero();
    Path away = folder.resolve("away");
    Files.move(caravan.remote(), away);
    Outcome gone = caravan.cli("check", "--repair");
    assertThat(gone.exitCode()).as("%s", gone).isEqualTo(1);
    Files.createDirectories(caravan.remote());
    Outcome empty = caravan.cli("check", "--repair");
    assertThat(empty.exitCode()).as("%s", empty).isEqualTo(1);
    assertThat(empty.err()).contains("marker");
    Trees.remove(caravan.remote(), false);
    Files.move(away, caravan.remote());
    Outcome sync = caravan.cli("sync", "--json");
    assertThat(sync.json().at("/counts/uploaded").asInt()).as("%s", sync).isZero();
    assertThat(caravan.cli("check", "--mode", "full").exitCode()).isZero();
    assertThat(caravan.cli("check", "--mode", "deep").exitCode()).isEqualTo(2);
  }

  @Test
  void aShareIsReadByItselfAndADrillRestores() throws Exception {
    CaravanSetup caravan =
        CaravanSetup.in(folder)
            .mirror("store.settle=0s", "store.watch=false", "check.cycle=1d", "check.drill=3");
    Trees.many(caravan.store(), 20, 100, 3);
    assertThat(caravan.cli("sync").exitCode()).isZero();
    try (CaravanProcess daemon = caravan.start()) {
      Answer runs =
          daemon.await(
              "/api/runs?operation=check",
              Duration.ofSeconds(90),
              answer -> answer.json().at("/runs/0/ended_at").isTextual());
      JsonNode run = runs.json().at("/runs/0");
      assertThat(run.at("/state").asText()).as(daemon.logs()).isEqualTo("succeeded");
      assertThat(run.at("/trigger").asText()).isEqualTo("schedule");
      assertThat(run.at("/counts/verified").asInt()).as("all of them, each day").isEqualTo(20);
      JsonNode items = daemon.get("/api/runs/" + run.at("/run_id").asText() + "/items").json();
      assertThat(items.at("/items")).hasSize(3);
    }
  }
}
