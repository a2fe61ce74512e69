package dev.caravan.snapshot.report;

import dev.caravan.snapshot.report.Exposition.Family;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is counted of movers, under the names of the upstream operator and our own.
 *
 * <p>A process that ends after one run has nothing to count on: what was published before is read
 * again, and this run is added to it, so that a counter never falls and never stays at 1.
 */
final class MoverMeters {

  private static final String OPERATIONS = "datamover_operations_total";
  private static final String SYNCS = "datamover_data_sync_operations_total";
  private static final String DURATION = "datamover_phase_duration_seconds";
  private static final String ERRORS = "datamover_errors_total";
  private static final String OURS = "caravan_mover_";

  /** Upstream's end at 512 s, which a backup soon exceeds; these go to 18 hours. */
  private static final int DURATION_BUCKETS = 17;

  /** All of them, in the order in which they are published. */
  static final List<Family> FAMILIES =
      List.of(
          new Family(OPERATIONS, "counter", "Runs of the mover that ended"),
          new Family(SYNCS, "counter", "Backups that ended"),
          new Family(DURATION, "histogram", "How long runs of the mover took"),
          new Family(ERRORS, "counter", "What went wrong in runs of the mover"),
          gauge("last_run_timestamp_seconds", "When the last run ended, in Unix time"),
          gauge("last_success_timestamp_seconds", "When a run last succeeded; 0 for never"),
          gauge("last_run_success", "1 when the last run succeeded, 0 when it failed"),
          gauge("last_run_duration_seconds", "How long the last run took"),
          gauge("files", "Files in the backup at the last run"),
          gauge("bytes", "Their sizes"),
          gauge("uploaded_files", "Files that the last run sent, or brought back"),
          gauge("uploaded_bytes", "Their sizes"),
          gauge("copied_files", "Files that the server copied in the last run"),
          gauge("problems", "Files that the last run could not read, send, bring or verify"));

  private MoverMeters() {}

  private static Family gauge(String name, String help) {
    return new Family(OURS + name, "gauge", help);
  }

  /** True for a line that a run of any backup may have published. */
  static boolean isOurs(Series series) {
    return FAMILIES.stream().anyMatch(family -> family.owns(series.name()));
  }

  /** True for a line that a run of the same backup may have published before. */
  static boolean isOf(Series series, MoverReport report) {
    return series.label("backup").equals(report.backup())
        && series.label("namespace").equals(report.namespace())
        && isOurs(series);
  }

  /** What is to be published now, given what was published before. */
  static SortedMap<Series, Double> after(Map<Series, Double> before, MoverReport report) {
    SortedMap<Series, Double> values = new TreeMap<>();
    before.forEach((series, value) -> values.put(bare(series), value));
    count(values, report);
    time(values, report);
    describe(values, report);
    return values;
  }

  /** Without the labels that a Pushgateway adds. */
  private static Series bare(Series series) {
    SortedMap<String, String> labels = new TreeMap<>(series.labels());
    labels.keySet().removeAll(List.of("job", "instance"));
    return new Series(series.name(), labels);
  }

  private static void count(SortedMap<Series, Double> values, MoverReport report) {
    String status = report.succeeded() ? "success" : "failure";
    boolean isBackup = report.operation() == MoverReport.Operation.BACKUP;
    for (String each : List.of("success", "failure")) {
      // Both begin at 0, so that the first failure is seen as a rise.
      double one = each.equals(status) ? 1 : 0;
      Series phase = series(OPERATIONS, report).with("phase", report.operation().phase());
      add(values, phase.with("status", each), one);
      add(values, series(SYNCS, report).with("status", each), isBackup ? one : 0);
    }
    report
        .errors()
        .forEach(
            (name, times) ->
                add(
                    values,
                    series(ERRORS, report)
                        .with("phase", report.operation().phase())
                        .with("error_type", name),
                    times));
  }

  private static void time(SortedMap<Series, Double> values, MoverReport report) {
    String phase = report.operation().phase();
    double seconds = report.duration().toMillis() / 1e3;
    Series bucket = series(DURATION + "_bucket", report).with("phase", phase);
    for (int i = 0; i < DURATION_BUCKETS; i++) {
      long limit = 1L << i;
      add(values, bucket.with("le", Long.toString(limit)), seconds <= limit ? 1 : 0);
    }
    add(values, bucket.with("le", "+Inf"), 1);
    add(values, series(DURATION + "_sum", report).with("phase", phase), seconds);
    add(values, series(DURATION + "_count", report).with("phase", phase), 1);
  }

  private static void describe(SortedMap<Series, Double> values, MoverReport report) {
    double end = seconds(report.endedAt());
    values.put(ours("last_run_timestamp_seconds", report), end);
    values.merge(
        ours("last_success_timestamp_seconds", report),
        report.succeeded() ? end : 0,
        (old, now) -> report.succeeded() ? now : old);
    values.put(ours("last_run_success", report), report.succeeded() ? 1.0 : 0.0);
    values.put(ours("last_run_duration_seconds", report), report.duration().toMillis() / 1e3);
    Optional<MoverReport.Amounts> amounts = report.amounts();
    // What the backup held before one that failed, it still holds.
    if (report.succeeded() || report.operation() != MoverReport.Operation.BACKUP) {
      amount(values, ours("files", report), amounts.map(MoverReport.Amounts::files));
      amount(values, ours("bytes", report), amounts.map(MoverReport.Amounts::bytes));
    }
    amount(values, ours("uploaded_files", report), amounts.map(MoverReport.Amounts::uploaded));
    amount(values, ours("uploaded_bytes", report), amounts.map(MoverReport.Amounts::uploadedBytes));
    amount(values, ours("copied_files", report), amounts.map(MoverReport.Amounts::copied));
    amount(values, ours("problems", report), amounts.map(MoverReport.Amounts::problems));
  }

  /** What nobody counted is not there, rather than 0 or what was true before. */
  private static void amount(
      SortedMap<Series, Double> values, Series series, Optional<Long> amount) {
    amount.ifPresentOrElse(
        known -> values.put(series, (double) known), () -> values.remove(series));
  }

  private static double seconds(Instant at) {
    return at.toEpochMilli() / 1e3;
  }

  private static Series ours(String name, MoverReport report) {
    return series(OURS + name, report).with("operation", report.operation().label());
  }

  private static Series series(String name, MoverReport report) {
    Series made = Series.of(name, Map.of("backup", report.backup()));
    // An empty label is no label, and reads back as none.
    return report.namespace().isEmpty() ? made : made.with("namespace", report.namespace());
  }

  private static void add(SortedMap<Series, Double> values, Series series, double more) {
    values.merge(series, more, Double::sum);
  }
}
