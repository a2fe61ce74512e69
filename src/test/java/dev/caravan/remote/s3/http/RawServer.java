package dev.caravan.remote.s3.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server that does with each connection what a test wants, byte by byte. */
final class RawServer implements AutoCloseable {

  /** What is done with one connection; it is closed afterwards. */
  interface Script {
    void run(Socket socket, InputStream in, OutputStream out) throws Exception;
  }

  private final ServerSocket server;
  private final List<Socket> accepted = new CopyOnWriteArrayList<>();

  RawServer(Script script) throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread thread =
        new Thread(
            () -> {
              while (!server.isClosed()) {
                try {
                  Socket socket = server.accept();
                  accepted.add(socket);
                  new Thread(() -> serve(socket, script)).start();
                } catch (IOException e) {
                  return;
                }
              }
            });
    thread.setDaemon(true);
    thread.start();
  }

  /** One that answers the first request of each connection with this, and closes. */
  static RawServer saying(String answer) throws IOException {
    return new RawServer(
        (socket, in, out) -> {
          head(in);
          say(out, answer);
        });
  }

  /** One that answers each request with this. */
  static RawServer answering(String answer) throws IOException {
    return new RawServer(
        (socket, in, out) -> {
          while (true) {
            head(in);
            say(out, answer);
          }
        });
  }

  private static void serve(Socket socket, Script script) {
    try (socket) {
      script.run(socket, socket.getInputStream(), socket.getOutputStream());
    } catch (Exception e) {
      // The client sees a connection that ends.
    }
  }

  int port() {
    return server.getLocalPort();
  }

  int connections() {
    return accepted.size();
  }

  /** Reads up to the empty line behind the headers. */
  static String head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int b = in.read();
      if (b < 0) {
        throw new IOException("the client closed");
      }
      head.append((char) b);
    }
    return head.toString();
  }

  static void say(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : accepted) {
      socket.close();
    }
  }
}
