package dev.caravan.snapshot.report;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.caravan.lab.WebSink;
import dev.caravan.snapshot.report.MoverReport.Amounts;
import dev.caravan.snapshot.report.MoverReport.Operation;
import java.io.BufferedReader;
import java.io.StringReader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What a mover that ends leaves for Prometheus, and that nothing there can harm the mover. */
class ReportExportTest {

  private static final Instant BEGAN = Instant.parse("2026-11-21T02:00:00Z");
  private static final Duration LIMIT = Duration.ofSeconds(20);

  @TempDir Path folder;
  private final Logger log = (Logger) LoggerFactory.getLogger("caravan.datamover");
  private final ListAppender<ILoggingEvent> logged = new ListAppender<>();

  @BeforeEach
  void listen() {
    logged.start();
    log.setLevel(Level.WARN);
    log.addAppender(logged);
    log.setAdditive(false);
  }

  @AfterEach
  void stopListening() {
    log.detachAppender(logged);
    log.setLevel(null);
    log.setAdditive(true);
  }

  static MoverReport report(Operation operation, boolean succeeded, int seconds) {
    return new MoverReport(
        operation,
        succeeded,
        "backups/team \"a\"/db",
        "shop",
        BEGAN,
        BEGAN.plusSeconds(seconds),
        Optional.of(succeeded ? new Amounts(10, 1_000, 3, 300, 7, 0) : Amounts.NONE),
        succeeded ? Map.of() : Map.of("network", 2L));
  }

  private static ReportExport exportTo(Path file) {
    return new ReportExport(
        new ReportSettings(Optional.empty(), Optional.empty(), Optional.of(file)), LIMIT);
  }

  private static String labels(String more) {
    return "{backup=\"backups/team \\\"a\\\"/db\",%snamespace=\"shop\"%s"
        .formatted(more.isEmpty() ? "" : more + ",", "");
  }

  private void publish(String address, MoverReport report) throws Exception {
    publish(address, report, LIMIT);
  }

  private void publish(String address, MoverReport report, Duration limit) throws Exception {
    List<String> problems = new ArrayList<>();
    ReportSettings settings =
        ReportSettings.read(Map.of("PUSHGATEWAY_URL", address), problems::add);
    assertThat(problems).isEmpty();
    new ReportExport(settings, limit).publish(report);
  }

  private List<String> lines() {
    return logged.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  @Test
  void aGatewayGetsTheWholeGroupOfTheBackup() throws Exception {
    try (WebSink sink = new WebSink()) {
      publish(sink.at("/").toString(), report(Operation.BACKUP, true, 3));
      assertThat(sink.lines())
          .containsExactly(
              "GET /metrics",
              "PUT /metrics/job/datamover/namespace@base64/c2hvcA=="
                  + "/backup@base64/YmFja3Vwcy90ZWFtICJhIi9kYg==");
      assertThat(sink.got().get(1).body())
          .contains(
              "datamover_data_sync_operations_total" + labels("") + ",status=\"success\"} 1\n",
              "datamover_data_sync_operations_total" + labels("") + ",status=\"failure\"} 0\n",
              ",phase=\"Backup\",status=\"success\"} 1\n",
              "caravan_mover_files" + labels("") + ",operation=\"backup\"} 10\n",
              "caravan_mover_last_success_timestamp_seconds"
                  + labels("")
                  + ",operation=\"backup\"} "
                  + BEGAN.plusSeconds(3).getEpochSecond()
                  + "\n");
      assertThat(lines()).isEmpty();
    }
  }

  @Test
  void theUserOfAGatewayIsSentAsAHeaderAndIsNeverLogged() throws Exception {
    try (WebSink sink = new WebSink()) {
      String address = sink.at("/base/").toString().replace("://", "://me:hidden%20word@");
      publish(address, report(Operation.BACKUP, true, 3));
      assertThat(sink.got().get(0).header("Authorization")).isEqualTo("Basic bWU6aGlkZGVuIHdvcmQ=");
      assertThat(sink.lines().get(0)).isEqualTo("GET /base/metrics");
      sink.answers(500);
      publish(address, report(Operation.BACKUP, true, 3));
    }
    assertThat(lines())
        .singleElement()
        .asString()
        .contains("127.0.0.1", "500")
        .doesNotContain("hidden", "me:");
  }

  @Test
  void aGatewayThatFailsHangsOrIsNotThereCostsOneLineAndLittleTime() throws Exception {
    URI gone;
    try (WebSink sink = new WebSink()) {
      gone = sink.at("");
      sink.answers(503);
      publish(sink.at("").toString(), report(Operation.BACKUP, true, 3));
      assertThat(sink.lines()).as("no push without the counters").containsExactly("GET /metrics");
      sink.redirects(URI.create("http://example.invalid/"));
      publish(sink.at("").toString(), report(Operation.BACKUP, true, 3));
      sink.hangs();
      long began = System.nanoTime();
      publish(sink.at("").toString(), report(Operation.BACKUP, true, 3), Duration.ofMillis(300));
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(9));
    }
    publish(gone.toString(), report(Operation.BACKUP, true, 3));
    assertThat(lines()).hasSize(4);
    assertThat(lines().get(0)).contains("it answers 503 to GET");
    assertThat(lines().get(1)).contains("it answers 302");
    assertThat(lines().get(2)).contains("no answer within");
    assertThat(lines().get(3)).contains("Connect");
  }

  @Test
  void anAnswerWithoutEndIsLeft() throws Exception {
    try (WebSink sink = new WebSink()) {
      sink.isEndless();
      publish(sink.at("").toString(), report(Operation.BACKUP, true, 3));
    }
    assertThat(lines()).singleElement().asString().containsAnyOf("16 MiB", "no answer within");
  }

  @Test
  void aBackupThatFailsHoldsWhatItHeld() throws Exception {
    Path file = folder.resolve("datamover.prom");
    ReportExport export = exportTo(file);
    String files = "caravan_mover_files" + labels("") + ",operation=\"backup\"}";
    export.publish(report(Operation.BACKUP, false, 3));
    assertThat(read(file)).doesNotContainKey(files);
    export.publish(report(Operation.BACKUP, true, 3));
    assertThat(read(file)).containsEntry(files, 10.0);
    export.publish(report(Operation.BACKUP, false, 3));
    assertThat(read(file))
        .containsEntry(files, 10.0)
        .containsEntry("caravan_mover_bytes" + labels("") + ",operation=\"backup\"}", 1_000.0)
        .containsEntry(
            "caravan_mover_last_run_success" + labels("") + ",operation=\"backup\"}", 0.0);
    assertThat(lines()).isEmpty();
  }

  @Test
  void whatNobodyCountedIsNotPublished() throws Exception {
    Path file = folder.resolve("datamover.prom");
    ReportExport export = exportTo(file);
    MoverReport counted = report(Operation.BACKUP, true, 3);
    export.publish(counted);
    assertThat(read(file))
        .containsEntry("caravan_mover_files" + labels("") + ",operation=\"backup\"}", 10.0);
    export.publish(
        new MoverReport(
            Operation.BACKUP,
            true,
            counted.backup(),
            counted.namespace(),
            BEGAN,
            BEGAN,
            Optional.empty(),
            Map.of()));
    assertThat(read(file))
        .containsEntry(
            "datamover_data_sync_operations_total" + labels("") + ",status=\"success\"}", 2.0);
    assertThat(read(file).keySet())
        .noneMatch(name -> name.matches("caravan_mover_(\\w*files|\\w*bytes|problems).*"));
  }

  @Test
  void theFileCountsOnFromRunToRun() throws Exception {
    Path file = folder.resolve("datamover.prom");
    ReportExport export = exportTo(file);
    export.publish(report(Operation.BACKUP, true, 3));
    export.publish(report(Operation.BACKUP, false, 700));
    export.publish(report(Operation.RESTORE, true, 1));
    MoverReport other =
        new MoverReport(
            Operation.BACKUP, true, "other", "", BEGAN, BEGAN, Optional.of(Amounts.NONE), Map.of());
    export.publish(other);
    Map<String, Double> said = read(file);
    String backup = labels("");
    assertThat(said)
        .containsEntry(
            "datamover_data_sync_operations_total" + backup + ",status=\"success\"}", 1.0)
        .containsEntry(
            "datamover_data_sync_operations_total" + backup + ",status=\"failure\"}", 1.0)
        .containsEntry(
            "datamover_operations_total" + backup + ",phase=\"Restore\",status=\"success\"}", 1.0)
        .containsEntry(
            "datamover_phase_duration_seconds_sum" + backup + ",phase=\"Backup\"}", 703.0)
        .containsEntry("caravan_mover_last_run_success" + backup + ",operation=\"backup\"}", 0.0)
        .containsEntry(
            "caravan_mover_last_success_timestamp_seconds" + backup + ",operation=\"backup\"}",
            (double) BEGAN.plusSeconds(3).getEpochSecond())
        .containsEntry(
            "datamover_data_sync_operations_total{backup=\"other\",status=\"success\"}", 1.0);
    assertThat(Files.readString(file))
        .contains(
            "datamover_errors_total{backup=\"backups/team \\\"a\\\"/db\",error_type=\"network\","
                + "namespace=\"shop\",phase=\"Backup\"} 2\n",
            "le=\"512\",namespace=\"shop\",phase=\"Backup\"} 1\n",
            "le=\"1024\",namespace=\"shop\",phase=\"Backup\"} 2\n");
    try (var there = Files.list(folder)) {
      assertThat(there).containsExactly(file);
    }
    assertThat(lines()).isEmpty();
  }

  @Test
  void aFileThatCannotBeWrittenCostsOneLine() throws Exception {
    Path file = Files.createDirectories(folder.resolve("is-a-folder.prom"));
    new ReportExport(
            new ReportSettings(Optional.empty(), Optional.empty(), Optional.of(file)), LIMIT)
        .publish(report(Operation.BACKUP, true, 3));
    assertThat(lines()).singleElement().asString().contains("is-a-folder.prom");
  }

  @Test
  void everyTextThatIsWrittenCanBeRead() throws Exception {
    SortedMap<Series, Double> values = new TreeMap<>();
    for (String value : List.of("plain", "a\\b", "c\"d", "e\nf", "g},{h=\"i\"", "\\n", "ü🐫", "")) {
      values.put(Series.of("datamover_errors_total", Map.of("backup", value, "z", "1")), 2.5);
    }
    String text = Exposition.write(MoverMeters.FAMILIES, values);
    assertThat(Exposition.read(new BufferedReader(new StringReader(text)), series -> true))
        .isEqualTo(values);
    assertThat(
            Exposition.read(
                new BufferedReader(new StringReader("a{ 1\nb NaN\nc +Inf\nd x\n\n{} 1\ne 1 99\n")),
                series -> true))
        .isEqualTo(new TreeMap<>(Map.of(Series.of("e", Map.of()), 1.0)));
  }

  private static Map<String, Double> read(Path file) throws Exception {
    Map<String, Double> said = new TreeMap<>();
    try (BufferedReader text = Files.newBufferedReader(file)) {
      Exposition.read(text, series -> true).forEach((key, value) -> said.put(key.text(), value));
    }
    return said;
  }
}
