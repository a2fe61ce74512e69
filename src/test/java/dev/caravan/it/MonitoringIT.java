package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.caravan.lab.Ports;
import dev.caravan.lab.Prometheus;
import dev.caravan.lab.PushgatewayServer;
import dev.caravan.snapshot.report.MoverReport;
import dev.caravan.snapshot.report.MoverReport.Amounts;
import dev.caravan.snapshot.report.MoverReport.Operation;
import dev.caravan.snapshot.report.ReportExport;
import dev.caravan.snapshot.report.ReportSettings;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The alert rules and the dashboard, against metrics of real runs and of made-up ones. */
class MonitoringIT {

  private static final Path RULES = Path.of("k8s/monitoring/rules").toAbsolutePath();
  private static final Path DASHBOARD = Path.of("k8s/monitoring/dashboard/caravan.dashboard.json");
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  /** A metric with what is asked of its labels, in an expression. */
  private static final Pattern SELECTOR =
      Pattern.compile("\\b(?:caravan|datamover|push)_\\w+(?:\\{[^}]*\\})?");

  @TempDir Path folder;

  private static List<JsonNode> alerts() throws Exception {
    List<JsonNode> alerts = new ArrayList<>();
    for (String file : List.of("caravan.rules.yaml", "datamover.rules.yaml")) {
      for (JsonNode group : YAML.readTree(RULES.resolve(file).toFile()).path("groups")) {
        group.path("rules").forEach(alerts::add);
      }
    }
    return alerts;
  }

  private static List<String> panels() throws Exception {
    JsonNode dashboard = new ObjectMapper().readTree(DASHBOARD.toFile());
    return dashboard.path("panels").findValuesAsText("expr");
  }

  @Test
  void everyAlertFiresAndClears() throws Exception {
    Prometheus.Said check =
        Prometheus.promtool(RULES, "check", "rules", "caravan.rules.yaml", "datamover.rules.yaml");
    assertThat(check.exitCode()).as(check.text()).isZero();
    Prometheus.Said test = Prometheus.promtool(RULES, "test", "rules", "rules.test.yaml");
    assertThat(test.exitCode()).as(test.text()).isZero();
    JsonNode tests = YAML.readTree(RULES.resolve("rules.test.yaml").toFile()).path("tests");
    for (JsonNode alert : alerts()) {
      String name = alert.path("alert").asText();
      List<Integer> seen = new ArrayList<>();
      for (JsonNode each : tests.findValues("promql_expr_test")) {
        for (JsonNode look : each) {
          if (look.path("expr").asText().contains("alertname=\"" + name + "\"")) {
            seen.add(look.path("exp_samples").size());
          }
        }
      }
      assertThat(seen).as(name).containsExactly(1, 0);
      assertThat(alert.at("/annotations/description").asText()).as(name).isNotEmpty();
    }
  }

  @Test
  void anAlertThatDoesNotFireIsFound() throws Exception {
    String rules = Files.readString(RULES.resolve("caravan.rules.yaml"));
    String tests = Files.readString(RULES.resolve("rules.test.yaml"));
    // The first two alerts will do.
    int third = tests.indexOf("  - name: CaravanSyncFailing");
    Files.writeString(
        folder.resolve("caravan.rules.yaml"),
        rules.replace("caravan_halted == 1", "caravan_halted == 2"));
    Files.writeString(
        folder.resolve("rules.test.yaml"),
        tests.substring(0, third).replace(", datamover.rules.yaml", ""));
    Prometheus.Said test = Prometheus.promtool(folder, "test", "rules", "rules.test.yaml");
    assertThat(test.exitCode()).isNotZero();
    assertThat(test.text()).contains("CaravanHalted");
  }

  @Test
  void everyMetricThatIsNamedIsListed() throws Exception {
    String page = Files.readString(Path.of("docs/metrics.md"));
    Set<String> unknown = new TreeSet<>();
    for (String selector : selectors()) {
      String name = selector.replaceAll("\\{.*", "");
      String family = name.replaceFirst("_(sum|count|bucket)$", "");
      if (!page.contains("`" + name + "`") && !page.contains("`" + family + "`")) {
        unknown.add(name);
      }
    }
    assertThat(unknown).isEmpty();
  }

  private static Set<String> selectors() throws Exception {
    Set<String> found = new TreeSet<>();
    for (JsonNode alert : alerts()) {
      SELECTOR
          .matcher(alert.path("expr").asText())
          .results()
          .forEach(each -> found.add(each.group()));
    }
    for (String panel : panels()) {
      SELECTOR.matcher(plain(panel)).results().forEach(each -> found.add(each.group()));
    }
    assertThat(found).hasSizeGreaterThan(30);
    return found;
  }

  /** With the dashboard's variables set as Grafana sets them for "All". */
  private static String plain(String expression) {
    return expression.replace("$__rate_interval", "10s").replaceAll("\\$(\\w+)", ".*");
  }

  @Test
  void everyExpressionSaysSomethingOfARealRun() throws Exception {
    String ping = "alerts.ping_url=http://127.0.0.1:" + Ports.free() + "/ping";
    String archive =
        "archives=[{name: a, remote_basedir: %s, db_path: %s}]"
            .formatted(folder, folder.resolve("queue.db"));
    CaravanSetup caravan = CaravanSetup.in(folder).mirror(ping, archive);
    Trees.many(caravan.store(), 5, 1_000, 3);
    Path kept = Files.createDirectories(folder.resolve("prometheus"));
    try (PushgatewayServer gateway = PushgatewayServer.start(folder);
        CaravanProcess daemon = caravan.start();
        Prometheus prometheus =
            Prometheus.start(
                kept,
                Map.of(
                    "caravan", URI.create(daemon.at("/observe/metrics")),
                    "pushgateway", gateway.address().resolve("/metrics")))) {
      publish(gateway, Operation.BACKUP, true);
      publish(gateway, Operation.VERIFY, true);
      assertThat(daemon.sync("{}").status()).isEqualTo(200);
      assertThat(daemon.post("/api/storage/check?wait=30", "{\"mode\":\"size\"}").status())
          .isEqualTo(200);
      // A rate needs two looks, and a quotient something between them.
      int[] turn = {0};
      List<String> silent = new ArrayList<>();
      Awaitility.await("data for every expression")
          .atMost(Duration.ofSeconds(40))
          .pollInterval(Duration.ofMillis(500))
          .untilAsserted(
              () -> {
                turn[0]++;
                Trees.write(caravan.store().resolve("more-" + turn[0]), "x");
                daemon.sync("{}");
                publish(gateway, Operation.BACKUP, turn[0] % 2 == 0);
                silent.clear();
                for (String selector : selectors()) {
                  if (prometheus.query(selector).isEmpty()) {
                    silent.add(selector);
                  }
                }
                for (String panel : panels()) {
                  if (prometheus.query(plain(panel)).isEmpty()) {
                    silent.add(plain(panel));
                  }
                }
                assertThat(silent).isEmpty();
              });
      for (JsonNode alert : alerts()) {
        // Whether it holds now or not: Prometheus accepts it, with the data that is there.
        assertThat(prometheus.query(alert.path("expr").asText())).isNotNull();
      }
    }
  }

  private void publish(PushgatewayServer gateway, Operation operation, boolean succeeded) {
    Instant now = Instant.parse("2026-11-21T02:00:00Z");
    ReportSettings settings =
        ReportSettings.read(
            Map.of("PUSHGATEWAY_URL", gateway.address().toString()),
            problem -> {
              throw new AssertionError(problem);
            });
    new ReportExport(settings)
        .publish(
            new MoverReport(
                operation,
                succeeded,
                "backups/db",
                "shop",
                now,
                now.plusSeconds(90),
                Optional.of(new Amounts(100, 10_000, 1, 100, 99, 0)),
                succeeded ? Map.of() : Map.of("network", 1L)));
  }
}
