package dev.caravan.dgraph.read;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.dgraph.read.AdminRequest.Asked;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the exports that an answer of {@code /admin} tells of. The answer decides: what was refused
 * is no export. The request only tells which field of the answer is which; where it cannot be read,
 * fields are what they look like.
 */
public final class ExportReader {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern QUEUED =
      Pattern.compile("(?i).*\\bexport queued with id (0x[0-9a-f]{1,16}|[0-9]{1,20})\\W*");
  private static final Pattern TASK = Pattern.compile("(?i)0x[0-9a-f]{1,16}|[0-9]{1,20}");
  private static final Pattern FILE =
      Pattern.compile("dgraph\\.r[0-9]{1,20}\\.u[0-9]{4}\\.[0-9]{4}/[A-Za-z0-9._-]{1,200}");
  private static final int FILES_MAX = 10_000;

  private ExportReader() {}

  /** The exports that were begun, or were over already, in the order of the answer. */
  public static List<Sighting> read(AdminExchange exchange) {
    if (exchange.status() != 200) {
      return List.of();
    }
    Optional<JsonNode> answer =
        Bytes.unpacked(exchange.answer(), exchange.answerEncoding()).flatMap(ExportReader::json);
    if (answer.isEmpty()) {
      return List.of();
    }
    List<AdminRequest> requests = AdminRequest.of(exchange);
    List<Sighting> found = new ArrayList<>();
    int number = 0;
    for (JsonNode each : answer.get().isArray() ? answer.get() : List.of(answer.get())) {
      AdminRequest request = requests.get(Math.min(number++, requests.size() - 1));
      for (Map.Entry<String, JsonNode> field : each.path("data").properties()) {
        sighting(request, field.getKey(), field.getValue()).ifPresent(found::add);
      }
    }
    return found;
  }

  private static Optional<JsonNode> json(byte[] bytes) {
    try {
      return Optional.of(JSON.readTree(bytes));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<Sighting> sighting(AdminRequest request, String key, JsonNode payload) {
    if (!payload.isObject()) {
      return Optional.empty();
    }
    Asked asked = request.exports().getOrDefault(key, Asked.PLAIN);
    if (request.known() && !request.exports().containsKey(key)) {
      return Optional.empty();
    }
    String message = message(payload, asked);
    if (!request.known() && !looksLikeExport(key, payload, message)) {
      return Optional.empty();
    }
    Optional<String> id = taskId(payload, asked, message);
    List<String> files = files(payload, asked);
    boolean over = !files.isEmpty() || message.matches("(?i)export completed\\W*");
    return Optional.of(
        new Sighting(id, files, over && id.isEmpty(), asked.format(), asked.destination()));
  }

  /** For requests that could not be read: nothing else of Dgraph's answers looks like this. */
  private static boolean looksLikeExport(String key, JsonNode payload, String message) {
    boolean speaks =
        QUEUED.matcher(message).matches() || message.matches("(?i)export completed\\W*");
    boolean named = key.equals("export") && (payload.has("taskId") || payload.has("exportedFiles"));
    return speaks || named;
  }

  private static String message(JsonNode payload, Asked asked) {
    JsonNode response = payload.path(asked.names().getOrDefault("response", "response"));
    return response.path(asked.inner().getOrDefault("message", "message")).asText("");
  }

  private static Optional<String> taskId(JsonNode payload, Asked asked, String message) {
    String id = payload.path(asked.names().getOrDefault("taskId", "taskId")).asText("");
    if (TASK.matcher(id).matches()) {
      return Optional.of(id);
    }
    Matcher queued = QUEUED.matcher(message);
    return queued.matches() ? Optional.of(queued.group(1)) : Optional.empty();
  }

  private static List<String> files(JsonNode payload, Asked asked) {
    List<String> files = new ArrayList<>();
    for (JsonNode file :
        payload.path(asked.names().getOrDefault("exportedFiles", "exportedFiles"))) {
      Matcher name = FILE.matcher(file.asText(""));
      if (files.size() < FILES_MAX && name.find() && name.end() == file.asText("").length()) {
        files.add(name.group());
      }
    }
    return files;
  }
}
