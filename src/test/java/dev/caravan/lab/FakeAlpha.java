package dev.caravan.lab;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * A Dgraph Alpha as its clients see it: answers {@code /admin} with the words of the real one, and
 * writes export folders when a test says so. Nothing ends by itself: the test decides how each task
 * goes on.
 */
public final class FakeAlpha implements AutoCloseable {

  /** How the export mutation behaves, which changed between releases. */
  public enum Generation {
    /** The answer comes when the export is over, with the files' names. */
    SYNCHRONOUS,
    /** The answer comes at once, with a task. */
    ASYNCHRONOUS
  }

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("MMdd.HHmm").withZone(ZoneOffset.UTC);
  private static final Pattern EXPORT =
      Pattern.compile("(?:([A-Za-z_]\\w*)\\s*:\\s*)?\\bexport\\b");
  private static final Pattern TASK =
      Pattern.compile("task\\s*\\(input:\\s*\\{id:\\s*\"([^\"]*)\"");

  private final Path exports;
  private final Generation generation;
  private final Map<String, Task> tasks = new ConcurrentHashMap<>();
  private final List<String> queries = new CopyOnWriteArrayList<>();
  private final List<Headers> headers = new CopyOnWriteArrayList<>();
  private HttpServer server;
  private volatile Optional<String> token = Optional.empty();
  private volatile Optional<String> user = Optional.empty();
  private volatile String jwt = "jwt-1";
  private volatile int failures;
  private volatile List<Integer> groups = List.of(1);
  private int nextId = 0x125b3ab7;

  private record Task(String status, Instant updated) {}

  private FakeAlpha(Path exports, Generation generation) {
    this.exports = exports;
    this.generation = generation;
    this.server = serve(0);
  }

  /** Serves on loopback. */
  public static FakeAlpha in(Path exports, Generation generation) {
    return new FakeAlpha(exports, generation);
  }

  private HttpServer serve(int port) {
    try {
      HttpServer made =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 100);
      made.setExecutor(Executors.newCachedThreadPool());
      made.createContext("/", this::echo);
      made.createContext("/admin", this::admin);
      made.start();
      return made;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  public Path exports() {
    return exports;
  }

  /** Wants this token with every request from now on. */
  public void wantToken(String secret) {
    token = Optional.of(secret);
  }

  /** Wants an access token, which this user's login gets; {@link #expire} makes it void. */
  public void wantLogin(String name) {
    user = Optional.of(name);
  }

  /** Access tokens given so far are no good any more. */
  public void expire() {
    jwt = "jwt-" + System.nanoTime();
  }

  /** The next so many requests are answered 503. */
  public void failNext(int requests) {
    failures = requests;
  }

  public void groups(Integer... numbers) {
    groups = List.of(numbers);
  }

  /** Everything that was asked, bodies unpacked. */
  public List<String> queries() {
    return queries;
  }

  /** The headers of every request. */
  public List<Headers> headers() {
    return headers;
  }

  /** Puts a task into a state: Queued, Running, Failed, Success, Unknown. */
  public void task(String id, String status) {
    tasks.put(id, new Task(status, Instant.now().truncatedTo(ChronoUnit.SECONDS)));
  }

  /** Forgets a task. */
  public void forget(String id) {
    tasks.remove(id);
  }

  /** As after a restart of the Alpha: what was queued or ran has failed. */
  public void restart() {
    int port = server.getAddress().getPort();
    server.stop(0);
    tasks.replaceAll(
        (id, task) ->
            task.status().equals("Queued") || task.status().equals("Running")
                ? new Task("Failed", Instant.now().truncatedTo(ChronoUnit.SECONDS))
                : task);
    server = serve(port);
  }

  /** Does not answer any more until {@link #up}. */
  public int down() {
    int port = server.getAddress().getPort();
    server.stop(0);
    return port;
  }

  public void up(int port) {
    server = serve(port);
  }

  /** The name of a folder that is made now. */
  public static String folder(long readTs) {
    return "dgraph.r" + readTs + ".u" + STAMP.format(Instant.now());
  }

  /** Writes a whole export, packed. */
  public Path write(String folder, String... files) throws IOException {
    Path dir = Files.createDirectories(exports.resolve(folder));
    for (String file : files) {
      Files.write(dir.resolve(file), gzip(content(folder, file)));
    }
    return dir;
  }

  /** What {@link #write} puts into a file, before it is packed. */
  public static byte[] content(String folder, String file) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 500; i++) {
      text.append("<0x").append(i).append("> <").append(file).append("> \"");
      text.append(folder).append("\" <0x0> .\n");
    }
    return text.toString().getBytes(UTF_8);
  }

  public static byte[] gzip(byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream packed = new GZIPOutputStream(out)) {
      packed.write(content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private void echo(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    answer(exchange, 200, "application/octet-stream", body);
  }

  private void admin(HttpExchange exchange) throws IOException {
    headers.add(exchange.getRequestHeaders());
    byte[] raw = exchange.getRequestBody().readAllBytes();
    if ("gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"))) {
      raw = new GZIPInputStream(new ByteArrayInputStream(raw)).readAllBytes();
    }
    if (failures > 0) {
      failures--;
      answer(exchange, 503, "text/plain", "not ready".getBytes(UTF_8));
      return;
    }
    List<String> answers = new ArrayList<>();
    List<String> asked = asked(exchange, new String(raw, UTF_8));
    queries.addAll(asked);
    for (String query : asked) {
      answers.add(answer(exchange, query));
    }
    boolean batch = new String(raw, UTF_8).startsWith("[");
    String text = batch ? "[" + String.join(",", answers) + "]" : answers.get(0);
    exchange.getResponseHeaders().add("Dgraph-TouchedUids", "0");
    answer(exchange, 200, "application/json", text.getBytes(UTF_8));
  }

  private static List<String> asked(HttpExchange exchange, String body) throws IOException {
    if (exchange.getRequestMethod().equals("GET")) {
      String query = String.valueOf(exchange.getRequestURI().getRawQuery());
      return Stream.of(query.split("&"))
          .filter(pair -> pair.startsWith("query="))
          .map(pair -> URLDecoder.decode(pair.substring("query=".length()), UTF_8))
          .toList();
    }
    String type = String.valueOf(exchange.getRequestHeaders().getFirst("Content-Type"));
    if (type.startsWith("application/graphql")) {
      return List.of(body);
    }
    JsonNode json = JSON.readTree(body);
    List<String> all = new ArrayList<>();
    (json.isArray() ? json : List.of(json)).forEach(each -> all.add(each.path("query").asText()));
    return all;
  }

  private String answer(HttpExchange exchange, String query) {
    String given = exchange.getRequestHeaders().getFirst("X-Dgraph-AuthToken");
    if (token.isPresent() && !token.get().equals(given)) {
      return """
          {"errors":[{"message":"Invalid X-Dgraph-AuthToken",\
          "extensions":{"code":"ErrorUnauthorized"}}]}""";
    }
    if (query.contains("login(")) {
      boolean known =
          user.filter(name -> query.contains('"' + name + '"')).isPresent()
              || query.contains("refresh-of-" + jwt);
      return known
          ? """
          {"data":{"login":{"response":{"accessJWT":"%s","refreshJWT":"refresh-of-%s"}}}}"""
              .formatted(jwt, jwt)
          : "{\"errors\":[{\"message\":\"couldn't login\"}],\"data\":{\"login\":null}}";
    }
    if (user.isPresent()
        && !jwt.equals(exchange.getRequestHeaders().getFirst("X-Dgraph-AccessToken"))) {
      return """
          {"errors":[{"message":"unable to parse jwt token: Token is expired"}],"data":null}""";
    }
    Matcher task = TASK.matcher(query);
    if (task.find()) {
      return task(task.group(1));
    }
    if (query.contains("state {")) {
      List<String> ids = groups.stream().map(id -> "{\"id\":" + id + "}").toList();
      return "{\"data\":{\"state\":{\"groups\":[" + String.join(",", ids) + "]}}}";
    }
    Matcher export = EXPORT.matcher(query);
    if (query.contains("mutation") && export.find()) {
      return export(Optional.ofNullable(export.group(1)).orElse("export"), query);
    }
    return "{\"data\":{\"health\":[{\"status\":\"healthy\"}]}}";
  }

  private String task(String id) {
    Task task = tasks.get(id);
    if (task == null) {
      return """
          {"errors":[{"message":"resolving task failed because task does not exist or has expired"\
          }],"data":{"task":null}}""";
    }
    return """
        {"data":{"task":{"kind":"Export","status":"%s","lastUpdated":"%s"}}}"""
        .formatted(task.status(), task.updated());
  }

  private synchronized String export(String key, String query) {
    if (query.contains("format: \"xml\"")) {
      return """
          {"errors":[{"message":"resolving export failed because invalid export format: xml",\
          "locations":[{"line":1,"column":12}],"path":["export"]}],"data":{"export":null}}""";
    }
    List<String> fields = new ArrayList<>();
    if (generation == Generation.SYNCHRONOUS) {
      String files = String.join(",", files());
      if (query.contains("message")) {
        fields.add("\"response\":{\"code\":\"Success\",\"message\":\"Export completed.\"}");
      }
      fields.add("\"exportedFiles\":[" + files + "]");
    } else {
      String id = "0x" + Integer.toHexString(nextId++);
      task(id, "Queued");
      if (query.contains("message")) {
        fields.add(
            "\"response\":{\"code\":\"Success\",\"message\":\"Export queued with ID " + id + "\"}");
      } else if (query.contains("code")) {
        fields.add("\"response\":{\"code\":\"Success\"}");
      }
      Matcher alias = Pattern.compile("(?:(\\w+)\\s*:\\s*)?\\btaskId\\b").matcher(query);
      if (alias.find()) {
        fields.add(
            "\"%s\":\"%s\"".formatted(alias.group(1) == null ? "taskId" : alias.group(1), id));
      }
    }
    return "{\"data\":{\"%s\":{%s}},\"extensions\":{\"tracing\":{\"version\":1}}}"
        .formatted(key, String.join(",", fields));
  }

  /** The id of the task that was given last. */
  public String lastTask() {
    return "0x" + Integer.toHexString(nextId - 1);
  }

  private List<String> files() {
    try (Stream<Path> all = Files.walk(exports, 2)) {
      return all.filter(Files::isRegularFile)
          .map(file -> "\"" + exports.relativize(file) + "\"")
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void answer(HttpExchange exchange, int status, String type, byte[] body)
      throws IOException {
    String accepted = String.valueOf(exchange.getRequestHeaders().getFirst("Accept-Encoding"));
    byte[] sent = body;
    if (Arrays.asList(accepted.split("[, ]+")).contains("gzip")) {
      exchange.getResponseHeaders().add("Content-Encoding", "gzip");
      sent = gzip(body);
    }
    exchange.getResponseHeaders().add("Content-Type", type);
    exchange.sendResponseHeaders(status, sent.length == 0 ? -1 : sent.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(sent);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
