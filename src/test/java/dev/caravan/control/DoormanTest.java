package dev.caravan.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.config.HttpSettings;
import dev.caravan.config.Secret;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The door, on a real server, spoken to by hand. */
class DoormanTest {

  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private static HttpSettings settings(String host, String token, boolean readonly) {
    Optional<Secret> secret = token.isEmpty() ? Optional.empty() : Optional.of(new Secret(token));
    return new HttpSettings(host, 0, secret, true, readonly);
  }

  private int serve(HttpSettings settings) throws Exception {
    Router router = Router.router(vertx);
    new Doorman(settings).guard(router);
    for (String path : new String[] {"/api/storage", "/api/runs/:id", "/observe/health/live"}) {
      router.get(path).handler(context -> context.end("in"));
    }
    router.post("/api/storage").handler(context -> context.end("in"));
    HttpServer server = vertx.createHttpServer().requestHandler(router);
    return server
        .listen(0, "127.0.0.1")
        .toCompletionStage()
        .toCompletableFuture()
        .get(10, TimeUnit.SECONDS)
        .actualPort();
  }

  /** The whole answer to a request written by hand. */
  private static String ask(int port, String line, String... headers) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(10_000);
      OutputStream out = socket.getOutputStream();
      String head = line + " HTTP/1.1\r\nConnection: close\r\n";
      String rest = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
      out.write((head + rest + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
      socket.shutdownOutput();
      InputStream in = socket.getInputStream();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static int status(String answer) {
    assertThat(answer).startsWith("HTTP/1.1 ");
    return Integer.parseInt(answer.substring(9, 12));
  }

  @ParameterizedTest
  @CsvSource({
    "localhost:8686, 200",
    "LOCALHOST, 200",
    "127.0.0.1:8686, 200",
    "127.9.9.9, 200",
    "[::1]:8686, 200",
    "evil.example, 421",
    "localhost.evil.example, 421",
    "127.evil.example, 421",
    "127.0.0.1.evil.example:80, 421",
    "127.0.0.1@evil.example, 400",
    "192.168.1.5:8686, 421",
    "[fe80::1]:8686, 421",
  })
  void withoutATokenOnlyLoopbackNamesAreAnswered(String host, int expected) throws Exception {
    int port = serve(settings("127.0.0.1", "", false));
    for (String path : new String[] {"/api/storage", "/observe/health/live"}) {
      assertThat(status(ask(port, "GET " + path, "Host: " + host))).as(path).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "http://localhost:8686, 200",
    "https://localhost:8686, 200",
    "http://localhost:9999, 421",
    "http://evil.example, 421",
    "null, 421",
  })
  void aPageOfAnotherOriginIsNotAnswered(String origin, int expected) throws Exception {
    int port = serve(settings("127.0.0.1", "", false));
    String answer = ask(port, "POST /api/storage", "Host: localhost:8686", "Origin: " + origin);
    assertThat(status(answer)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "Authorization: Bearer s3cret, 200",
    "Authorization: bearer s3cret, 200",
    "Authorization: Bearer s3cre, 401",
    "Authorization: Bearer s3cret2, 401",
    "Authorization: s3cret, 401",
    "Authorization: Basic s3cret, 401",
    "Authorization: Bearer, 401",
    "X-Other: 1, 401",
  })
  void theApiWantsTheTokenWhereOneIsSet(String header, int expected) throws Exception {
    int port = serve(settings("0.0.0.0", "s3cret", false));
    String answer = ask(port, "GET /api/storage", "Host: any.example", header);
    assertThat(status(answer)).isEqualTo(expected);
    assertThat(answer).doesNotContain("s3cret");
    if (expected == 401) {
      assertThat(answer).contains("application/problem+json").containsIgnoringCase("www-auth");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/storage",
        "/api/../api/storage",
        "//api/storage",
        "/%61pi/storage",
        "/api/x"
      })
  void noSpellingOfAPathGetsAroundTheToken(String path) throws Exception {
    int port = serve(settings("127.0.0.1", "s3cret", false));
    assertThat(ask(port, "GET " + path, "Host: localhost")).doesNotEndWith("in");
  }

  @Test
  void observingNeedsNoToken() throws Exception {
    int port = serve(settings("127.0.0.1", "s3cret", false));
    assertThat(status(ask(port, "GET /observe/health/live", "Host: x"))).isEqualTo(200);
  }

  @Test
  void aReadOnlyServerChangesNothing() throws Exception {
    int port = serve(settings("127.0.0.1", "", true));
    assertThat(status(ask(port, "POST /api/storage", "Host: localhost"))).isEqualTo(403);
    assertThat(status(ask(port, "DELETE /api/storage", "Host: localhost"))).isEqualTo(403);
    assertThat(status(ask(port, "GET /api/storage", "Host: localhost"))).isEqualTo(200);
  }

  @Test
  void aBodyThatIsTooLargeIsRefusedBeforeItIsSent() throws Exception {
    int port = serve(settings("127.0.0.1", "", false));
    String[] sizes = {"1048577", "99999999999999999999", "-x"};
    for (String size : sizes) {
      String answer = ask(port, "POST /api/storage", "Host: localhost", "Content-Length: " + size);
      assertThat(status(answer)).as(size).isIn(400, 413);
    }
    String answer = ask(port, "POST /api/storage", "Host: localhost", "Content-Length: 1048577");
    assertThat(answer).contains("413", "application/problem+json", "1 MiB");
  }

  @Test
  void whatIsNotThereAndWhatIsNotAllowedIsToldApart() throws Exception {
    int port = serve(settings("127.0.0.1", "", false));
    assertThat(ask(port, "GET /nothing", "Host: localhost"))
        .startsWith("HTTP/1.1 404")
        .contains("application/problem+json", "\"status\":404");
    assertThat(ask(port, "DELETE /api/storage", "Host: localhost"))
        .startsWith("HTTP/1.1 405")
        .containsIgnoringCase("allow: GET, POST");
    assertThat(ask(port, "PUT /api/runs/7", "Host: localhost")).startsWith("HTTP/1.1 405");
  }
}
