package dev.caravan.dgraph.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.config.DgraphSettings;
import dev.caravan.config.read.ConfigReader;
import dev.caravan.dgraph.read.AdminExchange;
import io.netty.util.internal.PlatformDependent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The proxy between raw sockets, so that what is compared are the bytes on the wire and not what
 * some library makes of them.
 */
class ExportProxyTest {

  private static final int MIB = 1 << 20;
  private static final long SEED = Long.getLong("caravan.seed", System.nanoTime());

  @TempDir Path folder;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<AdminExchange> seen = new CopyOnWriteArrayList<>();
  private ServerSocket upstream;
  private ExportProxy proxy;
  private volatile CountDownLatch hold = new CountDownLatch(0);

  /** What the upstream does with one connection. */
  private interface Script {
    void run(Request request, Socket socket) throws Exception;
  }

  private record Request(String head, byte[] body) {}

  @BeforeEach
  void start() throws Exception {
    upstream = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    proxy = new ExportProxy(settings(), this::see, Clock.systemUTC());
    proxy.start();
  }

  private DgraphSettings settings() {
    ConfigReader.Result read =
        new ConfigReader(Map.of(), folder)
            .read(
                Optional.empty(),
                List.of(
                    "dgraph.port=0",
                    "dgraph.upstream=http://127.0.0.1:" + upstream.getLocalPort(),
                    "dgraph.inspect_limit=64KiB"));
    return read.settings().orElseThrow().dgraph();
  }

  private void see(AdminExchange exchange) {
    try {
      hold.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    seen.add(exchange);
  }

  @AfterEach
  void stop() throws Exception {
    hold.countDown();
    proxy.close();
    upstream.close();
    threads.shutdownNow();
  }

  private void serve(Script script) {
    threads.submit(
        () -> {
          while (true) {
            Socket socket = upstream.accept();
            threads.submit(
                () -> {
                  try (socket) {
                    script.run(read(socket.getInputStream()), socket);
                  }
                  return null;
                });
          }
        });
  }

  /** Reads one message whose length its head says. */
  private static Request read(InputStream in) throws IOException {
    String head = head(in);
    String lower = head.toLowerCase(Locale.ROOT);
    byte[] body = new byte[0];
    if (lower.contains("transfer-encoding: chunked")) {
      body = chunks(in);
    } else if (lower.contains("content-length: ")) {
      String length = lower.replaceFirst("(?s).*content-length: ([0-9]+).*", "$1");
      body = in.readNBytes(Integer.parseInt(length));
    }
    return new Request(head, body);
  }

  private static String head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
      int b = in.read();
      if (b < 0) {
        break;
      }
      head.write(b);
    }
    return head.toString(ISO_8859_1);
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
      line.append((char) b);
    }
    return line.toString().strip();
  }

  /** The content of chunks; the trailers follow it, as text. */
  private static byte[] chunks(InputStream in) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int size = Integer.parseInt(line(in), 16);
        size > 0;
        size = Integer.parseInt(line(in), 16)) {
      body.write(in.readNBytes(size));
      line(in);
    }
    for (String trailer = line(in); !trailer.isEmpty(); trailer = line(in)) {
      body.write(("|" + trailer).getBytes(ISO_8859_1));
    }
    return body.toByteArray();
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    socket.setSoTimeout(20_000);
    return socket;
  }

  private Request exchange(String head, byte[]... body) throws IOException {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(head.getBytes(ISO_8859_1));
      for (byte[] each : body) {
        socket.getOutputStream().write(each);
      }
      return read(socket.getInputStream());
    }
  }

  private static byte[] chunked(byte[] content, int size) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int at = 0; at < content.length; at += size) {
      byte[] piece = Arrays.copyOfRange(content, at, Math.min(content.length, at + size));
      out.writeBytes((Integer.toHexString(piece.length) + "\r\n").getBytes(ISO_8859_1));
      out.writeBytes(piece);
      out.writeBytes("\r\n".getBytes(ISO_8859_1));
    }
    return out.toByteArray();
  }

  /** Answers with what came, framed as the request's X-Frame says. */
  private static void mirror(Request request, Socket socket) throws IOException {
    OutputStream out = socket.getOutputStream();
    String hash = hash(request.body());
    boolean framed = request.head().contains("X-Frame: chunked");
    String status = request.head().contains("X-Fail") ? "500 Went Wrong" : "200 OK";
    String start =
        "HTTP/1.1 %s\r\nX-Hash: %s\r\nX-Twice: a\r\nX-Twice: b\r\nConnection: close\r\n"
            .formatted(status, hash);
    if (framed) {
      out.write((start + "Transfer-Encoding: chunked\r\n\r\n").getBytes(ISO_8859_1));
      out.write(chunked(request.body(), 7_000));
      out.write("0\r\nX-Sum: 42\r\n\r\n".getBytes(ISO_8859_1));
    } else {
      String length = "Content-Length: " + request.body().length + "\r\n\r\n";
      out.write((start + length).getBytes(ISO_8859_1));
      out.write(request.body());
    }
    out.flush();
  }

  private static String hash(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void twoHundredVariedExchangesPassByteForByte() throws Exception {
    serve(ExportProxyTest::mirror);
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
    serve(ExportProxyTest::mirror);
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
    serve(ExportProxyTest::mirror);
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
}
