package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The user's own routes in the built jar: at start, while running, from the command line. */
class RoutesIT {

  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir Path folder;

  @Test
  void aReplacementWorksAfterStartAndReloadAndABrokenEditChangesNothing() throws Exception {
    CaravanSetup caravan = twoRemotes();
    assertThat(caravan.cli("routes", "eject", "hooks").exitCode()).isZero();
    Path hooks = folder.resolve("routes/hooks.camel.yaml");
    String bundled = Files.readString(hooks);
    write(hooks, saying(bundled, "first"));
    write(folder.resolve("routes/more.yaml"), "- route: {}");
    try (CaravanProcess daemon = caravan.start()) {
      assertThat(daemon.err()).contains("hooks.camel.yaml <- " + hooks + " (replaces bundled)");
      awaitLog(daemon, "more.yaml is not used");
      assertThat(daemon.sync("{}").status()).isEqualTo(200);
      awaitLog(daemon, "hook-run-ended .*first succeeded");

      write(hooks, saying(bundled, "second"));
      awaitLog(daemon, "hooks.camel.yaml <- .*replaces bundled.*(?s:.*)hooks.camel.yaml <- ");
      assertThat(daemon.sync("{}").status()).isEqualTo(200);
      awaitLog(daemon, "hook-run-ended .*second succeeded");

      write(hooks, saying(bundled, "third").replace("- log:", "- lgo:"));
      daemon.await("/api/routes", SOON, answer -> answer.json().at("/faults").size() > 0);
      awaitLog(daemon, "hooks.camel.yaml:[0-9]+: .*lgo");
      assertThat(daemon.sync("{}").json().at("/state").asText()).isEqualTo("succeeded");
      assertThat(count(daemon.err(), "second succeeded")).isGreaterThanOrEqualTo(2);

      Files.delete(hooks);
      daemon.await(
          "/api/routes", SOON, answer -> origin(answer.json(), "hook-run-ended").equals("bundled"));
      int before = count(daemon.err(), "second succeeded");
      assertThat(daemon.sync("{}").json().at("/state").asText()).isEqualTo("succeeded");
      assertThat(count(daemon.err(), "second succeeded")).isEqualTo(before);
      routesCanBeStoppedAndStarted(daemon);
      assertThat(daemon.terminate(Duration.ofSeconds(10))).isZero();
    }
  }

  private static void routesCanBeStoppedAndStarted(CaravanProcess daemon) {
    assertThat(daemon.post("/api/routes/watch.changed/stop", "{}").json().at("/state").asText())
        .isEqualTo("stopped");
    assertThat(daemon.post("/api/routes/watch.changed/start", "{}").json().at("/state").asText())
        .isEqualTo("started");
    assertThat(daemon.post("/api/routes/nosuch/stop", "{}"))
        .satisfies(
            answer -> {
              assertThat(answer.status()).isEqualTo(404);
              assertThat(answer.contentType()).contains("application/problem+json");
            });
    assertThat(daemon.post("/api/routes/control-routes/stop", "{}").status()).isEqualTo(409);
    JsonNode run = route(daemon.get("/api/routes").json(), "sync-run");
    assertThat(run.at("/counts/total").asInt()).isPositive();
    assertThat(run.at("/counts/failed").asInt()).isZero();
  }

  @Test
  void aFileWithoutAPublicEndpointRefusesToStartAndNamesIt() throws Exception {
    CaravanSetup caravan = twoRemotes();
    Path hooks = folder.resolve("routes/hooks.camel.yaml");
    write(
        hooks,
        """
        - route:
            id: hook-run-ended
            from:
              uri: direct:hook-run-ended
              steps:
                - log: {message: x}
        """);
    Outcome run = caravan.cli("run");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains(hooks + ": no route serves direct:hook-sync-begin");
    assertThat(run.err()).doesNotContain("Exception", "\tat ");
    Outcome check = caravan.cli("routes", "check");
    assertThat(check.exitCode()).isEqualTo(2);
    assertThat(check.err()).contains("direct:hook-sync-begin", "direct:hook-file-failed");

    Files.delete(hooks);
    Path misnamed = folder.resolve("routes/hooks.YML");
    write(misnamed, "- route: {}");
    Outcome sound = caravan.cli("routes", "check");
    assertThat(sound.exitCode()).isZero();
    assertThat(sound.err()).contains("note: " + misnamed + " is not used");
    Files.delete(misnamed);
    assertThat(caravan.cli("routes", "check").err()).isEmpty();
    assertThat(caravan.cli("routes", "eject", "nosuch").exitCode()).isEqualTo(2);
    assertThat(caravan.cli("routes", "eject", "hooks.camel.yaml").exitCode()).isZero();
    assertThat(caravan.cli("routes", "eject", "hooks").exitCode()).isEqualTo(2);
    Outcome file = caravan.cli("routes", "eject", "sync", "--set", "routes.path=" + hooks);
    assertThat(file.exitCode()).isEqualTo(2);
    assertThat(file.err()).contains(hooks + " is not a folder");
    for (String line : List.of("routes check", "routes list", "run", "sync")) {
      List<String> words = new ArrayList<>(List.of(line.split(" ")));
      words.addAll(List.of("--set", "routes.path=" + hooks));
      Outcome none = caravan.cli(words.toArray(String[]::new));
      assertThat(none.exitCode()).as("%s: %s", line, none).isEqualTo(2);
      assertThat(none.err()).contains(hooks + " is not a folder").doesNotContain("Exception");
    }
    Outcome list = caravan.cli("routes", "list", "--json");
    assertThat(list.exitCode()).isZero();
    assertThat(list.out()).contains("sync-run", hooks + " (replaces bundled)");
  }

  @Test
  void aCommandSendsToARemoteOfTheUsersOwn() throws Exception {
    Path own = folder.resolve("own");
    CaravanSetup caravan =
        CaravanSetup.in(folder)
            .mirror(
                "routes.path=" + folder.resolve("routes"),
                "storage.remotes[1]={provider: camel, name: own, put: 'direct:own'}");
    write(
        folder.resolve("routes/own.camel.yaml"),
        """
        - route:
            id: own
            from:
              uri: direct:own
              steps:
                - to: {uri: 'file:%s'}
        """
            .formatted(own));
    write(caravan.store().resolve("d/a"), "for both");
    Outcome sync = caravan.cli("sync");
    assertThat(sync.exitCode()).as("%s", sync).isZero();
    assertThat(own.resolve("d/a")).hasContent("for both");
    assertThat(caravan.remote().resolve("d/a")).hasContent("for both");
    assertThat(caravan.cli("files", "--json").json().at("/files/0/remotes/own/state").asText())
        .isEqualTo("sent");
    write(caravan.store().resolve("d/b"), "later");
    assertThat(caravan.cli("sync").exitCode()).isZero();
    assertThat(own.resolve("d/b")).hasContent("later");
  }

  private CaravanSetup twoRemotes() throws IOException {
    Path second = Files.createDirectories(folder.resolve("second"));
    return CaravanSetup.in(folder)
        .mirror(
            "routes.path=" + folder.resolve("routes"),
            "storage.remotes[1]={provider: dir, name: second, path: '%s'}".formatted(second));
  }

  private static String saying(String bundled, String word) {
    int ended = bundled.indexOf("id: hook-run-ended");
    return bundled.substring(0, ended)
        + bundled
            .substring(ended)
            .replace("loggingLevel: TRACE", "loggingLevel: INFO")
            .replace("${body}", word + " ${header.CamelCaravanState}");
  }

  private static String origin(JsonNode answer, String id) {
    return route(answer, id).at("/origin").asText();
  }

  private static JsonNode route(JsonNode answer, String id) {
    for (JsonNode each : answer.at("/routes")) {
      if (each.at("/id").asText().equals(id)) {
        return each;
      }
    }
    return MissingNode.getInstance();
  }

  private static void awaitLog(CaravanProcess daemon, String pattern) {
    Awaitility.await(pattern)
        .atMost(SOON)
        .untilAsserted(() -> assertThat(daemon.err()).containsPattern(pattern));
  }

  private static int count(String text, String part) {
    return text.split(part, -1).length - 1;
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
