package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.lab.FakeAlpha;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * kill -9 in every state of an export, at a request to the bucket that a gate holds: the next start
 * goes on, once, and loses nothing.
 */
class DsyncKillIT {

  private static final int KILLS = Integer.getInteger("caravan.dgraph.kills", 20) / 2;
  private static final int GROUPS = 3;
  private static final int BYTES = 20_000;
  private static final long HELD_MILLIS = 20_000;

  /** Another number is for two exports within one second. */
  private static final String DATED = "\\d{4}-\\d{2}-\\d{2}-\\d{6}(-2)?/[a-z0-9.]+";

  /** At what the process is killed. The middle ones are requests; what comes last is not. */
  private enum Moment {
    UPLOADING,
    VERIFYING,
    QUEUED,
    CLAIMING,
    SEALING,
    RUNNING,
    CLEANING
  }

  @TempDir Path folder;

  private final long seed = Long.getLong("caravan.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final List<Path> dirs = new ArrayList<>();
  private final List<Path> partials = new ArrayList<>();

  /** What was exported: the checksum of each file, by group. */
  private final List<Map<String, String>> written = new ArrayList<>();

  @ParameterizedTest
  @ValueSource(strings = {"dated", "dsync"})
  void aKilledProcessIsFollowedByOneThatEndsEachExportOnce(String naming) throws Exception {
    boolean isDated = naming.equals("dated");
    TreeSet<String> states = new TreeSet<>();
    try (DsyncSetup dsync = new DsyncSetup(folder);
        GateProxy gate = new GateProxy(dsync.bucket().endpoint().orElseThrow().getPort())) {
      dsync.endpoint("127.0.0.1:" + gate.port());
      for (int kill = 0; kill < KILLS; kill++) {
        Moment moment = Moment.values()[kill % Moment.values().length];
        gate.open();
        try (CaravanProcess caravan = start(dsync, naming)) {
          if (!isDated) {
            // An export that another overtakes is not brought, so each has its turn.
            awaitDone(caravan, kill);
          }
          if (kill % 4 == 1) {
            failed(dsync, kill);
          }
          states.addAll(killed(dsync, gate, caravan, moment, kill));
        }
      }
      gate.open();
      try (CaravanProcess caravan = start(dsync, naming)) {
        awaitDone(caravan, KILLS);
        check(dsync, caravan, isDated);
      }
    }
    System.out.printf(
        "%d kills with %s names, in the states %s; seed %d%n", KILLS, naming, states, seed);
    if (KILLS >= Moment.values().length) {
      assertThat(states)
          .as("killed in, seed %d", seed)
          .contains("queued", "running", "uploading", "verifying");
    }
  }

  private static CaravanProcess start(DsyncSetup dsync, String naming) {
    return dsync.start(dsync.caravan().set("dgraph.naming=" + naming));
  }

  private void failed(DsyncSetup dsync, int kill) throws Exception {
    String id = dsync.export();
    partials.add(write(dsync, 1000 + 10L * kill, new LinkedHashMap<>()));
    dsync.alpha().task(id, "Failed");
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(50)));
  }

  /** Exports, and kills the process at that moment; returns the states of all exports then. */
  private TreeSet<String> killed(
      DsyncSetup dsync, GateProxy gate, CaravanProcess caravan, Moment moment, int kill)
      throws Exception {
    int before = gate.seen().size();
    String id = dsync.export();
    Map<String, String> files = new TreeMap<>();
    dirs.add(write(dsync, 1001 + 10L * kill, files));
    written.add(files);
    switch (moment) {
      case QUEUED -> caravan.await("/api/exports", DsyncSetup.LIMIT, all -> is(all, id, "queued"));
      case RUNNING -> {
        dsync.alpha().task(id, "Running");
        caravan.await("/api/exports", DsyncSetup.LIMIT, all -> is(all, id, "running"));
      }
      case CLAIMING -> hold(dsync, gate, id, 2, line -> line.contains("caravan-claim"));
      case UPLOADING -> hold(dsync, gate, id, GROUPS, DsyncKillIT::isFile);
      case VERIFYING -> hold(dsync, gate, id, GROUPS, new After(GROUPS, DsyncKillIT::isLook)::test);
      case SEALING -> hold(dsync, gate, id, 3, line -> line.contains("manifest.json"));
      case CLEANING -> {
        dsync.alpha().task(id, "Success");
        await(caravan, () -> sealed(gate, before) || is(caravan.get("/api/exports"), id, "done"));
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(40)));
      }
    }
    TreeSet<String> states = new TreeSet<>();
    caravan
        .get("/api/exports?limit=100")
        .json()
        .path("exports")
        .forEach(export -> states.add(export.path("state").asText()));
    caravan.kill9();
    dsync.alpha().task(id, "Success");
    return states;
  }

  /** Lets the export go on, until one of its requests that fit is held. */
  private void hold(DsyncSetup dsync, GateProxy gate, String id, int most, Predicate<String> fits)
      throws InterruptedException {
    GateProxy.Side side = random.nextBoolean() ? GateProxy.Side.BEFORE : GateProxy.Side.AFTER;
    GateProxy.Hold hold = gate.hold(side, random.nextInt(most), 1, fits);
    dsync.alpha().task(id, "Success");
    // With fixed names nothing is claimed: then the kill is when all is over.
    boolean isHeld = hold.await(fits.test("caravan-claim") ? 2_000 : HELD_MILLIS);
    assertThat(isHeld || fits.test("caravan-claim")).as("held, seed %d", seed).isTrue();
  }

  /** Lets so many requests pass that fit. */
  private static final class After {
    private final Predicate<String> fits;
    private int pass;

    After(int pass, Predicate<String> fits) {
      this.pass = pass;
      this.fits = fits;
    }

    synchronized boolean test(String line) {
      return fits.test(line) && pass-- <= 0;
    }
  }

  private static boolean isFile(String line) {
    return line.startsWith("PUT ") && line.contains("rdf.gz");
  }

  /** The first look for each file comes before it is sent, the second when it is proven. */
  private static boolean isLook(String line) {
    return line.startsWith("HEAD ") && line.contains("rdf.gz");
  }

  private static boolean sealed(GateProxy gate, int before) {
    List<String> seen = gate.seen();
    return seen.subList(before, seen.size()).stream()
        .map(GateProxy::line)
        .anyMatch(line -> line.startsWith("PUT ") && line.contains("manifest.json"));
  }

  private interface Question {
    boolean isAnswered();
  }

  private void await(CaravanProcess caravan, Question question) {
    long begun = System.nanoTime();
    while (!question.isAnswered()) {
      if (Duration.ofNanos(System.nanoTime() - begun).compareTo(DsyncSetup.LIMIT) > 0) {
        throw new AssertionError("not in time, seed " + seed + caravan.logs());
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
    }
  }

  private static boolean is(Answer answer, String id, String state) {
    for (JsonNode export : answer.json().path("exports")) {
      if (export.path("task_id").asText().equals(id)) {
        return export.path("state").asText().equals(state);
      }
    }
    return false;
  }

  private void awaitDone(CaravanProcess caravan, int exports) {
    caravan.await(
        "/api/exports?limit=100",
        Duration.ofSeconds(60),
        answer -> answer.body().split("\"done\"", -1).length - 1 == exports);
  }

  private static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Writes an export's folder, as if the cluster encrypted it.
   *
   * @param files gets the checksum of each, by group
   */
  private Path write(DsyncSetup dsync, long readTs, Map<String, String> files) throws IOException {
    Path dir = dsync.alpha().write(FakeAlpha.folder(readTs));
    for (int group = 1; group <= GROUPS; group++) {
      byte[] content = new byte[BYTES];
      random.nextBytes(content);
      content[0] = 1;
      Files.write(dir.resolve("g0" + group + ".rdf.gz"), content);
      files.put("g0" + group, sha256(content));
    }
    return dir;
  }

  private void check(DsyncSetup dsync, CaravanProcess caravan, boolean isDated) throws Exception {
    JsonNode exports = caravan.get("/api/exports?limit=100").json().path("exports");
    assertThat(exports).as("one each, seed %d", seed).hasSize(dirs.size() + partials.size());
    assertThat(dirs).as("seed %d", seed).noneMatch(Files::exists);
    assertThat(partials).as("of failed exports, seed %d", seed).allMatch(Files::exists);
    TreeSet<String> expected = new TreeSet<>();
    for (Map<String, String> files : isDated ? written : written.subList(KILLS - 1, KILLS)) {
      expected.addAll(files.values());
    }
    TreeSet<String> found = new TreeSet<>();
    int manifests = 0;
    Map<String, byte[]> objects = dsync.objects();
    // A kill while the server is tried out leaves the little object that it was tried out with.
    objects.keySet().removeIf(key -> key.startsWith(".caravan/probe-"));
    for (Map.Entry<String, byte[]> object : objects.entrySet()) {
      if (object.getKey().endsWith("manifest.json")) {
        manifests++;
      } else {
        found.add(sha256(object.getValue()));
      }
    }
    assertThat(found).as("contents, seed %d", seed).isEqualTo(expected);
    assertThat(manifests).as("seed %d", seed).isEqualTo(isDated ? KILLS : 1);
    if (isDated) {
      // Nobody else writes to the bucket: what a kill left of a claim is known for one's own.
      assertThat(objects.keySet()).as("seed %d", seed).allMatch(key -> key.matches(DATED));
    }
    assertThat(objects).as("and nothing else, seed %d", seed).hasSize(expected.size() + manifests);
    assertThat(dsync.uploadsLeft()).as("seed %d", seed).isZero();
  }
}
