package dev.caravan.control.archive;

import dev.caravan.archive.ArchiveDesk;
import dev.caravan.archive.ArchiveDesk.Choice;
import dev.caravan.archive.ArchiveRefusal;
import dev.caravan.archive.Archives;
import dev.caravan.archive.queue.QueueRow.State;
import dev.caravan.control.Answers;
import dev.caravan.control.ApiFault;
import dev.caravan.control.Body;
import dev.caravan.control.Body.Kind;
import dev.caravan.control.Request;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.jspecify.annotations.Nullable;

/** The steps behind {@code /api/archives}; registered as the bean {@code archives}. */
public final class ArchiveDoorSteps {

  private static final int FILES_MAX = 1_000;
  private static final Map<String, Kind> CHOICE =
      Map.of("id", Kind.SIZE, "remote_path", Kind.TEXT, "all", Kind.FLAG);

  private final Archives archives;

  public ArchiveDoorSteps(Archives archives) {
    this.archives = archives;
  }

  /** {@code GET /api/archives}. */
  public void list(Exchange exchange) {
    Request.of(exchange);
    List<Map<String, @Nullable Object>> all = new ArrayList<>();
    archives.names().forEach(name -> all.add(archives.view(name)));
    Answers.json(exchange, 200, Map.of("archives", all));
  }

  /** {@code GET /api/archives/{name}}. */
  public void show(Exchange exchange) {
    Request request = Request.of(exchange);
    Answers.json(exchange, 200, archives.view(desk(request).settings().name()));
  }

  /** {@code GET /api/archives/{name}/files}. */
  public void files(Exchange exchange) {
    Request request = Request.of(exchange, "state", "local_path", "limit", "cursor");
    ArchiveDesk desk = desk(request);
    Optional<String> local = request.text("local_path");
    if (local.isPresent()) {
      Answers.json(exchange, 200, ofPath(desk, local.get()));
      return;
    }
    Optional<State> state = request.word("state", State.class);
    int limit = request.number("limit", 100, 1, FILES_MAX);
    List<Map<String, @Nullable Object>> found =
        desk.views().files(state, after(request), limit + 1);
    List<Map<String, @Nullable Object>> page = found.subList(0, Math.min(limit, found.size()));
    Map<String, @Nullable Object> answer = new LinkedHashMap<>();
    answer.put("files", page);
    answer.put(
        "next_cursor",
        found.size() > limit ? String.valueOf(page.get(page.size() - 1).get("id")) : null);
    Answers.json(exchange, 200, answer);
  }

  /** All that is known of one local file, with what went wrong. */
  private static Map<String, @Nullable Object> ofPath(ArchiveDesk desk, String local) {
    try {
      Map<String, @Nullable Object> answer = new LinkedHashMap<>();
      answer.put("files", desk.views().check(local));
      answer.put("next_cursor", null);
      return answer;
    } catch (IllegalArgumentException e) {
      throw new ApiFault(422, "local_path is no path");
    }
  }

  private static long after(Request request) {
    String cursor = request.text("cursor").orElse("0");
    if (!cursor.matches("[0-9]{1,18}")) {
      throw new ApiFault(422, "cursor is none that was given out");
    }
    return Long.parseLong(cursor);
  }

  /** {@code GET /api/archives/{name}/next}. */
  public void next(Exchange exchange) {
    Request request = Request.of(exchange);
    Answers.json(exchange, 200, Map.of("files", desk(request).views().next()));
  }

  /** {@code GET /api/archives/{name}/timecodes}. */
  public void timecodes(Exchange exchange) {
    Request request = Request.of(exchange);
    Answers.json(exchange, 200, Map.of("timecodes", desk(request).views().timecodes()));
  }

  /** {@code POST /api/archives/{name}/files}. */
  public void add(Exchange exchange) {
    Request request = Request.of(exchange);
    ArchiveDesk desk = desk(request);
    Body body =
        request.body(
            Map.of(
                "local_path",
                Kind.TEXT,
                "remote_path",
                Kind.TEXT,
                "timestamp",
                Kind.NUMBER,
                "local_md5sum",
                Kind.TEXT,
                "deletable",
                Kind.FLAG));
    ArchiveDesk.Wish wish =
        new ArchiveDesk.Wish(
            required(body, "local_path"),
            required(body, "remote_path"),
            body.number("timestamp"),
            body.text("local_md5sum"),
            !body.has("deletable") || body.flag("deletable"));
    try {
      ArchiveDesk.Added added = desk.add(wish);
      archives.wake(desk.settings().name());
      Answers.json(exchange, added.isNew() ? 201 : 200, desk.views().file(added.row()));
    } catch (ArchiveRefusal e) {
      throw fault(e);
    }
  }

  private static String required(Body body, String name) {
    return body.text(name).orElseThrow(() -> new ApiFault(422, name + " is missing"));
  }

  /** {@code POST /api/archives/{name}/retry}. */
  public void retry(Exchange exchange) {
    change(exchange, ArchiveDesk::retry);
  }

  /** {@code POST /api/archives/{name}/ignore}. */
  public void ignore(Exchange exchange) {
    change(exchange, (desk, choice) -> desk.ignore(choice, true));
  }

  /** {@code POST /api/archives/{name}/unignore}. */
  public void unignore(Exchange exchange) {
    change(exchange, (desk, choice) -> desk.ignore(choice, false));
  }

  private interface Change {
    int make(ArchiveDesk desk, Choice choice) throws ArchiveRefusal;
  }

  private void change(Exchange exchange, Change change) {
    Request request = Request.of(exchange);
    ArchiveDesk desk = desk(request);
    Choice choice = choice(request.body(CHOICE));
    try {
      int files = change.make(desk, choice);
      archives.wake(desk.settings().name());
      Answers.json(exchange, 200, Map.of("files", files));
    } catch (ArchiveRefusal e) {
      throw fault(e);
    } catch (IllegalArgumentException e) {
      throw new ApiFault(422, "remote_path is no path");
    }
  }

  private static Choice choice(Body body) {
    int said = (body.has("id") ? 1 : 0) + (body.has("remote_path") ? 1 : 0);
    if (said + (body.flag("all") ? 1 : 0) != 1) {
      throw new ApiFault(422, "Say one of id, remote_path and all");
    }
    if (body.flag("all")) {
      return new Choice.AllFailed();
    }
    Optional<Long> id = body.size("id");
    return id.isPresent()
        ? new Choice.Id(id.get())
        : new Choice.Remote(body.text("remote_path").orElseThrow());
  }

  private ArchiveDesk desk(Request request) {
    String name = request.segment(2);
    return archives
        .desk(name)
        .orElseThrow(() -> new ApiFault(404, "There is no archive '%s'".formatted(name)));
  }

  private static ApiFault fault(ArchiveRefusal refusal) {
    String why = String.valueOf(refusal.getMessage());
    return switch (refusal.reason()) {
      case UNKNOWN -> new ApiFault(404, why);
      case INVALID -> new ApiFault(422, why);
      case CONFLICT -> new ApiFault(409, why);
    };
  }
}
