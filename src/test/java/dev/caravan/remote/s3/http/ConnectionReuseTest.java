package dev.caravan.remote.s3.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** No answer is ever taken for that of another request. */
@Timeout(30)
class ConnectionReuseTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  @Test
  void whatFollowsAnAnswerThatShouldHaveEndedEndsTheConnection() throws Exception {
    try (RawServer server =
            RawServer.answering(OK + "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstray");
        HttpPool pool = pool(server)) {
      for (int i = 0; i < 3; i++) {
        assertThat(text(pool.call(Calls.get()))).isEqualTo("ok");
      }
      assertThat(server.connections()).isEqualTo(3);
    }
  }

  @Test
  void aBodyAfterAHeadIsNotTheNextAnswer() throws Exception {
    try (RawServer server =
            RawServer.answering("HTTP/1.1 404 Gone\r\nContent-Length: 4\r\n\r\noops");
        HttpPool pool = pool(server)) {
      assertThat(pool.call(Calls.head()).status()).isEqualTo(404);
      assertThat(text(pool.call(Calls.get()))).isEqualTo("oops");
    }
  }

  @Test
  void aSuccessBeforeTheBodyWasSentIsNone() throws Exception {
    try (RawServer server =
            new RawServer(
                (socket, in, out) -> {
                  RawServer.head(in);
                  RawServer.say(out, OK);
                  in.read();
                });
        HttpPool pool = pool(server)) {
      assertThatThrownBy(() -> pool.call(Calls.put(new byte[2_000_000], true)))
          .isInstanceOf(ProtocolException.class)
          .hasMessageContaining("before the body");
    }
  }

  @Test
  void aServerThatRefusesLateMayReadTheBodyAsARequest() throws Exception {
    byte[] body = new byte[1_000];
    try (RawServer server =
            new RawServer(
                (socket, in, out) -> {
                  RawServer.head(in);
                  in.readNBytes(body.length);
                  RawServer.say(out, "HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno");
                  in.read();
                });
        HttpPool pool = pool(server)) {
      assertThat(text(pool.call(Calls.put(body, true)))).isEqualTo("no");
      pool.call(Calls.put(body, true)).abort();
      assertThat(server.connections()).isEqualTo(2);
    }
  }

  @Test
  void closingAfterSilenceDoesNotWaitAgain() throws Exception {
    try (RawServer server =
            new RawServer(
                (socket, in, out) -> {
                  RawServer.head(in);
                  RawServer.say(out, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
                  in.read();
                });
        HttpPool pool = pool(server)) {
      HttpAnswer answer = pool.call(Calls.patient(Duration.ofSeconds(4), 0));
      assertThatThrownBy(() -> answer.body().readAllBytes())
          .isInstanceOf(SocketTimeoutException.class);
      long before = System.nanoTime();
      answer.body().close();
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(3));
    }
  }

  private static HttpPool pool(RawServer server) {
    return new HttpPool("http", "127.0.0.1", server.port(), 1, Duration.ofSeconds(30));
  }

  private static String text(HttpAnswer answer) throws IOException {
    try (InputStream body = answer.body()) {
      return new String(body.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
