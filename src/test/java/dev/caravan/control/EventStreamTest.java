package dev.caravan.control;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.config.HttpSettings;
import dev.caravan.config.Secret;
import dev.caravan.event.EventBus;
import dev.caravan.event.EventContent;
import dev.caravan.event.RunId;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Events over a real line, read by hand. */
@Timeout(60)
class EventStreamTest {

  private static final RunId RUN = new RunId("run-1");
  private static final RunId OTHER = new RunId("run-2");

  private final Vertx vertx = Vertx.vertx();
  private final EventBus bus = new EventBus(Clock.systemUTC());
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final EventStream stream = new EventStream(bus, Clock.systemUTC(), meters);
  private int port;

  @BeforeEach
  void serve() throws Exception {
    Router router = Router.router(vertx);
    Secret token = new Secret("s3cret");
    new Doorman(new HttpSettings("127.0.0.1", 0, Optional.of(token), false, true)).guard(router);
    stream.serve(router);
    HttpServer server = vertx.createHttpServer().requestHandler(router);
    port =
        server
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS)
            .actualPort();
  }

  @AfterEach
  void close() throws Exception {
    stream.close();
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private void say(RunId run, String message) {
    bus.publish(run, new EventContent.Log("info", message));
  }

  /** A listener that reads lines; {@code Host} and the token are added. */
  private final class Listener implements AutoCloseable {
    private final Socket socket;
    private final BufferedReader in;

    Listener(String line, String... headers) throws IOException {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setSoTimeout(20_000);
      String more = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
      String head = line + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer s3cret\r\n";
      socket.getOutputStream().write((head + more + "\r\n").getBytes(StandardCharsets.UTF_8));
      in = new BufferedReader(new InputStreamReader(socket.getInputStream(), "UTF-8"));
    }

    /** Reads up to the first line that begins so, and answers with it. */
    String await(String begin) throws IOException {
      List<String> seen = new ArrayList<>();
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (System.nanoTime() < deadline) {
        String line = in.readLine();
        if (line == null) {
          break;
        }
        seen.add(line);
        if (line.startsWith(begin)) {
          return line;
        }
      }
      throw new IOException("no '" + begin + "' in " + seen);
    }

    List<String> rest() throws IOException {
      return in.lines().toList();
    }

    long id() throws IOException {
      return Long.parseLong(await("id: ").substring(4));
    }

    Listener listening() throws IOException {
      await(": listening");
      return this;
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private Listener listen(String query, String... headers) throws IOException {
    return new Listener("GET /api/events" + query, headers);
  }

  @Test
  void aListenerIsToldWhatHappensInTheFormOfServerSentEvents() throws Exception {
    say(RUN, "before");
    try (Listener listener = listen("")) {
      assertThat(listener.await("HTTP/1.1")).isEqualTo("HTTP/1.1 200 OK");
      assertThat(listener.await("Content-Type")).contains("text/event-stream");
      listener.listening();
      say(RUN, "line\nbreak");
      say(OTHER, "two");
      long first = listener.id();
      assertThat(listener.await("")).isEqualTo("event: log");
      assertThat(listener.await(""))
          .isEqualTo(
              "data: {\"run_id\":\"run-1\",\"level\":\"info\",\"message\":\"line\\nbreak\"}");
      assertThat(listener.await("")).isEmpty();
      assertThat(listener.id()).isEqualTo(first + 1);
    }
  }

  @Test
  void aListenerMayWishForOneRunOnly() throws Exception {
    try (Listener listener = listen("?run_id=run-2").listening()) {
      say(RUN, "not this");
      say(OTHER, "this");
      say(RUN, "not this either");
      say(OTHER, "and this");
      long first = listener.id();
      assertThat(listener.await("data: ")).contains("\"this\"");
      assertThat(listener.id()).isEqualTo(first + 2);
      assertThat(listener.await("data: ")).contains("and this");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"header", "parameter"})
  void whoComesBackMissesNothing(String how) throws Exception {
    long known;
    try (Listener listener = listen("").listening()) {
      say(RUN, "one");
      known = listener.id();
    }
    for (int i = 0; i < 900; i++) {
      say(RUN, "meanwhile " + i);
    }
    try (Listener listener =
        how.equals("header")
            ? listen("", "Last-Event-ID: " + known)
            : listen("?last_event_id=" + known)) {
      listener.listening();
      for (int i = 0; i < 900; i++) {
        assertThat(listener.id()).isEqualTo(known + 1 + i);
        assertThat(listener.await("data: ")).contains("meanwhile " + i + "\"");
      }
      say(RUN, "now");
      assertThat(listener.id()).isEqualTo(known + 901);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1", "-5", "x", "99999999999999999999", "123456789012345678"})
  void whoComesBackWithAnIdThatIsNotHeldIsToldSoAndGetsAllThereIs(String id) throws Exception {
    for (int i = 0; i < 1_200; i++) {
      say(RUN, "early " + i);
    }
    try (Listener listener = listen("", "Last-Event-ID: " + id).listening()) {
      assertThat(listener.await(": lost")).contains("no longer held");
      assertThat(listener.await("data: ")).contains("early 200\"");
      say(RUN, "last");
      assertThat(listener.await("data: {\"run_id\":\"run-1\",\"level\":\"info\",\"message\":\"la"))
          .contains("last");
    }
  }

  @Test
  void aListenerThatGoesLeavesNothingBehind() throws Exception {
    for (int i = 0; i < 300; i++) {
      listen("").listening().close();
      if (i % 100 == 99) {
        awaitListeners(0);
      }
    }
    listen("").listening().close();
  }

  private void awaitListeners(int number) {
    Awaitility.await()
        .atMost(20, TimeUnit.SECONDS)
        .until(() -> meters.get("caravan_event_clients").gauge().value() == number);
  }

  @Test
  void manyMayListenAndBeyondTheLimitOneIsSentAway() throws Exception {
    List<Listener> listeners = new ArrayList<>();
    try {
      for (int i = 0; i < EventStream.CLIENTS_MAX; i++) {
        listeners.add(listen("").listening());
      }
      try (Listener late = listen("", "Connection: close")) {
        assertThat(late.rest())
            .startsWith("HTTP/1.1 429 Too Many Requests")
            .anyMatch(line -> line.startsWith("{") && line.contains("\"status\":429"));
      }
      for (int i = 0; i < 50; i++) {
        say(RUN, "to all " + i);
      }
      for (Listener listener : listeners) {
        long first = listener.id();
        for (int i = 1; i < 50; i++) {
          assertThat(listener.id()).isEqualTo(first + i);
        }
      }
      listeners.remove(0).close();
      awaitListeners(EventStream.CLIENTS_MAX - 1);
      listeners.add(listen("").listening());
    } finally {
      for (Listener listener : listeners) {
        listener.close();
      }
    }
  }

  @Test
  void aListenerThatReadsTooSlowlyIsDroppedWithAReasonAndTheOthersAreNot() throws Exception {
    String much = "x".repeat(1_000);
    try (Listener slow = listen("").listening();
        Listener other = listen("").listening()) {
      int said = 0;
      while (meters.get("caravan_event_clients_dropped").counter().count() == 0) {
        for (int i = 0; i < 1_000; i++) {
          say(RUN, much);
        }
        said += 1_000;
        for (int i = 0; i < 1_000; i++) {
          other.id();
        }
        assertThat(said).as("events that a listener let lie").isLessThan(200_000);
      }
      say(OTHER, "still there");
      assertThat(other.await("data: {\"run_id\":\"run-2\"")).contains("still there");
      awaitListeners(1);
    }
  }

  @Test
  void aStopEndsAllAndSaysSo() throws Exception {
    try (Listener listener = listen("").listening()) {
      stream.close();
      assertThat(listener.await(": Caravan")).contains("stopping");
    }
    try (Listener late = listen("", "Connection: close")) {
      assertThat(late.rest()).startsWith("HTTP/1.1 503 Service Unavailable");
    }
  }

  @Test
  void whatIsNotAskedForRightIsRefused() throws Exception {
    String[][] cases = {
      {"GET /api/events?run_id=../x", "422"},
      {"GET /api/events?since=1", "422"},
      {"DELETE /api/events", "403"},
      {"HEAD /api/events", "200"},
    };
    for (String[] each : cases) {
      try (Listener listener = new Listener(each[0], "Connection: close")) {
        assertThat(listener.rest()).as(each[0]).first().asString().contains(" " + each[1] + " ");
      }
    }
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket
          .getOutputStream()
          .write(
              "GET /api/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.UTF_8));
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .startsWith("HTTP/1.1 401");
    }
    awaitListeners(0);
  }
}
