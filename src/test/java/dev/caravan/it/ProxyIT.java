package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.lab.S3Bucket;
import dev.caravan.lab.S3Server;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bucket behind a proxy that the environment names, as every other tool finds it. */
class ProxyIT {

  @TempDir Path folder;

  /**
   * Takes requests for any server; those for plain HTTP it passes on to one, tunnels it refuses.
   */
  private static final class ForwardProxy implements AutoCloseable {

    private final ServerSocket door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final URI server;
    private final List<String> heads = new CopyOnWriteArrayList<>();

    ForwardProxy(URI server) throws IOException {
      this.server = server;
      start(
          () -> {
            while (true) {
              Socket client = door.accept();
              start(() -> serve(client));
            }
          });
    }

    private interface Work {
      void run() throws IOException;
    }

    private static void start(Work work) {
      Thread thread =
          new Thread(
              () -> {
                try {
                  work.run();
                } catch (IOException e) {
                  // One of the two has closed.
                }
              });
      thread.setDaemon(true);
      thread.start();
    }

    String address(String user) {
      return "http://" + user + "127.0.0.1:" + door.getLocalPort();
    }

    /** One request for each connection. */
    private void serve(Socket client) throws IOException {
      try (client;
          Socket there = new Socket(server.getHost(), server.getPort())) {
        InputStream in = client.getInputStream();
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
          int next = in.read();
          if (next < 0) {
            return;
          }
          head.append((char) next);
        }
        heads.add(head.toString());
        if (head.indexOf("CONNECT ") == 0) {
          say(client, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
          return;
        }
        String request =
            head.toString()
                .replaceFirst(" http://[^/]+", " ")
                .replaceFirst("\r\n", "\r\nConnection: close\r\n");
        say(there, request);
        start(() -> in.transferTo(there.getOutputStream()));
        there.getInputStream().transferTo(client.getOutputStream());
      }
    }

    private static void say(Socket to, String text) throws IOException {
      OutputStream out = to.getOutputStream();
      out.write(text.getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
    }

    @Override
    public void close() throws IOException {
      door.close();
    }
  }

  private CaravanSetup caravan(S3Bucket bucket, String endpoint) {
    CaravanSetup caravan = CaravanSetup.in(folder).mirror();
    caravan.config(S3Yaml.of(caravan.store(), bucket.endpoint(URI.create(endpoint)).settings()));
    return caravan;
  }

  @Test
  void aMirrorGoesThroughIt() throws Exception {
    S3Bucket bucket = S3Server.S3PROXY.newBucket();
    URI real = bucket.settings().endpoint().orElseThrow();
    // The name stands in what is signed; the server takes any.
    String unreachable = "http://s3.nowhere.invalid:" + real.getPort();
    try (ForwardProxy proxy = new ForwardProxy(real)) {
      CaravanSetup caravan = caravan(bucket, unreachable);
      caravan.env("http_proxy", proxy.address("me:s%40cret@")).env("NO_PROXY", "other.invalid");
      Trees.write(caravan.store().resolve("d/a b"), "content");
      Outcome sync = caravan.cli("sync");
      assertThat(sync.exitCode()).as("%s", sync).isZero();
      assertThat(bucket.disk().resolve("d/a b")).hasContent("content");
      assertThat(proxy.heads)
          .anyMatch(head -> head.startsWith("PUT " + unreachable + "/"))
          .allMatch(head -> head.contains("Proxy-Authorization: Basic " + base64("me:s@cret")));
      assertThat(sync.out() + sync.err()).doesNotContain("cret");
    }
  }

  @Test
  void oneForHttpsIsAskedForATunnelAndWhatItRefusesIsSaid() throws Exception {
    S3Bucket bucket = S3Server.S3PROXY.newBucket();
    URI real = bucket.settings().endpoint().orElseThrow();
    try (ForwardProxy proxy = new ForwardProxy(real)) {
      CaravanSetup caravan = caravan(bucket, "https://s3.nowhere.invalid");
      caravan.env("HTTPS_PROXY", proxy.address(""));
      Trees.write(caravan.store().resolve("a"), "content");
      Outcome refused = caravan.cli("sync");
      assertThat(refused.exitCode()).as("%s", refused).isEqualTo(1);
      assertThat(proxy.heads)
          .isNotEmpty()
          .allMatch(head -> head.startsWith("CONNECT s3.nowhere.invalid:443 "));
      assertThat(refused.err()).contains("403").doesNotContain("\tat ");

      int before = proxy.heads.size();
      caravan.env("no_proxy", "example.org,.invalid");
      assertThat(caravan.cli("sync").err()).contains("s3.nowhere.invalid");
      assertThat(proxy.heads).as("it is not for that server").hasSize(before);

      caravan.env("no_proxy", "").env("HTTPS_PROXY", "http://me:secret@");
      Outcome wrong = caravan.cli("sync");
      assertThat(wrong.exitCode()).as("%s", wrong).isEqualTo(1);
      assertThat(wrong.err())
          .contains("HTTPS_PROXY is not the address of a proxy")
          .doesNotContain("secret@", "\tat ");
    }
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
