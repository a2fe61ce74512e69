package dev.caravan.catalog;

import dev.caravan.event.RunState;
import dev.caravan.json.Json;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A run in the shape in which programs see it: the API, the hooks, the command line. */
public final class RunView {

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private RunView() {}

  public static Map<String, @Nullable Object> of(RunRow run) {
    Map<String, @Nullable Object> view = new LinkedHashMap<>();
    view.put("run_id", run.id().value());
    view.put("operation", run.operation().label());
    view.put("trigger", run.trigger().label());
    view.put("state", run.state().label());
    view.put("dry_run", run.dryRun());
    view.put("requested_at", time(run.requestedMillis()));
    view.put("started_at", time(run.startedMillis()));
    view.put("ended_at", time(run.endedMillis()));
    view.put("error", run.error().orElse(null));
    view.putAll(emptyReport());
    view.putAll(report(run.report()));
    if (run.state().isEnded()) {
      view.computeIfPresent("remotes", (key, remotes) -> ended(remotes, run.state().label()));
    }
    return view;
  }

  /**
   * The most wanted of a run, as the hooks get it beside the whole.
   *
   * @param view of the run
   * @return by name, such as {@code CamelCaravanRunId}
   */
  public static Map<String, @Nullable Object> headers(Map<String, @Nullable Object> view) {
    Map<String, @Nullable Object> headers = new LinkedHashMap<>();
    headers.put("CamelCaravanRunId", view.get("run_id"));
    headers.put("CamelCaravanOperation", view.get("operation"));
    headers.put("CamelCaravanTrigger", view.get("trigger"));
    headers.put("CamelCaravanState", view.get("state"));
    return headers;
  }

  /** A run that was killed could not write how it ended for its remotes: it ended so for each. */
  private static Object ended(Object remotes, String state) {
    Map<Object, @Nullable Object> all = new LinkedHashMap<>();
    ((Map<?, ?>) remotes)
        .forEach(
            (name, remote) -> {
              Map<Object, @Nullable Object> each = new LinkedHashMap<>((Map<?, ?>) remote);
              each.replace("state", RunState.RUNNING.label(), state);
              all.put(name, each);
            });
    return all;
  }

  /** RFC 3339 in UTC with milliseconds; null for 0, which means never. */
  public static @Nullable String time(long millis) {
    return millis == 0 ? null : TIME.format(Instant.ofEpochMilli(millis));
  }

  private static Map<String, @Nullable Object> report(String json) {
    try {
      return Json.read(json);
    } catch (IOException e) {
      throw new IllegalStateException("A run's report in the catalog is not JSON", e);
    }
  }

  private static Map<String, Object> progress() {
    Map<String, Object> progress = new LinkedHashMap<>();
    progress.put("done", 0);
    progress.put("total", 0);
    progress.put("unit", "files");
    progress.put("bytes_done", 0);
    progress.put("bytes_total", 0);
    return progress;
  }

  private static Map<String, @Nullable Object> emptyReport() {
    Map<String, Long> counts = new LinkedHashMap<>();
    for (RunCount count : RunCount.values()) {
      counts.put(count.label(), 0L);
    }
    Map<String, @Nullable Object> report = new LinkedHashMap<>();
    report.put("progress", progress());
    report.put("counts", counts);
    report.put("bytes", 0L);
    report.put("remotes", Map.of());
    report.put("log_tail", List.of());
    return report;
  }
}
