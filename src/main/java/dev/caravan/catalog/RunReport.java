package dev.caravan.catalog;

import dev.caravan.event.EventContent;
import dev.caravan.json.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a run stands.
 *
 * @param progress what is done, of how much
 * @param counts by the names of {@link RunCount}
 * @param bytes moved to or from remotes
 * @param remotes by name
 * @param logTail the last {@value RunBook#LOG_MAX} lines
 */
public record RunReport(
    EventContent.Progress progress,
    Map<String, Long> counts,
    long bytes,
    Map<String, RemoteReport> remotes,
    List<String> logTail) {

  /** How one remote fares in a run. */
  public record RemoteReport(String state, @Nullable String error) {

    private Map<String, @Nullable Object> fields() {
      Map<String, @Nullable Object> fields = new LinkedHashMap<>();
      fields.put("state", state);
      fields.put("error", error);
      return fields;
    }
  }

  /** As it is stored, and shown. */
  String json() {
    Map<String, Object> named = new LinkedHashMap<>();
    remotes.forEach((name, remote) -> named.put(name, remote.fields()));
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("progress", progress.fields());
    fields.put("counts", counts);
    fields.put("bytes", bytes);
    fields.put("remotes", named);
    fields.put("log_tail", logTail);
    return Json.write(fields);
  }
}
