package dev.caravan.dgraph.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.config.DgraphSettings;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Connections that break, change or go elsewhere, and what is looked at on the way. */
class ProxyFaultsTest extends ProxyWire {

  private static final String WEB_SOCKET =
      "GET /graphql HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

  @Test
  void headersOfOneConnectionStayThereAndAllOthersPass() throws Exception {
    List<String> heads = new CopyOnWriteArrayList<>();
    serve(
        (request, socket) -> {
          heads.add(request.head());
          String answer =
              "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: X-Own\r\nX-Own: 1\r\n"
                  + "Keep-Alive: timeout=5\r\nDgraph-TouchedUids: 7\r\n\r\n";
          socket.getOutputStream().write(answer.getBytes(ISO_8859_1));
        });
    Request answer =
        exchange(
            "GET / HTTP/1.1\r\nHost: alpha:8080\r\nConnection: keep-alive, X-Mine\r\nX-Mine: 1\r\n"
                + "Proxy-Connection: keep-alive\r\nX-Dgraph-AccessToken: jwt\r\n\r\n");
    assertThat(answer.head()).contains("Dgraph-TouchedUids: 7").doesNotContain("X-Own", "timeout");
    assertThat(heads.get(0))
        .contains("Host: alpha:8080", "X-Dgraph-AccessToken: jwt", "Via: 1.1 caravan")
        .doesNotContain("X-Mine", "Proxy-Connection");
  }

  @Test
  void trailersOfRequestsPassEachWithItsOwn() throws Exception {
    serve(
        (request, socket) -> {
          Request next = request;
          while (!next.head().isEmpty()) {
            String answer =
                "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n".formatted(next.body().length);
            socket.getOutputStream().write(answer.getBytes(ISO_8859_1));
            socket.getOutputStream().write(next.body());
            next = read(socket.getInputStream());
          }
        });
    String head = "POST /q HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n";
    String one = head + "Trailer: X-Sum\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\nX-Sum: 2\r\n\r\n";
    String none = head + "\r\n2\r\nde\r\n0\r\n\r\n";
    String hop = head + "\r\n1\r\nf\r\n0\r\nConnection: x\r\nX-Sum: 3\r\n\r\n";
    String known = "POST /q HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\ng";
    String first = "abc|X-Sum: 1|X-Sum: 2";
    try (Socket socket = connect()) {
      // All at once: the proxy reads on before it has answered the first.
      socket.getOutputStream().write((one + none + hop + known + one).getBytes(ISO_8859_1));
      for (String expected : List.of(first, "de", "f|X-Sum: 3", "g", first)) {
        Request answer = read(socket.getInputStream());
        assertThat(new String(answer.body(), ISO_8859_1)).isEqualTo(expected);
      }
    }
  }

  @Test
  void theClientIsToldToGoOnOnlyWhenTheUpstreamSaysSo() throws Exception {
    Future<byte[]> received =
        threads.submit(
            () -> {
              try (Socket socket = upstream.accept()) {
                assertThat(head(socket.getInputStream())).contains("100-continue");
                socket
                    .getOutputStream()
                    .write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(ISO_8859_1));
                byte[] body = socket.getInputStream().readNBytes(5);
                socket
                    .getOutputStream()
                    .write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(ISO_8859_1));
                return body;
              }
            });
    try (Socket socket = connect()) {
      String head =
          "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(ISO_8859_1));
      assertThat(head(socket.getInputStream())).startsWith("HTTP/1.1 100");
      socket.getOutputStream().write("hello".getBytes(UTF_8));
      assertThat(head(socket.getInputStream())).startsWith("HTTP/1.1 200");
      assertThat(received.get(5, TimeUnit.SECONDS)).isEqualTo("hello".getBytes(UTF_8));
    }
  }

  @Test
  void aTunnelCarriesBytesBothWaysUnlookedAt() throws Exception {
    Future<byte[]> received =
        threads.submit(
            () -> {
              try (Socket socket = upstream.accept()) {
                byte[] first = socket.getInputStream().readNBytes(4);
                socket.getOutputStream().write(new byte[] {9, 8, 7});
                return first;
              }
            });
    try (Socket socket = connect()) {
      String connect =
          "CONNECT 127.0.0.1:%d HTTP/1.1\r\nHost: x\r\n\r\n".formatted(upstream.getLocalPort());
      socket.getOutputStream().write(connect.getBytes(ISO_8859_1));
      assertThat(head(socket.getInputStream())).startsWith("HTTP/1.1 200");
      socket.getOutputStream().write(new byte[] {1, 2, 3, 4});
      assertThat(received.get(5, TimeUnit.SECONDS)).containsExactly(1, 2, 3, 4);
      assertThat(socket.getInputStream().readNBytes(3)).containsExactly(9, 8, 7);
    }
    assertThat(exchange("CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: x\r\n\r\n").head())
        .startsWith("HTTP/1.1 403");
  }

  @Test
  void aConnectionThatChangesItsProtocolPasses() throws Exception {
    serve(
        (request, socket) -> {
          String answer =
              "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                  + "Sec-WebSocket-Accept: abc\r\n\r\n";
          socket.getOutputStream().write(answer.getBytes(ISO_8859_1));
          byte[] first = socket.getInputStream().readNBytes(3);
          socket.getOutputStream().write(first);
        });
    try (Socket socket = connect()) {
      String head =
          "GET /graphql HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(ISO_8859_1));
      assertThat(head(socket.getInputStream())).contains("101", "Sec-WebSocket-Accept: abc");
      socket.getOutputStream().write(new byte[] {1, 2, 3});
      assertThat(socket.getInputStream().readNBytes(3)).containsExactly(1, 2, 3);
    }
  }

  @Test
  void tunnelsAndWebSocketsGiveTheirPlacesBack() throws Exception {
    proxy.close();
    proxy = new ExportProxy(settings(), this::see, Clock.systemUTC(), 4);
    proxy.start();
    serve(
        (request, socket) -> {
          if (request.head().contains("Upgrade")) {
            String answer =
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                    + "Upgrade: websocket\r\n\r\n";
            socket.getOutputStream().write(answer.getBytes(ISO_8859_1));
            socket.getInputStream().read();
          } else {
            mirror(request, socket);
          }
        });
    String tunnel =
        "CONNECT 127.0.0.1:%d HTTP/1.1\r\nHost: h\r\n\r\n".formatted(upstream.getLocalPort());
    for (int i = 0; i < 6; i++) {
      await(tunnel, "HTTP/1.1 200");
      await(WEB_SOCKET, "HTTP/1.1 101");
    }
    await("GET / HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 200");
  }

  /** Until the proxy has a place for it: ends are noticed a little later. */
  private void await(String head, String status) {
    Awaitility.await(status)
        .atMost(Duration.ofSeconds(5))
        .ignoreExceptions()
        .until(
            () -> {
              try (Socket socket = connect()) {
                socket.getOutputStream().write(head.getBytes(ISO_8859_1));
                return head(socket.getInputStream()).startsWith(status);
              }
            });
  }

  @Test
  void aWebSocketThatIsDeclinedLeavesNoConnectionBehind() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    serve(
        (request, socket) -> {
          if (request.head().contains("Upgrade")) {
            String answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno";
            socket.getOutputStream().write(answer.getBytes(ISO_8859_1));
            if (socket.getInputStream().read() < 0) {
              ended.countDown();
            }
          } else {
            mirror(request, socket);
          }
        });
    try (Socket socket = connect()) {
      socket.getOutputStream().write(WEB_SOCKET.getBytes(ISO_8859_1));
      assertThat(read(socket.getInputStream()).body()).isEqualTo("no".getBytes(UTF_8));
      String next = "GET /next HTTP/1.1\r\nHost: h\r\n\r\n";
      socket.getOutputStream().write(next.getBytes(ISO_8859_1));
      assertThat(head(socket.getInputStream())).startsWith("HTTP/1.1 200");
    }
    assertThat(ended.await(5, TimeUnit.SECONDS)).as("the upstream's connection ended").isTrue();
  }

  @Test
  void anOfferOfAnotherProtocolThanWebSocketIsNotPassedOn() throws Exception {
    List<String> heads = new CopyOnWriteArrayList<>();
    serve(
        (request, socket) -> {
          heads.add(request.head());
          mirror(request, socket);
        });
    Request answer =
        exchange(
            "GET /health HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\n"
                + "Upgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABk\r\n\r\n");
    assertThat(answer.head()).startsWith("HTTP/1.1 200");
    assertThat(heads.get(0)).doesNotContain("Upgrade", "HTTP2-Settings");
  }

  @Test
  void onlyTheUpstreamsAdminIsLookedAt() throws Exception {
    proxy.close();
    DgraphSettings open = settings("dgraph.allowed_hosts=[\"*\"]");
    proxy = new ExportProxy(open, this::see, Clock.systemUTC());
    proxy.start();
    serve(ProxyWire::mirror);
    String post = "POST http://%s:%d/admin HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}";
    try (ServerSocket other = new ServerSocket(0, 100, InetAddress.getLoopbackAddress())) {
      serve(other, ProxyWire::mirror);
      String away = post.formatted("127.0.0.1", other.getLocalPort());
      assertThat(exchange(away).head()).startsWith("HTTP/1.1 200");
      assertThat(seen).isEmpty();
    }
    String here = post.formatted("localhost", upstream.getLocalPort());
    assertThat(exchange(here).head()).startsWith("HTTP/1.1 200");
    assertThat(seen).hasSize(1);
  }

  @Test
  void whereNobodyAnswersTheClientIsToldWhy() throws Exception {
    upstream.close();
    Request answer = exchange("GET /health HTTP/1.1\r\nHost: h\r\n\r\n");
    assertThat(answer.head()).startsWith("HTTP/1.1 502");
    assertThat(new String(answer.body(), UTF_8)).contains("no connection to 127.0.0.1", "refused");
  }

  @Test
  void halfAnAnswerDoesNotLookLikeAWholeOne() throws Exception {
    serve(
        (request, socket) -> {
          String head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
          socket.getOutputStream().write(head.getBytes(ISO_8859_1));
          socket.getOutputStream().write(chunked(new byte[100], 50));
        });
    try (Socket socket = connect()) {
      String request = "GET /query HTTP/1.1\r\nHost: h\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(ISO_8859_1));
      String all = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
      assertThat(all).doesNotContain("\r\n0\r\n");
    }
  }

  @Test
  void theLastByteOfAnAnswerComesAfterItIsOnRecordButNotNever() throws Exception {
    serve(ProxyWire::mirror);
    hold = new CountDownLatch(1);
    String head = "POST /admin HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}";
    Future<Request> answer = threads.submit(() -> exchange(head));
    try {
      answer.get(300, TimeUnit.MILLISECONDS);
      throw new AssertionError("the client had its answer before it was on record");
    } catch (TimeoutException e) {
      assertThat(seen).isEmpty();
    }
    long begun = System.nanoTime();
    assertThat(answer.get(10, TimeUnit.SECONDS).body()).isEqualTo("{}".getBytes(UTF_8));
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
    assertThat(hold.getCount()).as("the catalog hangs still").isEqualTo(1);
  }

  @Test
  void onlyShortAnswersOfAdminAreLookedAt() throws Exception {
    serve(ProxyWire::mirror);
    String post =
        "POST %s HTTP/1.1\r\nHost: h\r\nX-Dgraph-AuthToken: t\r\nContent-Length: %d\r\n\r\n";
    byte[] small = "{\"a\":1}".getBytes(UTF_8);
    byte[] big = new byte[200_000];
    exchange(post.formatted("/query", small.length), small);
    exchange(post.formatted("/administer", small.length), small);
    assertThat(exchange(post.formatted("/admin", big.length), big).body()).hasSize(big.length);
    assertThat(seen).isEmpty();
    exchange(post.formatted("/admin?x=1", small.length), small);
    assertThat(seen).hasSize(1);
    assertThat(seen.get(0).request()).isEqualTo(small);
    assertThat(seen.get(0).answer()).isEqualTo(small);
    assertThat(seen.get(0).credentials()).containsEntry("X-Dgraph-AuthToken", "t");
  }

  @Test
  void anUpstreamThatHangsUpWithoutAWordIsA502() throws Exception {
    serve((request, socket) -> {});
    Request answer = exchange("POST /query HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}");
    assertThat(answer.head()).startsWith("HTTP/1.1 502");
    assertThat(new String(answer.body(), UTF_8)).contains("no answer from 127.0.0.1");
  }

  @Test
  void anExportIsSeenThoughTheClientDidNotWaitForTheAnswer() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch gone = new CountDownLatch(1);
    serve(
        (request, socket) -> {
          arrived.countDown();
          gone.await();
          mirror(request, socket);
        });
    try (Socket socket = connect()) {
      String head = "POST /admin HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}";
      socket.getOutputStream().write(head.getBytes(ISO_8859_1));
      assertThat(arrived.await(10, TimeUnit.SECONDS)).isTrue();
    }
    gone.countDown();
    Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> seen.size() == 1);
  }
}
