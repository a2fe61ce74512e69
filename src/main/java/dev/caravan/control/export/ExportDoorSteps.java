package dev.caravan.control.export;

import dev.caravan.catalog.export.ExportRow;
import dev.caravan.catalog.export.ExportState;
import dev.caravan.control.Answers;
import dev.caravan.control.ApiFault;
import dev.caravan.control.Request;
import dev.caravan.dgraph.Exports;
import dev.caravan.sync.view.Cursor;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/** The steps behind {@code /api/exports}; registered as the bean {@code exports}. */
public final class ExportDoorSteps {

  private static final int PAGE_MAX = 1_000;

  private final Optional<Exports> exports;

  /**
   * @param exports empty where no proxy is configured: then there are none
   */
  public ExportDoorSteps(Optional<Exports> exports) {
    this.exports = exports;
  }

  /** {@code GET /api/exports}. */
  public void list(Exchange exchange) {
    Request request = Request.of(exchange, "state", "limit", "cursor");
    Optional<ExportState> state = request.word("state", ExportState.class);
    int limit = request.number("limit", 50, 1, PAGE_MAX);
    long before = before(request);
    List<ExportRow> rows =
        exports.map(each -> each.page(state, before, limit + 1)).orElse(List.of());
    List<ExportRow> page = rows.subList(0, Math.min(limit, rows.size()));
    Map<String, @Nullable Object> answer = new LinkedHashMap<>();
    answer.put("exports", page.stream().map(ExportDoorSteps::view).toList());
    answer.put("next_cursor", rows.size() > limit ? cursorAfter(page) : null);
    Answers.json(exchange, 200, answer);
  }

  private static String cursorAfter(List<ExportRow> page) {
    return Cursor.after(Cursor.Of.EXPORTS, Long.toString(page.get(page.size() - 1).id()));
  }

  private static long before(Request request) {
    try {
      String cursor = request.text("cursor").orElse("");
      return Cursor.readNumber(Cursor.Of.EXPORTS, cursor, Long.MAX_VALUE);
    } catch (IllegalArgumentException e) {
      throw new ApiFault(422, String.valueOf(e.getMessage()));
    }
  }

  /** {@code POST /api/exports/{id}/retry}. */
  public void retry(Exchange exchange) {
    String text = Request.of(exchange).segment(2);
    Optional<ExportRow> row =
        text.matches("[0-9]{1,18}")
            ? exports.flatMap(each -> each.find(Long.parseLong(text)))
            : Optional.empty();
    if (row.isEmpty()) {
      throw new ApiFault(404, "There is no export of that id");
    }
    if (!exports.orElseThrow().retry(row.get().id())) {
      throw new ApiFault(
          409,
          "Export %d is %s: there is nothing to try again"
              .formatted(row.get().id(), row.get().state().label()));
    }
    Map<String, Object> ticket = new LinkedHashMap<>();
    ticket.put("export_id", row.get().id());
    ticket.put("status", "queued");
    Answers.json(exchange, 202, ticket);
  }

  private static Map<String, @Nullable Object> view(ExportRow row) {
    Map<String, @Nullable Object> view = new LinkedHashMap<>();
    view.put("export_id", row.id());
    view.put("task_id", row.taskId().orElse(null));
    view.put("state", row.state().label());
    view.put("format", row.ask().format());
    view.put("destination", row.ask().destination().orElse(null));
    view.put("requested_at", time(row.ask().atMillis()));
    view.put("changed_at", time(row.task().changedMillis()));
    view.put("task_ended_at", row.task().endedMillis().map(ExportDoorSteps::time).orElse(null));
    view.put("read_ts", row.task().readTs().orElse(null));
    view.put("folder", row.task().folder().orElse(null));
    view.put("attempts", row.attempts());
    view.put("run_id", row.runId().orElse(null));
    view.put("message", row.error().orElse(null));
    return view;
  }

  /** Always with three decimals. */
  private static String time(long millis) {
    String text = Instant.ofEpochMilli(millis).truncatedTo(ChronoUnit.MILLIS).toString();
    return text.contains(".") ? text : text.replace("Z", ".000Z");
  }
}
