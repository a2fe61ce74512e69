package dev.caravan.dgraph.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.caravan.config.DgraphSettings;
import dev.caravan.config.read.ConfigReader;
import dev.caravan.dgraph.read.AdminExchange;
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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * The proxy between raw sockets, so that what is compared are the bytes on the wire and not what
 * some library makes of them.
 */
abstract class ProxyWire {

  static final int MIB = 1 << 20;

  @TempDir Path folder;

  final ExecutorService threads = Executors.newCachedThreadPool();
  final List<AdminExchange> seen = new CopyOnWriteArrayList<>();
  ServerSocket upstream;
  ExportProxy proxy;
  volatile CountDownLatch hold = new CountDownLatch(0);

  /** What the upstream does with one connection. */
  interface Script {
    void run(Request request, Socket socket) throws Exception;
  }

  record Request(String head, byte[] body) {}

  @BeforeEach
  void start() throws Exception {
    upstream = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    proxy = new ExportProxy(settings(), this::see, Clock.systemUTC());
    proxy.start();
  }

  DgraphSettings settings(String... more) {
    List<String> sets = new ArrayList<>(List.of(more));
    sets.add("dgraph.port=0");
    sets.add("dgraph.upstream=http://127.0.0.1:" + upstream.getLocalPort());
    sets.add("dgraph.inspect_limit=64KiB");
    ConfigReader.Result read = new ConfigReader(Map.of(), folder).read(Optional.empty(), sets);
    return read.settings().orElseThrow().dgraph();
  }

  void see(AdminExchange exchange) {
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

  void serve(Script script) {
    serve(upstream, script);
  }

  void serve(ServerSocket server, Script script) {
    threads.submit(
        () -> {
          while (true) {
            Socket socket = server.accept();
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
  static Request read(InputStream in) throws IOException {
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

  static String head(InputStream in) throws IOException {
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

  static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
      line.append((char) b);
    }
    return line.toString().strip();
  }

  /** The content of chunks; the trailers follow it, as text. */
  static byte[] chunks(InputStream in) throws IOException {
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

  Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    socket.setSoTimeout(20_000);
    return socket;
  }

  Request exchange(String head, byte[]... body) throws IOException {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(head.getBytes(ISO_8859_1));
      for (byte[] each : body) {
        socket.getOutputStream().write(each);
      }
      return read(socket.getInputStream());
    }
  }

  static byte[] chunked(byte[] content, int size) {
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
  static void mirror(Request request, Socket socket) throws IOException {
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

  static String hash(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
