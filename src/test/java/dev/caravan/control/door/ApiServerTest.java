package dev.caravan.control.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.config.HttpSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The server's limits, spoken to by hand; the limits are small, so that nothing takes long. */
@Timeout(60)
class ApiServerTest {

  private static final String HOST = "Host: localhost\r\n";
  private static final String JSON = "Content-Type: application/json\r\n";

  private final CountDownLatch release = new CountDownLatch(1);
  private Optional<ApiServer> running = Optional.empty();
  private int port;
  private boolean opened = true;

  @AfterEach
  void close() {
    release.countDown();
    running.ifPresent(ApiServer::close);
  }

  private static Lines.Limits limits(int connections, int requests, int quietMillis) {
    return new Lines.Limits(
        connections,
        requests,
        1 << 20,
        Duration.ofMillis(quietMillis),
        Duration.ofMillis(500),
        Duration.ofMillis(300));
  }

  private void serve(Lines.Limits limits) throws Exception {
    ApiServer server =
        new ApiServer(
            new HttpSettings("127.0.0.1", 0, Optional.empty(), true, false), "me", limits);
    server.router().get("/api/storage").handler(context -> context.end("here"));
    server
        .router()
        .get("/api/slow")
        .blockingHandler(
            context -> {
              try {
                release.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              context.end("at last");
            },
            false);
    server
        .router()
        .post("/api/body")
        .handler(server.bodyHandler())
        .handler(context -> context.end("took " + context.body().length()));
    server.router().get("/api/fault").handler(context -> context.fail(new Error("secret")));
    running = Optional.of(server);
    port = server.listen("127.0.0.1", 0, options -> {});
    if (opened) {
      server.open();
    }
  }

  private Socket open() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(20_000);
    return socket;
  }

  private static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
  }

  /** All that comes until the server closes. */
  private static String readAll(Socket socket) throws IOException {
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private String ask(String request) throws IOException {
    try (Socket socket = open()) {
      write(socket, request);
      return readAll(socket);
    }
  }

  private static void isProblem(String answer, int status) {
    assertThat(answer)
        .startsWith("HTTP/1.")
        .contains(" " + status + " ", "application/problem+json", "\"status\":" + status)
        .contains("nosniff", "no-store")
        .doesNotContain("<html", "Exception", "\tat ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Content-Length: 3000000", "Transfer-Encoding: chunked"})
  void aBodyThatIsTooLargeIsRefusedAndTheLineIsClosed(String how) throws Exception {
    serve(limits(10, 10, 20_000));
    String chunk = "10000\r\n" + "a".repeat(65_536) + "\r\n";
    try (Socket socket = open()) {
      write(socket, "POST /api/body HTTP/1.1\r\n" + HOST + JSON + how + "\r\n\r\n");
      write(socket, chunk.repeat(17));
      isProblem(readAll(socket), 413);
    }
    assertThat(ask("GET /api/storage HTTP/1.0\r\n\r\n")).contains("200", "here");
  }

  @Test
  void aBodyJustSmallEnoughIsTaken() throws Exception {
    serve(limits(10, 10, 20_000));
    String head = "POST /api/body HTTP/1.1\r\nConnection: close\r\n" + HOST + JSON;
    String whole = "Content-Length: 1048576\r\n\r\n" + " ".repeat(1 << 20);
    assertThat(ask(head + whole)).contains("took 1048576");
    String chunks = ("10000\r\n" + " ".repeat(65_536) + "\r\n").repeat(16) + "0\r\n\r\n";
    assertThat(ask(head + "Transfer-Encoding: chunked\r\n\r\n" + chunks)).contains("took 1048576");
  }

  @Test
  void aBodyThatDoesNotComeIsGivenUp() throws Exception {
    serve(limits(10, 10, 20_000));
    String head = "POST /api/body HTTP/1.1\r\n" + HOST + JSON;
    isProblem(ask(head + "Content-Length: 10\r\n\r\n{"), 408);
    isProblem(ask(head + "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"), 408);
  }

  @Test
  void aBodyOfAnUnknownCodingOrABrokenOneIsRefused() throws Exception {
    serve(limits(10, 10, 20_000));
    String head = "POST /api/body HTTP/1.1\r\n" + HOST + JSON;
    isProblem(ask(head + "Transfer-Encoding: gzip\r\nConnection: close\r\n\r\n"), 400);
    // Nothing can be told to somebody who stops speaking HTTP in the middle.
    assertThat(ask(head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n")).isNotNull();
    assertThat(ask("GET /api/storage HTTP/1.0\r\n\r\n")).contains("200", "here");
  }

  @Test
  void aHostThatEndsWithinAPercentEscapeIsRefused() throws Exception {
    serve(limits(10, 10, 20_000));
    for (String host : new String[] {"a%", "a%2", "[::1]%", "%zz"}) {
      isProblem(
          ask("GET /api/storage HTTP/1.1\r\nConnection: close\r\nHost: " + host + "\r\n\r\n"), 400);
    }
  }

  @Test
  void aQueryWithHalfAnEscapeIsRefused() throws Exception {
    serve(limits(10, 10, 20_000));
    for (String query : List.of("a=%2", "a%zz=1", "a=%2\u00dd1")) {
      isProblem(ask("GET /api/storage?" + query + " HTTP/1.1\r\n" + HOST + "\r\n"), 400);
    }
  }

  @Test
  void aFormIsNoJson() throws Exception {
    serve(limits(10, 10, 20_000));
    for (String type : new String[] {"multipart/form-data", "application/x-www-form-urlencoded"}) {
      String request = "POST /api/body HTTP/1.1\r\nConnection: close\r\n" + HOST;
      String body = "Content-Type: " + type + "\r\nContent-Length: 3\r\n\r\na=b";
      isProblem(ask(request + body), 415);
    }
  }

  @Test
  void whoSaysNothingOrOnlyALetterAtATimeIsHungUpOn() throws Exception {
    serve(limits(10, 10, 400));
    assertThat(ask("")).isEmpty();
    try (Socket socket = open()) {
      write(socket, "GET /api/sto");
      assertThat(readAll(socket)).isEmpty();
    }
    try (Socket socket = open()) {
      write(socket, "GET /api/storage HTTP/1.1\r\n" + HOST + "\r\n");
      // Answered, and then closed for want of another request.
      assertThat(readAll(socket)).contains("200 OK").endsWith("here");
    }
  }

  @Test
  void anAnswerThatTakesLongIsWaitedFor() throws Exception {
    serve(limits(10, 10, 200));
    try (Socket socket = open();
        Socket silent = open()) {
      write(socket, "GET /api/slow HTTP/1.1\r\nConnection: close\r\n" + HOST + "\r\n");
      // By the time that the silent one is hung up on, the other would have been as well.
      assertThat(readAll(silent)).isEmpty();
      assertThat(ask("")).isEmpty();
      release.countDown();
      assertThat(readAll(socket)).contains("200 OK").endsWith("at last");
    }
  }

  @Test
  void tooManyRequestsAtOnceAreSentAwayAndComeAgain() throws Exception {
    serve(limits(10, 2, 20_000));
    String slow = "GET /api/slow HTTP/1.1\r\nConnection: close\r\n" + HOST + "\r\n";
    try (Socket one = open();
        Socket two = open()) {
      write(one, slow);
      write(two, slow);
      String answer = "";
      while (!answer.contains(" 429 ")) {
        answer = ask("GET /api/storage HTTP/1.1\r\nConnection: close\r\n" + HOST + "\r\n");
      }
      isProblem(answer, 429);
      assertThat(answer).containsIgnoringCase("retry-after: 1");
      release.countDown();
      assertThat(readAll(one)).endsWith("at last");
      assertThat(readAll(two)).endsWith("at last");
    }
    assertThat(ask("GET /api/storage HTTP/1.0\r\n\r\n")).contains("200 OK");
  }

  @Test
  void tooManyConnectionsAreClosedAndMakeRoomWhenTheyGo() throws Exception {
    serve(limits(5, 10, 20_000));
    List<Socket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < 5; i++) {
        sockets.add(open());
        write(sockets.get(i), "GET /api/storage HTTP/1.1\r\n" + HOST + "\r\n");
        assertThat(sockets.get(i).getInputStream().read()).isEqualTo('H');
      }
      try (Socket surplus = open()) {
        assertThat(surplus.getInputStream().read()).isEqualTo(-1);
      }
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
    String answer = "";
    while (!answer.contains("200 OK")) {
      try {
        answer = ask("GET /api/storage HTTP/1.0\r\n\r\n");
      } catch (IOException e) {
        answer = "";
      }
    }
  }

  @Test
  void whatIsTooLongOrNoHttpIsRefused() throws Exception {
    serve(limits(10, 10, 20_000));
    String end = " HTTP/1.1\r\nConnection: close\r\n" + HOST;
    isProblem(ask("GET /api/" + "a".repeat(30_000) + end + "\r\n"), 414);
    isProblem(ask("GET /api/storage" + end + "X: " + "a".repeat(9_000) + "\r\n\r\n"), 431);
    isProblem(ask("GET /api/storage" + end + "X: a\0b\r\n\r\n"), 400);
    isProblem(ask("\u0016\u0003\u0001\u0002 abc\r\n\r\n"), 400);
    isProblem(ask("GET /api/storage HTTP/1.1\r\nConnection: close\r\n\r\n"), 400);
    isProblem(ask("GET /api/storage" + end + HOST + "\r\n"), 400);
    isProblem(ask("GET http://evil.example/api/storage" + end + "\r\n"), 421);
    isProblem(ask("GET /api/%zz" + end + "\r\n"), 400);
    isProblem(ask("CONNECT localhost:80" + end + "\r\n"), 404);
    isProblem(ask("TRACE /api/storage" + end + "\r\n"), 405);
    isProblem(ask("GET /" + "a".repeat(9_000) + end + "\r\n"), 404);
  }

  @Test
  void theMethodsOfAPathAreNamed() throws Exception {
    serve(limits(10, 10, 20_000));
    String end = " HTTP/1.1\r\nConnection: close\r\n" + HOST + "\r\n";
    assertThat(ask("OPTIONS /api/storage" + end))
        .startsWith("HTTP/1.1 204")
        .contains("Allow: GET, OPTIONS");
    isProblem(ask("OPTIONS /api/nowhere" + end), 404);
  }

  @Test
  void aFaultShowsNothingOfTheInside() throws Exception {
    serve(limits(10, 10, 20_000));
    String answer = ask("GET /api/fault HTTP/1.1\r\nConnection: close\r\n" + HOST + "\r\n");
    isProblem(answer, 500);
    assertThat(answer).doesNotContain("secret");
  }

  @Test
  void aServerThatStopsSaysSo() throws Exception {
    serve(limits(10, 10, 20_000));
    running.ifPresent(ApiServer::wane);
    isProblem(ask("GET /api/storage HTTP/1.1\r\n" + HOST + "\r\n"), 503);
  }

  @Test
  void whoComesBeforeTheRoutesAreThereIsToldSoOrWaits() throws Exception {
    opened = false;
    serve(limits(1_000, 1_000, 20_000));
    assertThat(ask("GET /observe/health/live HTTP/1.0\r\n\r\n"))
        .contains("200 OK", "\"status\":\"UP\"", "\"instance\":\"me\"", "no-store");
    assertThat(ask("GET /observe/health/ready HTTP/1.0\r\n\r\n"))
        .contains("503 ", "\"status\":\"DOWN\"", "Caravan is starting");
    isProblem(ask("POST /observe/health/live HTTP/1.0\r\n\r\n"), 405);
    try (Socket reader = open();
        Socket writer = open()) {
      write(reader, "GET /api/storage HTTP/1.0\r\n\r\n");
      write(writer, "POST /api/body HTTP/1.0\r\n" + JSON + "Content-Length: 70000\r\n\r\n" + "{");
      write(writer, " ".repeat(69_999));
      reader.setSoTimeout(300);
      assertThatThrownBy(() -> reader.getInputStream().read())
          .isInstanceOf(SocketTimeoutException.class);
      reader.setSoTimeout(20_000);
      running.orElseThrow().open();
      assertThat(readAll(reader)).contains("200 OK").endsWith("here");
      assertThat(readAll(writer)).contains("200 OK").endsWith("took 70000");
    }
    assertThat(ask("GET /api/storage HTTP/1.0\r\n\r\n")).contains("200", "here");
  }

  @Test
  void onlySoManyMayWaitForTheRoutes() throws Exception {
    opened = false;
    serve(limits(1_000, 1_000, 20_000));
    List<Socket> early = new ArrayList<>();
    try {
      for (int i = 0; i < Opening.WAITING_MAX; i++) {
        Socket socket = open();
        early.add(socket);
        write(socket, "GET /api/storage HTTP/1.0\r\n\r\n");
      }
      // Those before it may still be on their way in; one of the next finds no room.
      List<String> answers = new ArrayList<>();
      while (answers.isEmpty()) {
        Socket socket = open();
        early.add(socket);
        write(socket, "GET /api/storage HTTP/1.0\r\n\r\n");
        socket.setSoTimeout(300);
        try {
          answers.add(readAll(socket));
        } catch (SocketTimeoutException e) {
          assertThat(early).hasSizeLessThan(2 * Opening.WAITING_MAX);
        }
      }
      isProblem(answers.get(0), 503);
      assertThat(answers.get(0)).contains("Retry-After: 1");
      running.orElseThrow().open();
      assertThat(readAll(early.get(0))).endsWith("here");
      assertThat(readAll(early.get(Opening.WAITING_MAX - 1))).endsWith("here");
    } finally {
      for (Socket each : early) {
        each.close();
      }
    }
  }
}
