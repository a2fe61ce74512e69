package dev.caravan.remote.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.lab.AtOnce;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote.Conditions.Creation;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.TextContent;
import dev.caravan.remote.s3.ScriptedServer.Answer;
import java.io.IOException;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a server makes of a condition, and what is made of that. */
class ConditionalTest {

  private static final ObjectKey KEY = new ObjectKey(".caravan/store.id");
  private static final Answer STORED = new Answer(200, Map.of("ETag", "\"e\""), "");

  private final Set<String> held = ConcurrentHashMap.newKeySet();
  private ScriptedServer server;
  private S3Remote remote;

  @BeforeEach
  void start() throws IOException {
    server = new ScriptedServer();
    remote = server.remote();
  }

  @AfterEach
  void stop() {
    remote.close();
    server.close();
  }

  @ParameterizedTest
  @CsvSource({"412, PreconditionFailed", "409, ConditionalRequestConflict"})
  void aServerThatJudgesLetsOne(int status, String code) throws Exception {
    judging(status, code);
    assertThat(create()).isEqualTo(Creation.CREATED);
    assertThat(create()).isEqualTo(Creation.TAKEN);
    assertThat(puts(KEY.value())).isEqualTo(2);
    assertThat(puts("probe-")).isEqualTo(2);
  }

  @Test
  void whoeverComesMeanwhileWaitsForTheOneThatAsks() throws Exception {
    judging(412, "PreconditionFailed");
    List<Creation> made = AtOnce.run(8, this::create);
    assertThat(Collections.frequency(made, Creation.CREATED)).isEqualTo(1);
    assertThat(Collections.frequency(made, Creation.TAKEN)).isEqualTo(7);
    assertThat(puts("probe-")).isEqualTo(2);
  }

  @Test
  void aServerThatOverlooksTheConditionIsNotReliedUpon() throws Exception {
    server.says(exchange -> STORED);
    assertThat(create()).isEqualTo(Creation.UNSUPPORTED);
    assertThat(create()).isEqualTo(Creation.UNSUPPORTED);
    assertThat(puts(KEY.value())).isZero();
    assertThat(puts("probe-")).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({"501, NotImplemented", "400, InvalidArgument", "400, NotImplemented"})
  void aServerThatDoesNotKnowTheConditionIsNotReliedUpon(int status, String code) throws Exception {
    server.says(exchange -> ScriptedServer.error(status, code, "what is that"));
    assertThat(create()).isEqualTo(Creation.UNSUPPORTED);
    assertThat(puts(KEY.value())).isZero();
  }

  @Test
  void aRefusalForAnotherReasonIsOne() {
    server.says(exchange -> ScriptedServer.error(403, "AccessDenied", "no"));
    assertThatThrownBy(this::create)
        .isInstanceOfSatisfying(
            RemoteException.class, e -> assertThat(e.reason()).isEqualTo(Cause.PERMISSION));
  }

  @ParameterizedTest
  @CsvSource({"206, other", "412, e", "416, e"})
  void whatIsAnotherObjectByNowIsNotRead(int status, String etag) {
    ObjectStat seen =
        new ObjectStat(KEY, 9, Instant.EPOCH, Optional.of("e"), Optional.empty(), Optional.empty());
    server.says(exchange -> new Answer(status, Map.of("ETag", "\"" + etag + "\""), "rest"));
    assertThatThrownBy(() -> remote.conditions().orElseThrow().open(seen, 5).close())
        .isInstanceOfSatisfying(
            RemoteException.class, e -> assertThat(e.reason()).isEqualTo(Cause.NO_SUCH_OBJECT));
  }

  private void judging(int status, String code) {
    server.says(
        exchange -> {
          boolean is = "*".equals(exchange.getRequestHeaders().getFirst("If-None-Match"));
          boolean first = held.add(exchange.getRequestURI().getPath());
          return !is || first ? STORED : ScriptedServer.error(status, code, "there is one");
        });
  }

  private Creation create() throws RemoteException, IOException {
    return remote.conditions().orElseThrow().create(KEY, new TextContent("me\n"));
  }

  private long puts(String name) {
    return server.asked().stream()
        .filter(line -> line.startsWith("PUT ") && line.contains(name))
        .count();
  }
}
