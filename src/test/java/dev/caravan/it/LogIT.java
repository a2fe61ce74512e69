package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log: one screen at the start, one line a cycle, and no secret. */
class LogIT {

  private static final String TOKEN = "a-token-that-is-secret-enough";

  @TempDir Path folder;

  @Test
  void theStartIsOneScreenAndAQuietCycleOneLine() throws Exception {
    CaravanSetup caravan =
        CaravanSetup.in(folder).mirror("http.auth_token=" + TOKEN, "store.watch=false");
    Trees.write(caravan.store().resolve("a"), "x");
    try (CaravanProcess daemon = caravan.start().withToken(TOKEN)) {
      awaitMirrored(daemon);
      String id = daemon.sync("{}").json().at("/run_id").asText();
      String log = daemon.err();
      assertThat(log.lines())
          .as(log)
          .hasSizeLessThan(30)
          .allMatch(line -> line.matches("\\d{4}-\\d\\d-\\d\\dT[0-9:.]{12}Z [A-Z]+ .*"));
      assertThat(log)
          .contains("Caravan ")
          .contains("store    " + caravan.store())
          .contains("remote   disk: dir:")
          .contains("routes   sync.camel.yaml <- ")
          .contains("address  http://127.0.0.1:" + caravan.port());
      assertThat(log.lines().filter(line -> line.contains("run=" + id)))
          .singleElement()
          .asString()
          .contains("Sync succeeded");
      assertThat(log).doesNotContain(TOKEN);
    }
  }

  @Test
  void asJsonEachLineIsAnObjectAndThoseOfARunCarryItsId() throws Exception {
    CaravanSetup caravan = CaravanSetup.in(folder).mirror("log.format=json", "store.watch=false");
    for (int i = 0; i < 20; i++) {
      Trees.write(caravan.store().resolve("f" + i), "x" + i);
    }
    Trees.write(caravan.remote().resolve("f0/in-the-way"), "x");
    try (CaravanProcess daemon = caravan.start()) {
      awaitMirrored(daemon);
      ObjectMapper json = new ObjectMapper();
      List<JsonNode> lines = new ArrayList<>();
      for (String line : daemon.err().lines().toList()) {
        lines.add(json.readTree(line));
      }
      assertThat(lines)
          .isNotEmpty()
          .allSatisfy(
              line -> {
                assertThat(line.at("/time").asText()).matches("[0-9T:.-]{23}Z");
                assertThat(line.at("/level").asText()).isNotEmpty();
                assertThat(line.at("/message").asText()).isNotEmpty();
              })
          .filteredOn(line -> line.at("/logger").asText().equals("caravan.run"))
          .isNotEmpty()
          .allSatisfy(line -> assertThat(line.at("/run_id").asText()).isNotEmpty());
    }
  }

  @Test
  void theEnvironmentGoesBeforeTheFile() {
    CaravanSetup caravan =
        CaravanSetup.in(folder)
            .mirror("log.format=json", "log.level=debug", "store.watch=false")
            .env("CARAVAN_LOG", "text")
            .env("CARAVAN_LOG_LEVEL", "warn");
    try (CaravanProcess daemon = caravan.start()) {
      assertThat(daemon.err()).as("nothing to warn of").isEmpty();
    }
  }

  private static void awaitMirrored(CaravanProcess daemon) {
    daemon.await(
        "/api/storage",
        Duration.ofSeconds(30),
        answer ->
            answer.status() == 200
                && answer.json().at("/files/total").asInt() > 0
                && answer.json().at("/remotes/0/verified").asInt()
                    == answer.json().at("/files/total").asInt());
  }
}
