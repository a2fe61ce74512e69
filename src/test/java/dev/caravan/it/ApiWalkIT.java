package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.api.ApiAnswer;
import dev.caravan.api.ApiCaller;
import dev.caravan.api.ApiDocument;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Walks the whole API of a running jar; every answer is held against its description. */
class ApiWalkIT {

  /** No proxy for exports is configured here, so there is none to try again. */
  private static final String EXPORT = "/api/exports/";

  /** It stays open for as long as somebody listens. */
  private static final String STREAM = "GET /api/events";

  @TempDir Path folder;
  private final ApiDocument document = ApiDocument.load();

  @Test
  void everyAnswerIsAsItIsDescribed() throws Exception {
    CaravanSetup caravan = CaravanSetup.in(folder).mirror("store.settle=0s", archive());
    Trees.zoo(caravan.store());
    try (CaravanProcess daemon = caravan.start()) {
      ApiCaller api = new ApiCaller(document, caravan.port());
      ApiAnswer run = api.post("/api/storage/sync?wait=25", "{}");
      assertThat(run.status()).as("%s%s", run, daemon.logs()).isEqualTo(200);
      // The first run of all moved the files.
      JsonNode runs = json(api.get("/api/runs?state=succeeded&operation=sync")).path("runs");
      String id = runs.get(runs.size() - 1).path("run_id").asText();

      Answer console = daemon.get("/");
      assertThat(console.status()).isEqualTo(200);
      assertThat(console.body()).startsWith("<!doctype html>").contains("/api/storage");
      assertThat(daemon.post("/", "{}").status()).isEqualTo(405);
      assertThat(daemon.get("/nowhere").status()).isEqualTo(404);
      everyGoodRequest(api, id);
      everyMethodOfEveryPath(api, id);
      pages(api, id);
      bodies(api);
      parameters(api, id);
      assertThat(daemon.err()).doesNotContain("\tat ", " ERROR ");
    }
  }

  private static JsonNode json(ApiAnswer answer) throws Exception {
    return new ObjectMapper().readTree(answer.body());
  }

  private String archive() {
    return "archives=[{name: walk, remote_basedir: %s, db_path: %s}]"
        .formatted(folder, folder.resolve("queue.db"));
  }

  private static String filled(ApiDocument.Operation operation, String id) {
    String value = operation.path().startsWith("/api/runs") ? id : "plain.txt";
    return operation
        .path()
        .replaceFirst("\\{name}", "walk")
        .replaceFirst("\\{id}", operation.path().startsWith("/api/routes") ? "control-pause" : id)
        .replaceFirst("\\{[^}]+}", value);
  }

  private void everyGoodRequest(ApiCaller api, String id) {
    Map<String, String> bodies =
        Map.of(
            "/api/storage/restore", "{\"paths\":[\"plain.txt\"]}",
            "/api/storage/check", "{\"mode\":\"hash\"}",
            "/api/read", "{\"path\":\"plain.txt\"}",
            "/api/storage/bandwidth", "{\"limit\":\"default\"}",
            "/api/archives/{name}/files",
                "{\"local_path\":\"%s\",\"remote_path\":\"a/b\"}"
                    .formatted(folder.resolve("store/plain.txt")),
            "/api/archives/{name}/retry", "{\"all\":true}",
            "/api/archives/{name}/ignore", "{\"id\":1}",
            "/api/archives/{name}/unignore", "{\"remote_path\":\"a/b\"}");
    for (ApiDocument.Operation each : document.operations()) {
      String path = filled(each, id);
      boolean isGet = each.method().equals("GET");
      if (isGet) {
        ApiAnswer head = api.ask("HEAD", path, Map.of(), Optional.empty());
        assertThat(head.body()).as(each.path()).isEmpty();
      }
      if (!(each.method() + " " + each.path()).equals(STREAM)) {
        ApiAnswer answer =
            isGet ? api.get(path) : api.post(path, bodies.getOrDefault(each.path(), "{}"));
        // The run has ended, so it cannot be cancelled.
        assertThat(answer.status())
            .as("%s %s: %s", each.method(), path, answer)
            .isIn(each.path().startsWith(EXPORT) ? List.of(404) : List.of(200, 201, 202, 409));
      }
    }
    assertThat(api.post("/api/routes/control-pause/start", "{}").status()).isIn(200, 404);
  }

  private void everyMethodOfEveryPath(ApiCaller api, String id) {
    for (ApiDocument.Operation each : document.operations()) {
      String path = filled(each, id);
      ApiAnswer options = api.ask("OPTIONS", path, Map.of(), Optional.empty(), 204);
      Set<String> allowed =
          new TreeSet<>(List.of(options.header("Allow").orElse("").split(", *", -1)));
      Set<String> described = new TreeSet<>(Set.of("OPTIONS"));
      for (ApiDocument.Operation other : document.operations()) {
        if (other.path().equals(each.path())) {
          described.add(other.method());
        }
      }
      if (described.contains("GET")) {
        described.add("HEAD");
      }
      assertThat(allowed).as(path).isEqualTo(described);
      for (String method : List.of("DELETE", "PUT", "PATCH")) {
        ApiAnswer refused = api.ask(method, path, Map.of(), Optional.empty(), 405);
        assertThat(refused.header("Allow")).isEqualTo(options.header("Allow"));
      }
    }
    assertThat(api.get("/api/nowhere").status()).isEqualTo(404);
    assertThat(api.get("/nowhere").status()).isEqualTo(404);
  }

  private static void pages(ApiCaller api, String id) throws Exception {
    Map<String, String> lists =
        Map.of(
            "/api/files",
            "files",
            "/api/runs",
            "runs",
            "/api/inventory",
            "datasets",
            "/api/runs/" + id + "/items",
            "items");
    for (Map.Entry<String, String> list : lists.entrySet()) {
      JsonNode whole = json(api.get(list.getKey() + "?limit=1000")).path(list.getValue());
      List<JsonNode> walked = new ArrayList<>();
      String cursor = "";
      do {
        JsonNode page = json(api.get(list.getKey() + "?limit=7&cursor=" + cursor));
        page.path(list.getValue()).forEach(walked::add);
        cursor = page.path("next_cursor").asText("");
      } while (!cursor.isEmpty() && !cursor.equals("null"));
      List<JsonNode> expected = new ArrayList<>();
      whole.forEach(expected::add);
      // A run that ends while the history is walked comes before its first page.
      assertThat(walked)
          .as(list.getKey())
          .isNotEmpty()
          .containsAll(list.getValue().equals("runs") ? List.of() : expected);
    }
  }

  private static void bodies(ApiCaller api) {
    for (String path : List.of("/api/storage/sync", "/api/storage/purge", "/api/storage/pause")) {
      assertThat(api.post(path, "{\"x\":").status()).isEqualTo(400);
      assertThat(api.post(path, "{} {}").status()).isEqualTo(400);
      assertThat(api.post(path, "[]").status()).isEqualTo(422);
      assertThat(api.post(path, "{\"nothing_known\":1}").status()).isEqualTo(422);
      assertThat(api.post(path, " ".repeat(1_100_000)).status()).isEqualTo(413);
      assertThat(api.ask("POST", path, Map.of("Content-Type", "text/plain"), Optional.of("{}")))
          .extracting(ApiAnswer::status)
          .isEqualTo(415);
    }
    assertThat(api.post("/api/storage/sync", "{\"dry_run\":\"yes\"}").status()).isEqualTo(422);
    assertThat(api.post("/api/storage/sync", "{\"dry_run\":true,\"accept_halt\":true}").status())
        .isEqualTo(422);
    ApiAnswer accepted = api.post("/api/storage/sync", "{\"dry_run\":true}");
    assertThat(accepted.status()).isEqualTo(202);
    assertThat(api.get(accepted.header("Location").orElseThrow()).status()).isEqualTo(200);
    assertThat(api.post("/api/storage/restore", "{}").status()).isEqualTo(422);
    assertThat(api.post("/api/storage/check", "{\"mode\":\"deep\"}").status()).isEqualTo(422);
    assertThat(api.post("/api/read", "{\"path\":\"../x\"}").status()).isEqualTo(422);
  }

  private static void parameters(ApiCaller api, String id) {
    for (String path :
        List.of("/api/files", "/api/runs", "/api/inventory", "/api/runs/" + id + "/items")) {
      assertThat(api.get(path + "?limit=0").status()).as(path).isEqualTo(422);
      assertThat(api.get(path + "?cursor=none").status()).as(path).isEqualTo(422);
      assertThat(api.get(path + "?nothing_known=1").status()).as(path).isEqualTo(422);
      assertThat(api.get(path + "?limit=%ff").status()).as(path).isEqualTo(400);
    }
    assertThat(api.get("/api/files?state=lost").status()).isEqualTo(422);
    assertThat(api.get("/api/runs?operation=dance").status()).isEqualTo(422);
    assertThat(api.get("/api/runs?operation=sync&state=succeeded").status()).isEqualTo(200);
    assertThat(api.get("/api/runs/nobody").status()).isEqualTo(404);
    assertThat(api.get("/api/runs/nobody/items").status()).isEqualTo(404);
    assertThat(api.post("/api/runs/nobody/cancel", "").status()).isEqualTo(404);
    assertThat(api.post("/api/storage/sync?wait=forever", "").status()).isEqualTo(422);
  }

  @Test
  void theTokenAndTheReadOnlyModeAreAnsweredAsDescribed() {
    CaravanSetup caravan =
        CaravanSetup.in(folder).mirror("http.auth_token=s3cret", "http.readonly=true");
    try (CaravanProcess daemon = caravan.start()) {
      ApiCaller api = new ApiCaller(document, caravan.port());
      Map<String, String> token = Map.of("Authorization", "Bearer s3cret");
      for (ApiDocument.Operation each : document.operations()) {
        String path = filled(each, "nobody");
        boolean isOpen = path.startsWith("/observe/");
        if (!isOpen) {
          ApiAnswer refused = api.ask(each.method(), path, Map.of(), Optional.empty(), 401);
          assertThat(refused.body()).doesNotContain("s3cret");
        }
        if (each.method().equals("POST")) {
          api.ask("POST", path, token, Optional.empty(), 403);
        }
      }
      assertThat(api.ask("GET", "/api/storage", token, Optional.empty()).status()).isEqualTo(200);
      assertThat(daemon.err()).doesNotContain("s3cret", "\tat ");
    }
  }
}
