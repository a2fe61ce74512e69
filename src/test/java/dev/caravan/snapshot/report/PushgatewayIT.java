package dev.caravan.snapshot.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.lab.Prometheus;
import dev.caravan.lab.PushgatewayServer;
import dev.caravan.snapshot.report.MoverReport.Operation;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reports of movers, in a real Pushgateway. */
class PushgatewayIT {

  @TempDir Path folder;

  private static void publish(URI address, MoverReport report) {
    ReportSettings settings =
        ReportSettings.read(
            Map.of("PUSHGATEWAY_URL", address.toString()),
            problem -> {
              throw new AssertionError(problem);
            });
    new ReportExport(settings).publish(report);
  }

  private static MoverReport other(String backup, String namespace) {
    MoverReport one = ReportExportTest.report(Operation.BACKUP, true, 1);
    return new MoverReport(
        one.operation(),
        true,
        backup,
        namespace,
        one.startedAt(),
        one.endedAt(),
        one.amounts(),
        Map.of());
  }

  @Test
  void countersRiseFromProcessToProcessAndBackupsStayApart() throws Exception {
    try (PushgatewayServer gateway = PushgatewayServer.start(folder)) {
      publish(gateway.address(), ReportExportTest.report(Operation.BACKUP, true, 3));
      publish(gateway.address(), ReportExportTest.report(Operation.BACKUP, false, 9));
      publish(gateway.address(), ReportExportTest.report(Operation.BACKUP, true, 5));
      publish(gateway.address(), ReportExportTest.report(Operation.VERIFY, true, 2));
      publish(gateway.address(), other("backups", "shop"));
      publish(gateway.address(), other("backups", ""));
      String metrics = gateway.metrics();
      String backup = "backup=\"backups/team \\\"a\\\"/db\"";
      assertThat(metrics)
          .contains(
              "datamover_data_sync_operations_total{"
                  + backup
                  + ",instance=\"\",job=\"datamover\",namespace=\"shop\",status=\"success\"} 2\n",
              "datamover_data_sync_operations_total{"
                  + backup
                  + ",instance=\"\",job=\"datamover\",namespace=\"shop\",status=\"failure\"} 1\n",
              "datamover_phase_duration_seconds_sum{"
                  + backup
                  + ",instance=\"\",job=\"datamover\",namespace=\"shop\",phase=\"Backup\"} 17\n",
              "namespace=\"shop\",phase=\"Backup\",le=\"4\"} 1\n",
              "namespace=\"shop\",phase=\"Backup\",le=\"8\"} 2\n",
              "namespace=\"shop\",phase=\"Backup\",le=\"+Inf\"} 3\n",
              "error_type=\"network\",instance=\"\",job=\"datamover\",namespace=\"shop\","
                  + "phase=\"Backup\"} 2\n",
              "datamover_data_sync_operations_total{backup=\"backups\",instance=\"\","
                  + "job=\"datamover\",namespace=\"shop\",status=\"success\"} 1\n",
              "datamover_data_sync_operations_total{backup=\"backups\",instance=\"\","
                  + "job=\"datamover\",status=\"success\"} 1\n")
          .contains("push_failure_time_seconds{" + backup + ",instance=\"\",job=\"datamover\"");
      Path dump = Files.writeString(folder.resolve("metrics.txt"), ours(metrics));
      Process check =
          new ProcessBuilder("promtool", "check", "metrics")
              .redirectInput(dump.toFile())
              .redirectErrorStream(true)
              .start();
      String complaint = new String(check.getInputStream().readAllBytes());
      assertThat(check.waitFor()).as(complaint).isZero();
    }
  }

  @Test
  void whatPrometheusReadsHasTheNamespaceOfTheMover() throws Exception {
    try (PushgatewayServer gateway = PushgatewayServer.start(folder);
        Prometheus prometheus =
            Prometheus.start(
                folder, Map.of("pushgateway", gateway.address().resolve("/metrics")))) {
      publish(gateway.address(), other("backups/db", "shop"));
      Awaitility.await()
          .until(
              () ->
                  !prometheus
                      .query(
                          "datamover_data_sync_operations_total"
                              + "{job=\"datamover\",namespace=\"shop\",status=\"success\"} == 1")
                      .isEmpty());
    }
  }

  /** The gateway's own lines are its own affair. */
  private static String ours(String metrics) {
    StringBuilder text = new StringBuilder();
    metrics
        .lines()
        .filter(line -> line.matches("(# (HELP|TYPE) )?(datamover|caravan_mover)_.*"))
        .forEach(line -> text.append(line).append('\n'));
    return text.toString();
  }
}
