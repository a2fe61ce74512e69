package dev.caravan.dgraph.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.config.DgraphSettings;
import dev.caravan.dgraph.task.TaskAnswer.Status;
import dev.caravan.event.Causes;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Asks the Alpha of tasks. Shows who it is as the client did who asked for the export, or as the
 * configuration says; tokens live in memory and nowhere else.
 */
public final class AlphaClient {

  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int ANSWER_MAX = 1 << 20;
  private static final int MESSAGE_MAX = 300;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final DgraphSettings settings;
  private final URI admin;
  private final HttpClient http;
  private Optional<String> access = Optional.empty();
  private Optional<String> refresh = Optional.empty();

  /** Connects to nothing yet. */
  public AlphaClient(DgraphSettings settings) {
    this.settings = settings;
    String base = settings.upstream().toString();
    this.admin = URI.create((base.endsWith("/") ? base : base + "/") + "admin");
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(Duration.ofSeconds(10))
            .build();
  }

  /**
   * How a task fares.
   *
   * @param id hexadecimal digits, with {@code 0x} in front or decimal
   * @param credentials headers of the client who asked for the export; may be none
   */
  public TaskAnswer ask(String id, Map<String, String> credentials) throws InterruptedException {
    TaskAnswer first = askOnce(id, headers(credentials));
    if (first.status() != Status.UNAUTHORIZED || settings.user().isEmpty()) {
      return first;
    }
    Optional<String> refused = logIn();
    return refused.isPresent()
        ? TaskAnswer.of(Status.UNAUTHORIZED, refused.get())
        : askOnce(id, headers(Map.of()));
  }

  /**
   * The numbers of the cluster's groups.
   *
   * @return at least one; empty when the Alpha does not say
   */
  public Optional<List<Integer>> groups(Map<String, String> credentials)
      throws InterruptedException {
    try {
      JsonNode answer = post("query { state { groups { id } } }", headers(credentials));
      TreeSet<Integer> groups = new TreeSet<>();
      answer.at("/data/state/groups").forEach(each -> groups.add(each.path("id").asInt()));
      groups.remove(0);
      return groups.isEmpty() ? Optional.empty() : Optional.of(List.copyOf(groups));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private TaskAnswer askOnce(String id, Map<String, String> headers) throws InterruptedException {
    if (!id.matches("(0[xX])?[0-9a-fA-F]{1,20}")) {
      return TaskAnswer.of(Status.GONE, "the task id is none");
    }
    try {
      String query = "query { task(input: {id: \"%s\"}) { kind status lastUpdated } }";
      return read(post(query.formatted(id), headers));
    } catch (IOException e) {
      return TaskAnswer.of(Status.UNHEARD, line(String.valueOf(e.getMessage())));
    }
  }

  private static TaskAnswer read(JsonNode answer) {
    JsonNode task = answer.at("/data/task");
    if (task.isObject()) {
      Status status =
          switch (task.path("status").asText("")) {
            case "Queued" -> Status.QUEUED;
            case "Running" -> Status.RUNNING;
            case "Success" -> Status.SUCCESS;
            case "Failed" -> Status.FAILED;
            default -> Status.UNKNOWN;
          };
      return new TaskAnswer(status, time(task.path("lastUpdated").asText("")), "");
    }
    String said = messages(answer);
    String lower = said.toLowerCase(Locale.ROOT);
    if (lower.contains("does not exist or has expired")
        || lower.contains("invalid task id")
        || lower.contains("task id is missing")) {
      return TaskAnswer.of(Status.GONE, said);
    }
    boolean unknownWho =
        lower.contains("authtoken")
            || lower.contains("unauthorized")
            || lower.contains("unauthenticated")
            || lower.contains("accessjwt")
            || lower.contains("token is expired")
            || answer.toString().contains("ErrorUnauthorized");
    return TaskAnswer.of(
        unknownWho ? Status.UNAUTHORIZED : Status.UNHEARD,
        said.isEmpty() ? "the answer holds no task" : said);
  }

  private static String messages(JsonNode answer) {
    StringBuilder all = new StringBuilder();
    answer.path("errors").forEach(e -> all.append(e.path("message").asText("")).append(' '));
    return line(all.toString());
  }

  private static Optional<Instant> time(String text) {
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private synchronized Map<String, String> headers(Map<String, String> credentials) {
    Map<String, String> headers = new LinkedHashMap<>(credentials);
    settings.authToken().ifPresent(token -> headers.put("X-Dgraph-AuthToken", token.reveal()));
    access.ifPresent(token -> headers.put("X-Dgraph-AccessToken", token));
    return headers;
  }

  /**
   * Renews the access token, or logs in with the password.
   *
   * @return why that failed; empty when it did not
   */
  private Optional<String> logIn() throws InterruptedException {
    Optional<String> token = token();
    if (token.isPresent()) {
      String renew =
          "mutation { login(refreshToken: %s) { response { accessJWT refreshJWT } } }"
              .formatted(quoted(token.get()));
      if (logIn(renew).isEmpty()) {
        return Optional.empty();
      }
    }
    String password = settings.password().map(secret -> secret.reveal()).orElse("");
    return logIn(
        ("mutation { login(userId: %s, password: %s, namespace: %d)"
                + " { response { accessJWT refreshJWT } } }")
            .formatted(quoted(settings.user().orElse("")), quoted(password), settings.namespace()));
  }

  private synchronized Optional<String> token() {
    return refresh;
  }

  private Optional<String> logIn(String mutation) throws InterruptedException {
    Map<String, String> headers = new LinkedHashMap<>();
    settings.authToken().ifPresent(token -> headers.put("X-Dgraph-AuthToken", token.reveal()));
    try {
      JsonNode answer = post(mutation, headers);
      JsonNode tokens = answer.at("/data/login/response");
      if (!tokens.path("accessJWT").isTextual()) {
        return Optional.of("the login was refused: " + messages(answer));
      }
      synchronized (this) {
        access = Optional.of(tokens.path("accessJWT").asText());
        refresh = Optional.ofNullable(tokens.path("refreshJWT").textValue());
      }
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of("no login: " + line(String.valueOf(e.getMessage())));
    }
  }

  private static String quoted(String text) {
    return JSON.getNodeFactory().textNode(text).toString();
  }

  private JsonNode post(String query, Map<String, String> headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(admin)
            .timeout(LIMIT)
            .header("User-Agent", "Caravan")
            .header("Content-Type", "application/graphql")
            .POST(HttpRequest.BodyPublishers.ofString(query, StandardCharsets.UTF_8));
    headers.forEach(request::header);
    HttpResponse<InputStream> response;
    try {
      response = http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    } catch (IllegalArgumentException e) {
      throw new IOException("a header of the client's cannot be sent", e);
    } catch (IOException e) {
      String why = Causes.textOf(e);
      throw new IOException("no answer from %s (%s)".formatted(admin.getAuthority(), why), e);
    }
    try (InputStream body = response.body()) {
      byte[] bytes = body.readNBytes(ANSWER_MAX);
      if (response.statusCode() != 200) {
        throw new IOException(admin.getAuthority() + " answers " + response.statusCode());
      }
      return JSON.readTree(bytes);
    }
  }

  private static String line(String text) {
    String one = String.join(" ", Arrays.asList(text.strip().split("\\s+")));
    return one.length() > MESSAGE_MAX ? one.substring(0, MESSAGE_MAX) + "…" : one;
  }
}
