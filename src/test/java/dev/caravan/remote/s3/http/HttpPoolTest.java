package dev.caravan.remote.s3.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class HttpPoolTest {

  private static final Duration IDLE = Duration.ofSeconds(30);
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  @Test
  void oneConnectionServesManyRequests() throws Exception {
    List<String> heads = new CopyOnWriteArrayList<>();
    try (RawServer server =
            new RawServer(
                (socket, in, out) -> {
                  while (true) {
                    heads.add(RawServer.head(in));
                    RawServer.say(out, OK);
                  }
                });
        HttpPool pool = pool(server, 2)) {
      for (int i = 0; i < 5; i++) {
        assertThat(text(pool.call(Calls.get()))).isEqualTo("ok");
      }
      assertThat(server.connections()).isOne();
      assertThat(heads).hasSize(5).allMatch(head -> head.startsWith("GET / HTTP/1.1\r\n"));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 64 * 1024 - 40, 64 * 1024, 200_000, 3_000_000})
  void bodiesArriveWhole(int bytes) throws Exception {
    byte[] body = new byte[bytes];
    new Random(bytes).nextBytes(body);
    CompletableFuture<byte[]> arrived = new CompletableFuture<>();
    try (RawServer server =
            new RawServer(
                (socket, in, out) -> {
                  RawServer.head(in);
                  arrived.complete(in.readNBytes(bytes));
                  RawServer.say(out, "HTTP/1.1 204 No Content\r\n\r\n");
                });
        HttpPool pool = pool(server, 1)) {
      HttpAnswer answer = pool.call(Calls.put(body, false));
      assertThat(answer.status()).isEqualTo(204);
      assertThat(answer.body().read()).isEqualTo(-1);
      assertThat(arrived.get()).isEqualTo(body);
    }
  }

  @Test
  void chunksAreJoinedAndTheConnectionIsUsedAgain() throws Exception {
    try (RawServer server =
            new RawServer(
                (socket, in, out) -> {
                  while (true) {
                    RawServer.head(in);
                    RawServer.say(
                        out,
                        "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n"
                            + "3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n");
                  }
                });
        HttpPool pool = pool(server, 1)) {
      assertThat(text(pool.call(Calls.get()))).isEqualTo("abc0123456789");
      assertThat(text(pool.call(Calls.get()))).isEqualTo("abc0123456789");
      assertThat(server.connections()).isOne();
    }
  }

  @Test
  void aBodyWithoutALengthEndsWithTheConnection() throws Exception {
    try (RawServer server = RawServer.saying("HTTP/1.0 200 OK\r\n\r\nall of it");
        HttpPool pool = pool(server, 1)) {
      assertThat(text(pool.call(Calls.get()))).isEqualTo("all of it");
      assertThat(text(pool.call(Calls.get()))).isEqualTo("all of it");
      assertThat(server.connections()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n",
      })
  void lessThanWasPromisedIsNoEnd(String said) throws Exception {
    try (RawServer server = RawServer.saying(said);
        HttpPool pool = pool(server, 1)) {
      HttpAnswer answer = pool.call(Calls.get());
      assertThatThrownBy(() -> answer.body().readAllBytes()).isInstanceOf(EOFException.class);
      answer.body().close();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "HTTP/1.1 9xx Odd\r\n\r\n",
        "HTTP/2 200\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno header\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
      })
  void whatIsNoAnswerIsRefused(String said) throws Exception {
    try (RawServer server = RawServer.saying(said);
        HttpPool pool = pool(server, 1)) {
      assertThatThrownBy(() -> pool.call(Calls.get())).isInstanceOf(ProtocolException.class);
      assertThatThrownBy(() -> pool.call(Calls.get()))
          .as("a place is left")
          .isInstanceOf(ProtocolException.class);
    }
  }

  @Test
  void aHeadWithoutEndIsRefusedInsteadOfFillingTheMemory() throws Exception {
    try (RawServer server =
            new RawServer(
                (socket, in, out) -> {
                  RawServer.head(in);
                  RawServer.say(out, "HTTP/1.1 200 OK\r\n");
                  while (true) {
                    RawServer.say(out, "X-Header: " + "x".repeat(1000) + "\r\n");
                  }
                });
        HttpPool pool = pool(server, 1)) {
      assertThatThrownBy(() -> pool.call(Calls.get()))
          .isInstanceOf(ProtocolException.class)
          .hasMessageContaining("128 KiB");
    }
  }

  @Test
  void aRefusalSparesTheBodyThatAskedFirst() throws Exception {
    AtomicInteger opened = new AtomicInteger();
    try (RawServer server =
            new RawServer(
                (socket, in, out) -> {
                  RawServer.head(in);
                  RawServer.say(out, "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
                  in.read();
                });
        HttpPool pool = pool(server, 1)) {
      HttpCall call =
          Calls.call("PUT", 5_000_000, true, () -> counted(opened, new byte[5_000_000]));
      assertThat(text(pool.call(call))).isEqualTo("no");
      assertThat(opened).hasValue(0);
      pool.call(call).abort();
      assertThat(server.connections()).as("nothing follows what was not sent").isEqualTo(2);
    }
  }

  @Test
  void aServerThatIsSilentWhenAskedGetsTheBody() throws Exception {
    byte[] body = new byte[100_000];
    try (RawServer server =
            new RawServer(
                (socket, in, out) -> {
                  RawServer.head(in);
                  in.readNBytes(body.length);
                  RawServer.say(out, "HTTP/1.1 100 Continue\r\n\r\n" + OK);
                });
        HttpPool pool = pool(server, 1)) {
      assertThat(text(pool.call(Calls.put(body, true)))).isEqualTo("ok");
    }
  }

  @Test
  void whatARefusingServerSaidBeforeItClosedIsHeard() throws Exception {
    try (RawServer server =
            new RawServer(
                (socket, in, out) -> {
                  RawServer.head(in);
                  RawServer.say(out, "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");
                  socket.shutdownOutput();
                  in.readNBytes(100_000);
                });
        HttpPool pool = pool(server, 1)) {
      // Whether the refusal or the reset is seen first is the network's choice.
      List<Object> seen = new ArrayList<>();
      for (int i = 0; i < 20 && !seen.contains(413); i++) {
        try {
          seen.add(pool.call(Calls.put(new byte[50_000_000], false)).status());
        } catch (IOException e) {
          seen.add(e);
        }
      }
      assertThat(seen).contains(413);
    }
  }

  @Test
  void aConnectionThatTheServerClosedMeanwhileIsReplaced() throws Exception {
    try (RawServer server = RawServer.saying(OK);
        HttpPool pool = pool(server, 1)) {
      assertThat(text(pool.call(Calls.get()))).isEqualTo("ok");
      Awaitility.await().pollDelay(Duration.ofMillis(1_100)).until(() -> true);
      assertThat(text(pool.call(Calls.get()))).isEqualTo("ok");
      assertThat(server.connections()).isEqualTo(2);
    }
  }

  @Test
  void silenceEndsWithPatience() throws Exception {
    try (RawServer server = new RawServer((socket, in, out) -> in.readAllBytes());
        HttpPool pool = pool(server, 1)) {
      assertThatThrownBy(() -> pool.call(Calls.patient(Duration.ofMillis(200), 0)))
          .isInstanceOf(SocketTimeoutException.class);
    }
  }

  @Test
  void aServerThatTakesNothingEndsWithPatienceToo() throws Exception {
    CompletableFuture<Void> over = new CompletableFuture<>();
    try (RawServer server = new RawServer((socket, in, out) -> over.get());
        HttpPool pool = pool(server, 1)) {
      assertThatThrownBy(() -> pool.call(Calls.patient(Duration.ofSeconds(1), 100_000_000)))
          .isInstanceOf(SocketTimeoutException.class)
          .hasMessage("nothing was taken for 1 s");
      over.complete(null);
    }
  }

  @Test
  void closingBreaksOffWhatIsUnderWay() throws Exception {
    CompletableFuture<Void> asked = new CompletableFuture<>();
    try (RawServer server =
        new RawServer(
            (socket, in, out) -> {
              RawServer.head(in);
              asked.complete(null);
              in.readAllBytes();
            })) {
      HttpPool pool = pool(server, 1);
      CompletableFuture<Object> call =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return pool.call(Calls.get());
                } catch (IOException e) {
                  return e;
                }
              });
      asked.get();
      pool.close();
      assertThat(call.get()).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> pool.call(Calls.get())).isInstanceOf(IOException.class);
    }
  }

  @Test
  void littleThatIsLeftIsReadAndMuchEndsTheConnection() throws Exception {
    try (RawServer server =
            new RawServer(
                (socket, in, out) -> {
                  while (true) {
                    int bytes = RawServer.head(in).contains("/big") ? 1_000_000 : 1_000;
                    RawServer.say(out, "HTTP/1.1 200 OK\r\nContent-Length: " + bytes + "\r\n\r\n");
                    out.write(new byte[bytes]);
                  }
                });
        HttpPool pool = pool(server, 1)) {
      pool.call(Calls.get()).body().close();
      pool.call(Calls.get()).body().close();
      assertThat(server.connections()).isOne();
      pool.call(Calls.request("/big")).body().close();
      HttpAnswer last = pool.call(Calls.get());
      assertThat(server.connections()).isEqualTo(2);
      last.abort();
      pool.call(Calls.get()).body().close();
      assertThat(server.connections()).isEqualTo(3);
    }
  }

  @Test
  void nobodyListeningIsSaidAtOnce() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    try (HttpPool pool = new HttpPool("http", "127.0.0.1", port, 1, IDLE)) {
      assertThatThrownBy(() -> pool.call(Calls.get())).isInstanceOf(ConnectException.class);
      assertThatThrownBy(() -> pool.call(Calls.get())).isInstanceOf(ConnectException.class);
    }
  }

  @Test
  void aBodyThatCannotBeReadIsNotTheConnectionsFault() throws Exception {
    try (RawServer server = new RawServer((socket, in, out) -> in.readAllBytes());
        HttpPool pool = pool(server, 1)) {
      IOException gone = new IOException("gone");
      HttpCall call =
          Calls.call(
              "PUT",
              10,
              false,
              () -> {
                throw gone;
              });
      assertThatThrownBy(() -> pool.call(call)).isSameAs(gone);
      HttpCall shorter = Calls.call("PUT", 10, false, () -> new ByteArrayInputStream(new byte[9]));
      assertThatThrownBy(() -> pool.call(shorter)).isInstanceOf(EOFException.class);
    }
  }

  @Test
  void manyThreadsShareFewConnections() throws Exception {
    try (RawServer server = RawServer.answering(OK);
        HttpPool pool = pool(server, 3)) {
      List<CompletableFuture<String>> all = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        all.add(
            CompletableFuture.supplyAsync(
                () -> {
                  try {
                    return text(pool.call(Calls.get()));
                  } catch (IOException e) {
                    return e.toString();
                  }
                }));
      }
      assertThat(all).allSatisfy(each -> assertThat(each.get()).isEqualTo("ok"));
      Awaitility.await().untilAsserted(() -> assertThat(server.connections()).isBetween(1, 3));
    }
  }

  private static HttpPool pool(RawServer server, int most) {
    return new HttpPool("http", "127.0.0.1", server.port(), most, IDLE);
  }

  private static InputStream counted(AtomicInteger opened, byte[] content) {
    opened.incrementAndGet();
    return new ByteArrayInputStream(content);
  }

  private static String text(HttpAnswer answer) throws IOException {
    try (InputStream body = answer.body()) {
      return new String(body.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
