package dev.caravan.control;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.ItemRow;
import dev.caravan.catalog.RunRow;
import dev.caravan.catalog.RunTable;
import dev.caravan.catalog.RunView;
import dev.caravan.event.Operation;
import dev.caravan.event.RunId;
import dev.caravan.event.RunState;
import dev.caravan.sync.view.Cursor;
import dev.caravan.sync.view.StorageViews;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/** The steps that answer with lists, a page at a time; registered as the bean {@code lists}. */
public final class ListSteps {

  private static final int FILES_MAX = 1_000;
  private static final int FOLDERS_MAX = 10_000;
  private static final int ITEMS_MAX = 10_000;
  private static final int RUNS_MAX = 1_000;

  /** Runs carry their log's tail; a page of them ends early rather than grow without bound. */
  private static final int RUNS_MAX_CHARS = 2 << 20;

  private final Catalog catalog;
  private final StorageViews views;

  /** The states of files, and of items, as words of the API. */
  private enum FileState {
    LOCAL,
    SYNCED,
    PURGED,
    FAILED
  }

  private enum ItemState {
    PLANNED,
    DONE,
    SKIPPED,
    FAILED
  }

  public ListSteps(Catalog catalog, StorageViews views) {
    this.catalog = catalog;
    this.views = views;
  }

  public void files(Exchange exchange) {
    Request request = Request.of(exchange, "prefix", "state", "limit", "cursor");
    Optional<String> state = request.word("state", FileState.class).map(ListSteps::label);
    int limit = request.number("limit", 100, 1, FILES_MAX);
    String prefix = request.text("prefix").orElse("");
    String cursor = request.text("cursor").orElse("");
    Answers.json(exchange, 200, orInvalid(() -> views.files(prefix, state, cursor, limit)));
  }

  private static String label(Enum<?> word) {
    return word.name().toLowerCase(Locale.ROOT);
  }

  /** Something that a cursor is read for. */
  private interface Paged<T> {
    T page();
  }

  private static <T> T orInvalid(Paged<T> paged) {
    try {
      return paged.page();
    } catch (IllegalArgumentException e) {
      throw new ApiFault(422, String.valueOf(e.getMessage()));
    }
  }

  public void inventory(Exchange exchange) {
    Request request = Request.of(exchange, "limit", "cursor");
    int limit = request.number("limit", FOLDERS_MAX, 1, FOLDERS_MAX);
    String cursor = request.text("cursor").orElse("");
    Answers.json(exchange, 200, orInvalid(() -> views.inventory(cursor, limit)));
  }

  public void runs(Exchange exchange) {
    Request request = Request.of(exchange, "operation", "state", "limit", "cursor");
    Optional<Operation> operation = request.word("operation", Operation.class);
    Optional<RunState> state = request.word("state", RunState.class);
    int limit = request.number("limit", 50, 1, RUNS_MAX);
    long before = before(Cursor.Of.RUNS, request, Long.MAX_VALUE);
    List<RunTable.Placed> rows = catalog.runs().page(operation, state, before, limit + 1);
    List<Map<String, @Nullable Object>> runs = new ArrayList<>();
    long chars = 0;
    for (RunTable.Placed row : rows.subList(0, Math.min(limit, rows.size()))) {
      chars += row.run().report().length();
      if (chars > RUNS_MAX_CHARS && !runs.isEmpty()) {
        break;
      }
      runs.add(RunView.of(row.run()));
    }
    boolean more = runs.size() < rows.size();
    answer(
        exchange,
        "runs",
        runs,
        more ? Optional.of(rows.get(runs.size() - 1).seq()) : Optional.empty(),
        Cursor.Of.RUNS);
  }

  private static long before(Cursor.Of list, Request request, long first) {
    String cursor = request.text("cursor").orElse("");
    return orInvalid(() -> Cursor.readNumber(list, cursor, first));
  }

  private static void answer(
      Exchange exchange,
      String name,
      List<Map<String, @Nullable Object>> page,
      Optional<Long> last,
      Cursor.Of list) {
    Map<String, @Nullable Object> answer = new LinkedHashMap<>();
    answer.put(name, page);
    answer.put("next_cursor", last.map(seq -> Cursor.after(list, seq.toString())).orElse(null));
    Answers.json(exchange, 200, answer);
  }

  public void run(Exchange exchange) {
    Answers.json(exchange, 200, RunView.of(runOf(catalog, Request.of(exchange))));
  }

  /** The run that the path names. */
  static RunRow runOf(Catalog catalog, Request request) {
    String id = request.segment(2);
    try {
      Optional<RunRow> run = catalog.runs().find(new RunId(id));
      return run.orElseThrow(() -> new ApiFault(404, "There is no run '%s'".formatted(id)));
    } catch (IllegalArgumentException e) {
      throw new ApiFault(404, "There is no run of that id");
    }
  }

  public void items(Exchange exchange) {
    Request request = Request.of(exchange, "state", "limit", "cursor");
    Optional<String> state = request.word("state", ItemState.class).map(ListSteps::label);
    int limit = request.number("limit", 100, 1, ITEMS_MAX);
    long after = before(Cursor.Of.ITEMS, request, 0);
    RunRow run = runOf(catalog, request);
    List<ItemRow> rows = catalog.items().list(run.id(), state, after, limit + 1);
    List<Map<String, @Nullable Object>> items = new ArrayList<>();
    rows.stream().limit(limit).forEach(row -> items.add(StorageViews.item(row)));
    Optional<Long> last =
        rows.size() > limit ? Optional.of(rows.get(limit - 1).seq()) : Optional.empty();
    answer(exchange, "items", items, last, Cursor.Of.ITEMS);
  }
}
