package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.api.ApiDocument;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client that means harm, while the mirror works: it is refused, and the mirror goes on. */
class ApiHostileIT {

  private static final String HOST = "Host: localhost\r\n";
  private static final String CLOSE = "Connection: close\r\n";

  /** They are sent as they stand, without being made proper first. */
  private static final List<String> TRAVERSALS =
      List.of(
          "../../../../etc/passwd",
          "..%2f..%2f..%2f..%2fetc%2fpasswd",
          "%2e%2e/%2e%2e/%2e%2e/etc/passwd",
          "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
          "%c0%ae%c0%ae%c0%afetc%c0%afpasswd",
          "%e0%80%ae%e0%80%ae/etc/passwd",
          "%uff0e%uff0e/etc/passwd",
          "%2fetc%2fpasswd",
          "a/../../b",
          "a%00b",
          "%ff%fe%fd",
          "a%2");

  @TempDir Path folder;

  private static Socket open(int port) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(30_000);
    return socket;
  }

  private static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
  }

  private static String ask(int port, String request) {
    try (Socket socket = open(port)) {
      write(socket, request);
      return readAll(socket);
    } catch (IOException e) {
      throw new UncheckedIOException(request, e);
    }
  }

  private static int status(String answer) {
    assertThat(answer).matches("(?s)HTTP/1\\.[01] [0-9]{3} .*");
    return Integer.parseInt(answer.substring(9, 12));
  }

  private static void isRefused(int port, String request) {
    String answer = ask(port, request);
    assertThat(status(answer)).as("%s -> %s", request, answer).isBetween(400, 499);
    assertThat(answer)
        .contains("application/problem+json")
        .doesNotContain("root:", "<html", "\tat ", "Set-Cookie:");
  }

  @Test
  void noPathLeadsOutOfTheApi() throws Exception {
    CaravanSetup caravan = CaravanSetup.in(folder).mirror("store.settle=0s");
    Trees.write(caravan.store().resolve("a/b"), "x");
    try (CaravanProcess daemon = caravan.start()) {
      daemon.await(
          "/api/storage",
          Duration.ofSeconds(20),
          answer -> answer.json().at("/remotes/0/verified").asInt() == 1);
      int port = caravan.port();
      int asked = 0;
      for (ApiDocument.Operation each : ApiDocument.load().operations()) {
        for (String traversal : each.path().contains("{") ? TRAVERSALS : List.<String>of()) {
          String path = each.path().replaceFirst("\\{[^}]+}", traversal);
          isRefused(port, each.method() + " " + path + " HTTP/1.1\r\n" + HOST + CLOSE + "\r\n");
          asked++;
        }
      }
      assertThat(asked).isGreaterThan(3 * TRAVERSALS.size());
      withStrangeHeaders(port);
      inStrangeForms(port);
      assertThat(daemon.err()).doesNotContain("\tat ", " ERROR ");
    }
  }

  private static void withStrangeHeaders(int port) {
    String line = "GET /api/files HTTP/1.1\r\n" + HOST + CLOSE;
    String plain = ask(port, line + "\r\n");
    for (String header :
        List.of(
            "CamelHttpResponseCode: 500",
            "camelhttpresponsecode: 500",
            "CAMELHTTPPATH: /etc/passwd",
            "CamelHttpRawQuery: limit=0",
            "CamelHttpQuery: limit=0",
            "CamelFileName: ../x",
            "CamelCaravanStorePath: ../x",
            "CamelExecCommandExecutable: sh",
            "CamelBeanMethodName: cancel",
            "limit: 0",
            "state: lost",
            "cursor: x",
            "id: x",
            "X-HTTP-Method-Override: DELETE",
            "breadcrumbId: x",
            "Transfer-Encoding: chunked\r\n\r\n0")) {
      assertThat(ask(port, line + header + "\r\n\r\n")).as(header).isEqualTo(plain);
    }
    for (String query : List.of("CamelHttpResponseCode=500", "CamelHttpPath=/x", "id=x")) {
      isRefused(port, "GET /api/files?" + query + " HTTP/1.1\r\n" + HOST + CLOSE + "\r\n");
    }
    isRefused(
        port,
        "POST /api/storage/pause HTTP/1.1\r\n"
            + HOST
            + CLOSE
            + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 25\r\n\r\n"
            + "CamelHttpResponseCode=500");
  }

  private static void inStrangeForms(int port) {
    assertThat(status(ask(port, "GET /api/storage HTTP/1.0\r\n\r\n"))).isEqualTo(200);
    isRefused(port, "GET /api/storage HTTP/1.1\r\n" + CLOSE + "\r\n");
    isRefused(port, "GET /api/storage HTTP/1.1\r\n" + HOST + HOST + CLOSE + "\r\n");
    String end = " HTTP/1.1\r\n" + HOST + CLOSE + "\r\n";
    assertThat(status(ask(port, "GET http://localhost/api/storage" + end))).isEqualTo(200);
    isRefused(port, "GET http://evil.example/api/storage" + end);
    isRefused(port, "CONNECT evil.example:443" + end);
    isRefused(port, "TRACE /api/storage" + end);
    isRefused(port, "GET /" + "a".repeat(40_000) + end);
    isRefused(port, "GET / HTTP/1.1\r\n" + HOST + CLOSE + "X: " + "a".repeat(20_000) + "\r\n\r\n");
    isRefused(port, "GET / HTTP/1.1\r\n" + HOST + CLOSE + "X: a\0b\r\n\r\n");
    isRefused(port, "nonsense\r\n\r\n");
    isRefused(port, "GET /api/runs/a%0d%0aSet-Cookie:%20b=c" + end);
    String many = ("GET /observe/health/live HTTP/1.1\r\n" + HOST + "\r\n").repeat(99);
    String answers = ask(port, many + "GET /observe/health/live" + end);
    assertThat(answers.split("HTTP/1.1 200 OK", -1)).hasSize(101);
  }

  @Test
  void aThousandConnectionsAndSlowAndHugeBodiesDoNotStopTheMirror() throws Exception {
    CaravanSetup caravan = CaravanSetup.in(folder).mirror("store.settle=0s", "store.watch=false");
    List<Socket> sockets = new ArrayList<>();
    try (CaravanProcess daemon = caravan.start()) {
      Trees.many(caravan.store().resolve("quiet"), 400, 2_000, 1);
      long quiet = syncMillis(daemon);
      for (int i = 0; i < 1_000; i++) {
        sockets.add(open(caravan.port()));
        write(sockets.get(i), i % 2 == 0 ? "GET /api/st" : slowBody());
      }
      Trees.many(caravan.store().resolve("busy"), 400, 2_000, 2);
      AtomicInteger refusals = new AtomicInteger();
      Thread noise = new Thread(() -> makeNoise(caravan.port(), refusals), "noise");
      noise.start();
      long busy = syncMillis(daemon);
      noise.interrupt();
      noise.join();
      Mirrored.assertEqual(caravan.store(), caravan.remote());
      assertThat(refusals).hasValueGreaterThan(0);
      answered(sockets);
      String report = "sync of 400 files: %d ms quiet, %d ms under attack".formatted(quiet, busy);
      System.out.println(report);
      Files.writeString(Path.of("target/api-hostile.txt"), report + System.lineSeparator());
      assertThat(Duration.ofMillis(busy)).isLessThan(Duration.ofSeconds(30));
      daemon.await("/observe/health/ready", Duration.ofSeconds(10), a -> a.status() == 200);
      assertThat(daemon.err()).doesNotContain("\tat ", " ERROR ");
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  private static String slowBody() {
    return "POST /api/storage/pause HTTP/1.1\r\n"
        + HOST
        + CLOSE
        + "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{";
  }

  private static long syncMillis(CaravanProcess daemon) {
    long begun = System.nanoTime();
    assertThat(daemon.sync("{}").json().at("/state").asText()).isEqualTo("succeeded");
    return Duration.ofNanos(System.nanoTime() - begun).toMillis();
  }

  /** Bodies that are too large, one after the other, until told to stop. */
  private static void makeNoise(int port, AtomicInteger refusals) {
    String head =
        "POST /api/storage/sync HTTP/1.1\r\n"
            + HOST
            + CLOSE
            + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    String chunk = "10000\r\n" + "[".repeat(65_536) + "\r\n";
    while (!Thread.currentThread().isInterrupted()) {
      try (Socket socket = open(port)) {
        write(socket, head + chunk.repeat(17));
        InputStream in = socket.getInputStream();
        String answer = new String(in.readNBytes(12), StandardCharsets.UTF_8);
        // Sent away for its size, or for the bodies that are on their way already.
        assertThat(answer).matches("HTTP/1.1 4(13|29)");
        refusals.incrementAndGet();
      } catch (IOException e) {
        // Cut off while it was still sending: refused as well.
        refusals.incrementAndGet();
      }
    }
  }

  /** Those who began to ask may go on, and are answered. */
  private static void answered(List<Socket> sockets) throws IOException {
    for (int i = 0; i < sockets.size(); i += 100) {
      write(sockets.get(i), "orage HTTP/1.1\r\n" + HOST + CLOSE + "\r\n");
      assertThat(status(readAll(sockets.get(i)))).isEqualTo(200);
      write(sockets.get(i + 1), " ".repeat(98) + "}");
      // The last time that it was waited for may have been over by then.
      assertThat(status(readAll(sockets.get(i + 1)))).isIn(200, 408);
    }
  }

  private static String readAll(Socket socket) throws IOException {
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
