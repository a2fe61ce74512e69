package dev.caravan.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands before an S3 server and passes bytes as they are, but for the first requests that complete
 * an upload in parts.
 */
final class CompletionFaults implements AutoCloseable {

  /** What happens to the first completion. */
  enum Fault {
    /** The server does it, and its answer is lost. */
    ANSWER_LOST,
    /** It is said to be under way already, and it is done a while later. */
    ALREADY_IN_PROGRESS
  }

  private static final String BUSY_BODY =
      "<Error><Code>InternalError</Code><Message>This multipart completion is already in progress"
          + "</Message></Error>";

  private final ServerSocket server;
  private final int upstream;
  private final Fault fault;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final ScheduledExecutorService later = Executors.newScheduledThreadPool(1);
  private final AtomicInteger begun = new AtomicInteger();
  private final AtomicInteger faults = new AtomicInteger();

  CompletionFaults(int upstream, Fault fault) throws IOException {
    this.server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    this.upstream = upstream;
    this.fault = fault;
    threads.submit(
        () -> {
          while (true) {
            Socket near = server.accept();
            threads.submit(() -> serve(near));
          }
        });
  }

  int port() {
    return server.getLocalPort();
  }

  /** Uploads in parts that were begun. */
  int begun() {
    return begun.get();
  }

  /** How often the fault happened. */
  int happened() {
    return faults.get();
  }

  private Object serve(Socket near) throws IOException {
    try (near;
        Socket far = new Socket(InetAddress.getLoopbackAddress(), upstream)) {
      threads.submit(
          () -> {
            far.getInputStream().transferTo(near.getOutputStream());
            near.close();
            return null;
          });
      InputStream in = near.getInputStream();
      byte[] head = head(in);
      while (head.length > 0) {
        String text = new String(head, ISO_8859_1);
        String line = text.substring(0, text.indexOf('\r'));
        boolean completes = line.startsWith("POST") && line.contains("uploadId=");
        begun.addAndGet(line.startsWith("POST") && line.contains("?uploads") ? 1 : 0);
        long length = length(text);
        if (completes && faults.get() == 0) {
          faults.incrementAndGet();
          byte[] body = in.readNBytes((int) length);
          fail(near, head, body);
          return far;
        }
        far.getOutputStream().write(head);
        pass(in, far.getOutputStream(), length);
        head = head(in);
      }
      return far;
    }
  }

  private void fail(Socket near, byte[] head, byte[] body) throws IOException {
    if (fault == Fault.ANSWER_LOST) {
      complete(head, body);
      return;
    }
    String answer =
        "HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/xml\r\nContent-Length: "
            + BUSY_BODY.length()
            + "\r\nConnection: close\r\n\r\n"
            + BUSY_BODY;
    near.getOutputStream().write(answer.getBytes(ISO_8859_1));
    later.schedule(
        () -> {
          complete(head, body);
          return null;
        },
        1_500,
        TimeUnit.MILLISECONDS);
  }

  private void complete(byte[] head, byte[] body) throws IOException {
    try (Socket far = new Socket(InetAddress.getLoopbackAddress(), upstream)) {
      far.getOutputStream().write(head);
      far.getOutputStream().write(body);
      far.getInputStream().read();
    }
  }

  private static void pass(InputStream in, OutputStream out, long length) throws IOException {
    byte[] buffer = new byte[64 << 10];
    for (long left = length; left > 0; ) {
      int n = in.read(buffer, 0, (int) Math.min(left, buffer.length));
      if (n < 0) {
        return;
      }
      out.write(buffer, 0, n);
      left -= n;
    }
  }

  private static long length(String head) {
    String lower = head.toLowerCase(Locale.ROOT);
    return lower.contains("\r\ncontent-length: ")
        ? Long.parseLong(lower.replaceFirst("(?s).*\r\ncontent-length: ([0-9]+).*", "$1"))
        : 0;
  }

  private static byte[] head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int end = 0;
    for (int b = in.read(); b >= 0; b = in.read()) {
      head.write(b);
      end = b == (end % 2 == 0 ? '\r' : '\n') ? end + 1 : b == '\r' ? 1 : 0;
      if (end == 4) {
        return head.toByteArray();
      }
    }
    return new byte[0];
  }

  @Override
  public void close() throws IOException {
    server.close();
    later.shutdownNow();
    threads.shutdownNow();
  }
}
