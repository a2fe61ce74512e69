package dev.caravan.remote.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.s3.ScriptedServer.Answer;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When a server's own answer is enough for a copy, and when the copy is asked for. */
class CopyOnWordTest {

  private static final String SHA256 = "ab".repeat(32);

  private ScriptedServer server;
  private S3Remote remote;
  private String answered = "&quot;e&quot;";
  private String recorded = SHA256;
  private int size = 5;

  @BeforeEach
  void start() throws IOException {
    server = new ScriptedServer();
    server.says(this::answer);
    remote = server.remote();
  }

  @AfterEach
  void stop() {
    remote.close();
    server.close();
  }

  @Test
  void onlyTheFirstCopyIsAskedForWhereTheServerNamesWhatItCopied() throws Exception {
    for (String name : new String[] {"a", "b", "c"}) {
      ObjectStat copy = copy(name).orElseThrow();
      assertThat(copy.key()).isEqualTo(new ObjectKey(name));
      assertThat(copy.sizeBytes()).isEqualTo(5);
      assertThat(copy.etag()).contains("e");
      assertThat(copy.sha256()).contains(SHA256);
    }
    assertThat(heads()).isEqualTo(1);
    answered = "e";
    copy("unquoted");
    assertThat(heads()).isEqualTo(1);
  }

  @Test
  void aCopyWithAnotherEtagIsAskedFor() throws Exception {
    copy("a");
    for (String other : new String[] {"&quot;other&quot;", ""}) {
      answered = other;
      recorded = "cd".repeat(32);
      assertThat(copy("b").orElseThrow().sha256()).as("as the server says").contains(recorded);
    }
    assertThat(heads()).isEqualTo(3);
    size = 4;
    assertThatThrownBy(() -> copy("c"))
        .isInstanceOf(RemoteException.class)
        .hasMessageContaining("not complete");
  }

  @Test
  void eachCopyIsAskedForWhereTheServerCarriesNothingAlong() throws Exception {
    recorded = "";
    for (String name : new String[] {"a", "b", "c"}) {
      assertThat(copy(name).orElseThrow().sha256()).isEmpty();
    }
    assertThat(heads()).isEqualTo(3);
  }

  @Test
  void whoDoesNotLookAfterwardsHasEachCopyAskedFor() throws Exception {
    copy("a");
    remote.copy(from(Optional.of(SHA256)), new ObjectKey("b"));
    remote.copyOnWord(from(Optional.empty()), new ObjectKey("c"));
    assertThat(heads()).isEqualTo(3);
  }

  private Optional<ObjectStat> copy(String to) throws RemoteException {
    return remote.copyOnWord(from(Optional.of(SHA256)), new ObjectKey(to));
  }

  private static ObjectStat from(Optional<String> sha256) {
    return new ObjectStat(
        new ObjectKey("from"), 5, Instant.EPOCH, Optional.of("e"), Optional.empty(), sha256);
  }

  private long heads() {
    return server.asked().stream().filter(each -> each.startsWith("HEAD")).count();
  }

  private Answer answer(HttpExchange exchange) {
    if (exchange.getRequestMethod().equals("HEAD")) {
      return new Answer(
          200,
          Map.of(
              "ETag",
              "\"e\"",
              "Content-Length",
              Integer.toString(size),
              "x-amz-meta-caravan-sha256",
              recorded),
          "");
    }
    assertThat(exchange.getRequestHeaders().getFirst("x-amz-copy-source-if-match"))
        .isEqualTo("\"e\"");
    return new Answer(
        200,
        Map.of(),
        "<CopyObjectResult><LastModified>2026-11-22T06:00:00Z</LastModified><ETag>"
            + answered
            + "</ETag></CopyObjectResult>");
  }
}
