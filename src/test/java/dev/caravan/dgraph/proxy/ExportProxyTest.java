package dev.caravan.dgraph.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.internal.PlatformDependent;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What passes, passes byte for byte, whatever its size and whoever is slow. */
class ExportProxyTest extends ProxyWire {

  private static final long SEED = Long.getLong("caravan.seed", System.nanoTime());

  @Test
  void twoHundredVariedExchangesPassByteForByte() throws Exception {
    serve(ProxyWire::mirror);
    SplittableRandom random = new SplittableRandom(SEED);
    String[] methods = {"POST", "PUT", "PATCH", "DELETE", "QUERY", "GET"};
    String[] paths = {
      "/query?x=%zz|{}", "/mutate?commitNow=true", "/admin", "/admin/schema", "//a"
    };
    for (int i = 0; i < 200; i++) {
      byte[] body = new byte[random.nextInt(10) == 0 ? 0 : random.nextInt(1, 300_000)];
      random.nextBytes(body);
      boolean chunkedUp = random.nextBoolean();
      boolean chunkedDown = random.nextBoolean();
      boolean fails = random.nextInt(8) == 0;
      String path = paths[random.nextInt(paths.length)];
      String head =
          "%s %s HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\n%s%s%s\r\n"
              .formatted(
                  methods[random.nextInt(methods.length)],
                  path,
                  chunkedDown ? "X-Frame: chunked\r\n" : "",
                  fails ? "X-Fail: yes\r\n" : "",
                  chunkedUp
                      ? "Transfer-Encoding: chunked\r\n"
                      : "Content-Length: " + body.length + "\r\n");
      byte[] sent = chunkedUp ? chunked(body, random.nextInt(1, 9_000)) : body;
      byte[] end = chunkedUp ? "0\r\n\r\n".getBytes(ISO_8859_1) : new byte[0];
      Request answer = exchange(head, sent, end);
      String what = "exchange %d, seed %d: %s".formatted(i, SEED, head);
      assertThat(answer.head()).as(what).contains("X-Hash: " + hash(body));
      assertThat(answer.head()).as(what).contains("X-Twice: a\r\nX-Twice: b");
      assertThat(answer.head())
          .as(what)
          .startsWith(fails ? "HTTP/1.1 500 Went Wrong" : "HTTP/1.1 200 OK");
      byte[] expected = chunkedDown ? concat(body, "|X-Sum: 42".getBytes(ISO_8859_1)) : body;
      assertThat(hash(answer.body())).as(what).isEqualTo(hash(expected));
    }
  }

  private static byte[] concat(byte[] a, byte[] b) {
    byte[] all = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, all, a.length, b.length);
    return all;
  }

  @Test
  void aHugeAnswerStreamsInFlatMemory() throws Exception {
    long total = 1L << 30;
    byte[] block = new byte[MIB];
    serve(
        (request, socket) -> {
          String head = "HTTP/1.1 200 OK\r\nContent-Length: " + total + "\r\n\r\n";
          socket.getOutputStream().write(head.getBytes(ISO_8859_1));
          for (long sent = 0; sent < total; sent += block.length) {
            socket.getOutputStream().write(block);
          }
        });
    long before = direct();
    try (Socket socket = connect()) {
      String request = "GET /query HTTP/1.1\r\nHost: h\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(ISO_8859_1));
      head(socket.getInputStream());
      byte[] buffer = new byte[MIB];
      long got = 0;
      long most = 0;
      while (got < total) {
        int n = socket.getInputStream().read(buffer);
        assertThat(n).isPositive();
        got += n;
        if (got % (64 * MIB) < n) {
          most = Math.max(most, direct() - before);
        }
      }
      assertThat(most).as("memory for 1 GiB").isLessThan(64L * MIB);
    }
  }

  /** What Netty holds outside the heap, and what is live in it. */
  private static long direct() {
    Runtime.getRuntime().gc();
    long used = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    return used + PlatformDependent.usedDirectMemory();
  }

  @Test
  void aClientThatDoesNotReadHarmsNobodyElse() throws Exception {
    serve(
        (request, socket) -> {
          boolean big = request.head().contains("/big");
          long total = big ? 200L * MIB : 5;
          String head = "HTTP/1.1 200 OK\r\nContent-Length: " + total + "\r\n\r\n";
          socket.getOutputStream().write(head.getBytes(ISO_8859_1));
          byte[] block = big ? new byte[MIB] : "hello".getBytes(UTF_8);
          for (long sent = 0; sent < total; sent += block.length) {
            socket.getOutputStream().write(block);
          }
        });
    List<Socket> stalled = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      Socket socket = connect();
      socket.getOutputStream().write("GET /big HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(ISO_8859_1));
      stalled.add(socket);
    }
    for (int i = 0; i < 20; i++) {
      assertThat(exchange("GET /small HTTP/1.1\r\nHost: h\r\n\r\n").body())
          .isEqualTo("hello".getBytes(UTF_8));
    }
    for (Socket socket : stalled) {
      socket.close();
    }
    assertThat(exchange("GET /small HTTP/1.1\r\nHost: h\r\n\r\n").body()).hasSize(5);
  }
}
