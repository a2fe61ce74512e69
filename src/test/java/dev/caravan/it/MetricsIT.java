package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.lab.Ports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the page on metrics lists is what a running Caravan says, name by name. */
class MetricsIT {

  private static final Path PAGE = Path.of("docs", "metrics.md");
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `(caravan_\\w+)` \\| (\\w+) \\|([^|]*)\\|");
  private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (\\S+) (\\w+)$");

  @TempDir Path folder;

  @Test
  void everyMetricIsOnThePageAndEveryOneOnThePageIsThere() throws Exception {
    // Nobody listens there: that a ping failed is counted as well.
    String ping = "alerts.ping_url=http://127.0.0.1:" + Ports.free() + "/ping";
    CaravanSetup caravan = CaravanSetup.in(folder).mirror(ping, archive());
    Trees.write(caravan.store().resolve("secret-name.txt"), "12345");
    try (CaravanProcess daemon = caravan.start()) {
      daemon.await(
          "/api/storage",
          Duration.ofSeconds(30),
          answer -> answer.json().at("/remotes/0/verified").asInt() == 1);
      assertThat(daemon.sync("{}").status()).isEqualTo(200);
      String text =
          daemon
              .await(
                  "/observe/metrics",
                  Duration.ofSeconds(30),
                  answer -> answer.body().contains("caravan_alert_messages_total"))
              .body();
      assertThat(said(text)).isEqualTo(documented());
      assertThat(text).doesNotContain("secret-name");
      assertThat(text)
          .contains("caravan_files{state=\"synced\"} 1.0")
          .contains("caravan_bytes{state=\"synced\"} 5.0")
          .contains(
              "caravan_objects_total{operation=\"sync\",outcome=\"uploaded\",remote=\"disk\"} 1.0")
          .contains("caravan_transferred_bytes_total{direction=\"upload\",remote=\"disk\"}")
          .contains("caravan_restores_total{outcome=\"restored\"} 0.0")
          .containsPattern("caravan_runs_total\\{operation=\"sync\",state=\"succeeded\"\\} [1-9]")
          .containsPattern(
              "caravan_last_success_timestamp_seconds"
                  + "\\{operation=\"sync\",remote=\"disk\"\\} 1\\.");
      assertThat(daemon.get("/observe/health/ready").json().at("/reasons")).isEmpty();
    }
  }

  private String archive() {
    return "archives=[{name: a, remote_basedir: %s, db_path: %s}]"
        .formatted(folder, folder.resolve("queue.db"));
  }

  /** Names with their type and labels. */
  private static Map<String, String> documented() throws Exception {
    Map<String, String> found = new TreeMap<>();
    Matcher row = ROW.matcher(Files.readString(PAGE));
    while (row.find()) {
      String labels =
          Arrays.stream(row.group(3).split(","))
              .map(label -> label.replace("`", "").strip())
              .filter(label -> !label.isEmpty())
              .sorted()
              .collect(Collectors.joining(","));
      found.put(row.group(1), row.group(2) + " " + labels);
    }
    return found;
  }

  private static Map<String, String> said(String text) {
    Map<String, String> found = new TreeMap<>();
    Matcher type = TYPE.matcher(text);
    while (type.find()) {
      String name = type.group(1);
      TreeSet<String> labels = new TreeSet<>();
      Matcher sample =
          Pattern.compile("(?m)^" + name + "(?:_count|_sum)?\\{([^}]*)\\}").matcher(text);
      while (sample.find()) {
        Matcher label = Pattern.compile("(\\w+)=\"").matcher(sample.group(1));
        while (label.find()) {
          labels.add(label.group(1));
        }
      }
      found.put(name, type.group(2) + " " + String.join(",", labels));
    }
    return found;
  }
}
