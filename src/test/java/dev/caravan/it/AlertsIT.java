package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.lab.WebSink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The built jar tells people and a watchdog how its runs end, whatever happens to both sides. */
class AlertsIT {

  private static final Duration LIMIT = Duration.ofSeconds(30);

  @TempDir Path folder;
  private WebSink people;
  private WebSink watchdog;

  @BeforeEach
  void open() throws Exception {
    people = new WebSink();
    watchdog = new WebSink();
  }

  @AfterEach
  void close() {
    people.close();
    watchdog.close();
  }

  /** Two remotes, of which one may fail alone; nothing runs by itself. */
  private CaravanSetup caravan(String... more) throws IOException {
    Files.createDirectories(folder.resolve("store"));
    Files.createDirectories(folder.resolve("near"));
    Files.createDirectories(folder.resolve("far"));
    return CaravanSetup.in(folder)
        .config(
            """
            store: {path: %s, settle: 0s, watch: false}
            storage:
              sync_interval: 0
              max_delete: 1
              remotes:
                - {provider: dir, name: near, path: %s}
                - {provider: dir, name: far, path: %s}
            alerts:
              webhook_url: %s
              webhook_format: json
              max_consecutive_errors: 2
              ping_url: %s
            """
                .formatted(
                    folder.resolve("store"),
                    folder.resolve("near"),
                    folder.resolve("far"),
                    people.at("/hook-s3cret"),
                    watchdog.at("/ping-s3cret")))
        .set(more);
  }

  /**
   * Starts where nothing runs by itself, for it was paused before: by a daemon that has nobody to
   * tell, so that nothing of its runs is still on its way. The one that its start asks for has
   * ended by then: a pause does not call back what was asked for, and a run that was cut off by the
   * end of its daemon would be told of by the next one.
   */
  private CaravanProcess quiet(CaravanSetup caravan) throws IOException {
    Path file = folder.resolve("caravan.yaml");
    String all = Files.readString(file);
    Files.writeString(file, all.substring(0, all.indexOf("alerts:")));
    try (CaravanProcess daemon = caravan.start()) {
      daemon.await(
          "/api/runs",
          LIMIT,
          answer -> answer.json().at("/runs/0/state").asText().equals("succeeded"));
      assertThat(daemon.post("/api/storage/pause", "").status()).isEqualTo(200);
      daemon.terminate(Duration.ofSeconds(10));
    }
    assertThat(people.got()).isEmpty();
    assertThat(watchdog.got()).isEmpty();
    Files.writeString(file, all);
    return caravan.start();
  }

  private void await(String what, BooleanSupplier condition) {
    try {
      Awaitility.await(what).atMost(LIMIT).until(condition::getAsBoolean);
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(
          "%s; people got %s, the watchdog %s; the daemon says:\n%s"
              .formatted(e.getMessage(), kinds(people), watchdog.lines(), logs()),
          e);
    }
  }

  /** What each process under test wrote to its log. */
  private String logs() {
    try (Stream<Path> files = Files.list(folder)) {
      StringBuilder all = new StringBuilder();
      for (Path log : files.filter(file -> file.toString().endsWith(".err")).sorted().toList()) {
        all.append(log.getFileName()).append(":\n").append(Files.readString(log));
      }
      return all.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> kinds(WebSink sink) {
    return sink.got().stream()
        .map(got -> json(got.body()))
        .map(alert -> alert.path("kind").asText() + " " + alert.path("state").asText())
        .toList();
  }

  private static JsonNode json(String body) {
    try {
      return new ObjectMapper().readTree(body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void sync(CaravanProcess daemon, String state) {
    assertThat(daemon.sync("{}").json().at("/state").asText()).as(daemon.logs()).isEqualTo(state);
  }

  /** Waits for its pings, too: one that has to be sent again gives way to those of a later run. */
  private void syncAndPing(CaravanProcess daemon, String state) {
    long before = pings().count();
    sync(daemon, state);
    await("the begin and the end of the run", () -> pings().count() == before + 2);
  }

  /** Each ping of each run, as it first came: one whose answer is lost comes again. */
  private Stream<String> pings() {
    return watchdog.lines().stream().distinct();
  }

  private void away(String remote) throws IOException {
    Files.move(folder.resolve(remote), folder.resolve(remote + "-away"));
  }

  private void back(String remote) throws IOException {
    Files.move(folder.resolve(remote + "-away"), folder.resolve(remote));
  }

  @Test
  void everyEndOfARunIsToldToThoseWhomItConcerns() throws Exception {
    CaravanSetup caravan = caravan("alerts.ping_run_id=true");
    Trees.many(folder.resolve("store"), 30, 100, 1);
    try (CaravanProcess daemon = quiet(caravan)) {
      syncAndPing(daemon, "succeeded");
      away("far");
      Files.writeString(folder.resolve("store/new"), "1");
      syncAndPing(daemon, "partial");
      away("near");
      Files.writeString(folder.resolve("store/new"), "22");
      syncAndPing(daemon, "failed");
      await("the second failure", () -> people.got().size() == 1);
      back("near");
      back("far");
      syncAndPing(daemon, "succeeded");
      await("the recovery", () -> people.got().size() == 2);
      Files.move(folder.resolve("store"), folder.resolve("store-away"));
      Files.createDirectories(folder.resolve("store"));
      syncAndPing(daemon, "halted");
      syncAndPing(daemon, "halted");
      await("the halt", () -> people.got().size() == 3);
      Files.delete(folder.resolve("store"));
      Files.move(folder.resolve("store-away"), folder.resolve("store"));
      syncAndPing(daemon, "succeeded");
      await("the recovery", () -> people.got().size() == 4);
      assertThat(daemon.err()).doesNotContain("s3cret").containsPattern(" run=\\S+ Alert: ");
    }
    assertThat(kinds(people))
        .containsExactly(
            "failing failed", "recovered succeeded", "halted halted", "recovered succeeded");
    assertThat(json(people.got().get(0).body()).path("text").asText())
        .contains("sync did not succeed 2 times in a row (last: failed)", "store");
    assertThat(pings().map(line -> line.replaceAll("^GET /ping-s3cret|\\?rid=.*", "")))
        .containsExactly(
            "/start", "", "/start", "/fail", "/start", "/fail", "/start", "", "/start", "/fail",
            "/start", "/fail", "/start", "");
  }

  @Test
  void aRunThatIsCancelledOrDiesIsToldToo() throws Exception {
    CaravanSetup caravan = caravan("storage.bandwidth=20KiB/s");
    try (CaravanProcess daemon = quiet(caravan)) {
      Trees.write(folder.resolve("store/big"), new byte[2 << 20]);
      String run = daemon.post("/api/storage/sync", "{}").json().at("/run_id").asText();
      await("the begin", () -> watchdog.got().size() == 1);
      daemon.post("/api/runs/" + run + "/cancel", "");
      await("the cancelled end", () -> watchdog.got().size() == 2);
      daemon.post("/api/storage/sync", "{}");
      await("the next begin", () -> watchdog.got().size() == 3);
      daemon.kill9();
    }
    try (CaravanProcess daemon = caravan.start()) {
      await("the interrupted end", () -> watchdog.got().size() == 4);
      assertThat(daemon.get("/api/runs").json().at("/runs/0/state").asText())
          .isEqualTo("interrupted");
      assertThat(daemon.get("/api/runs").json().at("/runs/1/state").asText())
          .isEqualTo("cancelled");
    }
    assertThat(watchdog.lines())
        .containsExactly(
            "GET /ping-s3cret/start",
            "GET /ping-s3cret/fail",
            "GET /ping-s3cret/start",
            "GET /ping-s3cret/fail");
    assertThat(people.got()).as("one failure is not two").isEmpty();
  }

  @Test
  void aKillBetweenTheEndAndTheTellingLosesNothing() throws Exception {
    CaravanSetup caravan = caravan("alerts.max_consecutive_errors=1");
    String id;
    try (CaravanProcess daemon = quiet(caravan)) {
      Files.writeString(folder.resolve("store/new"), "1");
      people.hangs();
      watchdog.hangs();
      away("near");
      away("far");
      sync(daemon, "failed");
      await("a message under way", () -> people.got().size() == 1);
      await("a ping under way", () -> watchdog.got().size() == 1);
      id = json(people.got().get(0).body()).path("id").asText();
      daemon.kill9();
    }
    people.answers(200);
    watchdog.answers(200);
    try (CaravanProcess daemon = caravan.start()) {
      await("the message again", () -> people.got().size() == 2);
      await("the pings again", () -> watchdog.got().size() == 3);
      assertThat(json(people.got().get(1).body()).path("id").asText()).isEqualTo(id);
      assertThat(people.got().get(1).header("Idempotency-Key")).isEqualTo(id);
      assertThat(watchdog.lines())
          .containsExactly(
              "GET /ping-s3cret/start", "GET /ping-s3cret/start", "GET /ping-s3cret/fail");
      daemon.terminate(Duration.ofSeconds(10));
    }
    try (CaravanProcess daemon = caravan.start()) {
      back("near");
      back("far");
      sync(daemon, "succeeded");
      await("the recovery", () -> people.got().size() == 3);
    }
    assertThat(kinds(people))
        .containsExactly("failing failed", "failing failed", "recovered succeeded");
  }

  @Test
  void receiversThatAreDownSlowOrBrokenDelayNoRunAndAreToldLater() throws Exception {
    CaravanSetup caravan = caravan("alerts.max_consecutive_errors=1");
    int port = watchdog.at("/").getPort();
    try (CaravanProcess daemon = quiet(caravan)) {
      Files.writeString(folder.resolve("store/new"), "1");
      people.answers(500);
      watchdog.close();
      away("near");
      away("far");
      sync(daemon, "failed");
      await("a failed try", () -> people.got().size() == 1);
      back("near");
      back("far");
      long before = System.nanoTime();
      sync(daemon, "succeeded");
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
      watchdog = new WebSink(port);
      people.answers(200);
      await("the alert and the recovery", () -> people.got().size() >= 3);
      await("pings", () -> watchdog.lines().contains("GET /ping-s3cret"));
      assertThat(daemon.err()).contains("127.0.0.1 answers 500").doesNotContain("s3cret");
      assertThat(daemon.get("/observe/metrics").body())
          .contains("caravan_alert_messages_total{channel=\"notify\",outcome=\"delivered\"} 2.0");
    }
    assertThat(kinds(people)).endsWith("failing failed", "recovered succeeded");
  }

  @Test
  void aCommandTellsBeforeItEnds() throws Exception {
    CaravanSetup caravan = caravan("alerts.max_consecutive_errors=1", "alerts.ping_run_id=true");
    Files.writeString(folder.resolve("store/new"), "1");
    assertThat(caravan.cli("sync").exitCode()).isZero();
    assertThat(watchdog.got()).hasSize(2);
    assertThat(watchdog.lines().get(0)).matches("GET /ping-s3cret/start\\?rid=[0-9a-f-]{36}");
    assertThat(watchdog.lines().get(1)).isEqualTo(watchdog.lines().get(0).replace("/start", ""));
    assertThat(caravan.cli("sync", "--dry-run").exitCode()).isZero();
    assertThat(watchdog.got()).as("a dry run is nobody's business").hasSize(2);
    away("near");
    away("far");
    Files.writeString(folder.resolve("store/new"), "22");
    Outcome failed = caravan.cli("sync");
    assertThat(failed.exitCode()).isEqualTo(1);
    assertThat(kinds(people)).as("%s", failed).containsExactly("failing failed");
  }

  @Test
  void aRouteOfTheUsersOwnMayTellInsteadAndIsAskedAgainWhenItFails() throws Exception {
    Files.createDirectories(folder.resolve("config/routes"));
    String bundled = Files.readString(Path.of("src/main/resources/routes/alerts.camel.yaml"));
    String alerts =
        bundled.replace(
"""
        - bean:
            ref: alerts
            method: post
""",
"""
        - filter:
            expression:
              simple:
                expression: "${body[kind]} == 'failing'"
            steps:
              - setBody:
                  expression:
                    simple:
                      expression: "${header.CamelCaravanAlert}: ${body[text]}"
              - to:
                  uri: file:OUT
                  parameters:
                    fileName: "alert.txt"
                    autoCreate: false
"""
                .replace("OUT", folder.resolve("out").toString()));
    assertThat(alerts).contains("alert.txt");
    Files.writeString(folder.resolve("config/routes/alerts.camel.yaml"), alerts);
    CaravanSetup caravan = caravan("alerts.max_consecutive_errors=1");
    try (CaravanProcess daemon = quiet(caravan)) {
      Files.writeString(folder.resolve("store/new"), "1");
      away("near");
      away("far");
      sync(daemon, "failed");
      await("a failed try", () -> daemon.err().contains("direct:notify failed"));
      Files.createDirectories(folder.resolve("out"));
      await("the alert", () -> Files.exists(folder.resolve("out/alert.txt")));
      assertThat(Files.readString(folder.resolve("out/alert.txt")))
          .startsWith("failing: Caravan on");
    }
    assertThat(people.got()).as("the route does without the webhook").isEmpty();
  }
}
