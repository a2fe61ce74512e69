package dev.caravan.lab;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.caravan.lab.CountingProxy.Fault;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CountingProxyTest {

  private HttpServer server;
  private CountingProxy proxy;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @BeforeEach
  void startBoth() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext(
        "/",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          String answer = exchange.getRequestMethod() + " " + body.length;
          exchange.sendResponseHeaders(200, answer.length());
          exchange.getResponseBody().write(answer.getBytes(UTF_8));
          exchange.close();
        });
    server.start();
    proxy = new CountingProxy(URI.create("http://127.0.0.1:" + server.getAddress().getPort()));
  }

  @AfterEach
  void stopBoth() {
    proxy.close();
    server.stop(0);
  }

  @Test
  void requestsOverOneConnectionAreCountedByMethod() throws Exception {
    for (int i = 0; i < 5; i++) {
      assertThat(put("/b/key?partNumber=" + i, new byte[70_000])).isEqualTo("PUT 70000");
      assertThat(get("/b/key")).isEqualTo("GET 0");
    }
    assertThat(proxy.bodyBytes("/b/key")).isEqualTo(5 * 70_000);
    assertThat(proxy.bodyBytes("/other")).isZero();
    assertThat(proxy.total()).isEqualTo(10);
    assertThat(proxy.requests("PUT")).isEqualTo(5);
    assertThat(proxy.requests("GET")).isEqualTo(5);
    assertThat(proxy.requests()).contains("PUT /b/key?partNumber=4");
    assertThat(proxy.connections()).isEqualTo(1);
    proxy.reset();
    assertThat(proxy.total()).isZero();
    assertThat(proxy.requests()).isEmpty();
  }

  @Test
  void aChunkedBodyThatLooksLikeRequestsIsNotCounted() throws Exception {
    byte[] body = "GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\n".repeat(2000).getBytes(UTF_8);
    var chunked = BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body));
    for (int i = 0; i < 3; i++) {
      assertThat(send(request("/c").PUT(chunked))).isEqualTo("PUT " + body.length);
    }
    assertThat(put("/c", body)).isEqualTo("PUT " + body.length);
    assertThat(proxy.requests()).hasSize(4).allMatch(request -> request.equals("PUT /c"));
  }

  @Test
  void headsThatComeByteByByteAreCounted() {
    List<String> seen = new ArrayList<>();
    RequestCounter counter = new RequestCounter(seen::add);
    String wire =
        "PUT /ü HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=1\r\nabc\r\n0\r\nt: 1\r\n\r\n"
            + "HEAD /b HTTP/1.1\r\nHost: a\r\n\r\n\r\n"
            + "DELETE /c HTTP/1.1\r\ncontent-length:0\r\n\r\n";
    for (byte b : wire.getBytes(UTF_8)) {
      counter.accept(new byte[] {b}, 1);
    }
    assertThat(seen).containsExactly("PUT /ü", "HEAD /b", "DELETE /c");
  }

  @Test
  void aRefusedConnectionFailsAndFairWeatherHealsIt() throws Exception {
    get("/");
    proxy.weather(CountingProxy.Weather.REFUSE);
    assertThatThrownBy(() -> get("/")).isInstanceOf(IOException.class);
    proxy.weather(CountingProxy.Weather.FAIR);
    assertThat(get("/")).isEqualTo("GET 0");
  }

  @Test
  void aStalledConnectionAnswersNothingUntilItGoesOn() throws Exception {
    proxy.weather(CountingProxy.Weather.STALL);
    var hurried = request("/").timeout(Duration.ofMillis(300)).GET();
    assertThatThrownBy(() -> send(hurried)).isInstanceOf(HttpTimeoutException.class);
    proxy.weather(CountingProxy.Weather.FAIR);
    assertThat(get("/")).isEqualTo("GET 0");
  }

  @Test
  void anUploadIsCutInTheMiddleOnce() throws Exception {
    proxy.cutAfter(100_000);
    assertThatThrownBy(() -> put("/", new byte[1 << 20])).isInstanceOf(IOException.class);
    assertThat(put("/", new byte[1 << 20])).isEqualTo("PUT 1048576");
  }

  @Test
  void oneBitChangesInEachDirectionAndIsCounted() throws Exception {
    proxy.flipAfter(1);
    assertThat(send(request("/").GET())).as("GDT is another method").isEqualTo("GDT 0");
    proxy.flipAnswersAfter(0);
    assertThatThrownBy(() -> get("/")).isInstanceOf(IOException.class);
    assertThat(proxy.injected(Fault.FLIPPED)).isEqualTo(2);
    assertThat(get("/")).isEqualTo("GET 0");
    assertThat(proxy.injected(Fault.FLIPPED)).as("once each").isEqualTo(2);
  }

  @Test
  void everythingIsLateAndSaidToBe() throws Exception {
    proxy.latency(Duration.ofMillis(60));
    long begin = System.nanoTime();
    get("/");
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(120));
    assertThat(proxy.injected(Fault.LATE)).isGreaterThanOrEqualTo(2);
  }

  @Test
  void aRequestArrivesWhoseAnswerIsHeldBack() throws Exception {
    proxy.weather(CountingProxy.Weather.MUTE);
    var hurried = request("/").timeout(Duration.ofMillis(300)).GET();
    assertThatThrownBy(() -> send(hurried)).isInstanceOf(HttpTimeoutException.class);
    assertThat(proxy.requests("GET")).isEqualTo(1);
    assertThat(proxy.injected(Fault.HELD)).isEqualTo(1);
  }

  @Test
  void aThrottledUploadTakesItsTime() throws Exception {
    proxy.throttle(1 << 20);
    long begin = System.nanoTime();
    put("/", new byte[512 << 10]);
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(Duration.ofMillis(400));
  }

  private String get(String path) throws Exception {
    return send(request(path).GET());
  }

  private String put(String path, byte[] body) throws Exception {
    return send(request(path).PUT(BodyPublishers.ofByteArray(body)));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(proxy.endpoint() + path));
  }

  private String send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString()).body();
  }
}
