package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.lab.FakeAlpha;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 in every state of an export: the next start goes on, once, and loses nothing. */
class DsyncKillIT {

  private static final int KILLS = Integer.getInteger("caravan.dgraph.kills", 3);
  private static final int BYTES = 6 << 20;

  /** In which state the kill is wanted; the last is after the files began to leave. */
  private static final List<String> STATES =
      List.of("queued", "running", "uploading", "verifying", "done");

  @TempDir Path folder;

  private final long seed = Long.getLong("caravan.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @Test
  void aKilledProcessIsFollowedByOneThatEndsEachExportOnce() throws Exception {
    try (DsyncSetup dsync = new DsyncSetup(folder)) {
      List<Path> dirs = new ArrayList<>();
      List<Path> partials = new ArrayList<>();
      TreeSet<String> seen = new TreeSet<>();
      for (int kill = 0; kill < KILLS; kill++) {
        // The first three are where most is under way.
        String state = STATES.get((kill + 2) % STATES.size());
        try (CaravanProcess caravan = start(dsync)) {
          if (kill % 3 == 0) {
            String failed = dsync.export();
            partials.add(write(dsync, 1000 + 10L * kill, 1));
            dsync.alpha().task(failed, "Failed");
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(50)));
          }
          String id = dsync.export();
          if (!state.equals("queued")) {
            dsync.alpha().task(id, "Running");
          }
          dirs.add(write(dsync, 1001 + 10L * kill, 3));
          if (!state.equals("queued") && !state.equals("running")) {
            dsync.alpha().task(id, "Success");
          }
          seen.add(awaitState(caravan, id, state));
          caravan.kill9();
          dsync.alpha().task(id, "Success");
        }
      }
      try (CaravanProcess caravan = start(dsync)) {
        caravan.await(
            "/api/exports?limit=100",
            Duration.ofSeconds(60),
            answer -> answer.body().split("\"done\"", -1).length - 1 == KILLS);
        check(dsync, caravan, dirs, partials);
      }
      assertThat(seen).as("killed in these states, seed %d", seed).hasSizeGreaterThan(1);
    }
  }

  private static CaravanProcess start(DsyncSetup dsync) {
    return dsync.start(dsync.caravan().set("dgraph.naming=dated"));
  }

  private Path write(DsyncSetup dsync, long readTs, int groups) throws IOException {
    String name = FakeAlpha.folder(readTs);
    Path dir = dsync.alpha().write(name);
    for (int group = 1; group <= groups; group++) {
      byte[] content = new byte[BYTES];
      random.nextBytes(content);
      content[0] = 1;
      Files.write(dir.resolve("g0" + group + ".rdf.gz"), content);
    }
    return dir;
  }

  /** Waits until the export has come that far, or further; returns where it is then. */
  private String awaitState(CaravanProcess caravan, String id, String state) {
    int least = STATES.indexOf(state);
    long begun = System.nanoTime();
    while (Duration.ofNanos(System.nanoTime() - begun).toSeconds() < 30) {
      String now = stateOf(caravan, id);
      if (STATES.indexOf(now) >= least) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(120)));
        return now;
      }
    }
    throw new AssertionError("not " + state + " in time, seed " + seed + caravan.logs());
  }

  private static String stateOf(CaravanProcess caravan, String id) {
    for (JsonNode export : caravan.get("/api/exports?limit=100").json().path("exports")) {
      if (export.path("task_id").asText().equals(id)) {
        return export.path("state").asText();
      }
    }
    return "";
  }

  private void check(DsyncSetup dsync, CaravanProcess caravan, List<Path> dirs, List<Path> partials)
      throws Exception {
    JsonNode exports = caravan.get("/api/exports?limit=100").json().path("exports");
    assertThat(exports).as("one each, seed %d", seed).hasSize(dirs.size() + partials.size());
    assertThat(dirs).as("seed %d", seed).noneMatch(Files::exists);
    assertThat(partials).as("of failed exports, seed %d", seed).allMatch(Files::exists);
    Map<String, byte[]> objects = dsync.objects();
    assertThat(objects).as("seed %d", seed).hasSize(dirs.size() * 4);
    for (byte[] object : objects.values()) {
      assertThat(object.length == BYTES || object[0] == '{').as("seed %d", seed).isTrue();
    }
    assertThat(dsync.uploadsLeft()).as("seed %d", seed).isZero();
  }
}
