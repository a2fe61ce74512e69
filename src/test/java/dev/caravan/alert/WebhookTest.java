package dev.caravan.alert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.config.AlertSettings;
import dev.caravan.config.Secret;
import dev.caravan.event.Operation;
import dev.caravan.lab.WebSink;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes over the line, and what is said when it does not arrive. */
@Timeout(30)
class WebhookTest {

  private static final Clock CLOCK =
      Clock.fixed(Instant.ofEpochSecond(1_700_000_000), ZoneOffset.UTC);
  private static final Map<String, Object> ALERT =
      Map.of("id", "r1-failing", "text", "it \"fails\"", "failures", 3);

  private final Web web = new Web(Duration.ofMillis(500));
  private WebSink sink;

  @BeforeEach
  void open() throws Exception {
    sink = new WebSink();
  }

  @AfterEach
  void close() {
    sink.close();
  }

  private static AlertSettings settings(
      Optional<URI> webhook, AlertSettings.Format format, Optional<String> secret) {
    return new AlertSettings(webhook, format, secret.map(Secret::new), 3, Optional.empty(), false);
  }

  private Webhook webhook(AlertSettings.Format format, Optional<String> secret) {
    return new Webhook(settings(Optional.of(sink.at("/s3cret?a=b")), format, secret), web, CLOCK);
  }

  private Webhook webhook() {
    return webhook(AlertSettings.Format.SLACK, Optional.empty());
  }

  @Test
  void chatServicesAreSentTheTextAlone() throws Exception {
    webhook().post(ALERT);
    assertThat(sink.got())
        .singleElement()
        .hasToString("POST /s3cret?a=b {\"text\":\"it \\\"fails\\\"\"}");
    assertThat(sink.got().get(0).header("Content-Type")).isEqualTo("application/json");
    assertThat(sink.got().get(0).header("Idempotency-Key")).isEqualTo("r1-failing");
    assertThat(sink.got().get(0).header("X-Caravan-Signature")).isNull();
  }

  @Test
  void programsAreSentAllFields() throws Exception {
    webhook(AlertSettings.Format.JSON, Optional.empty()).post(ALERT);
    assertThat(new ObjectMapper().readValue(sink.got().get(0).body(), Map.class)).isEqualTo(ALERT);
  }

  @Test
  void whatIsSentIsSignedWhereThereIsASecret() throws Exception {
    webhook(AlertSettings.Format.SLACK, Optional.of("key")).post(ALERT);
    WebSink.Got got = sink.got().get(0);
    assertThat(got.header("X-Caravan-Timestamp")).isEqualTo("1700000000");
    // printf '%s' '1700000000.{"text":"it \"fails\""}' | openssl dgst -sha256 -hmac key
    assertThat(got.header("X-Caravan-Signature"))
        .isEqualTo(
            "sha256=" + "47cd1ec0a1e075c1eecea09702106338" + "cd262e799725927674178204df7ccfbb");
  }

  @Test
  void withoutAnAddressNothingIsSent() throws Exception {
    new Webhook(
            settings(Optional.empty(), AlertSettings.Format.SLACK, Optional.empty()), web, CLOCK)
        .post(ALERT);
    assertThat(sink.got()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {300, 400, 404, 429, 500, 503})
  void anAnswerOtherThanGoodIsAFailureThatNamesNoMoreThanTheHost(int status) {
    sink.answers(status);
    fails("127.0.0.1 answers " + status);
  }

  private void fails(String why) {
    assertThatThrownBy(() -> webhook().post(ALERT))
        .isInstanceOf(DeliveryException.class)
        .hasMessageContaining(why)
        .message()
        .doesNotContain("s3cret");
  }

  @Test
  void noRedirectIsFollowed() throws Exception {
    try (WebSink other = new WebSink()) {
      sink.redirects(other.at("/elsewhere"));
      fails("answers 302, a redirect");
      assertThat(other.got()).isEmpty();
    }
  }

  @Test
  void aReceiverThatHangsIsLeftAfterAWhile() {
    sink.hangs();
    fails("127.0.0.1 cannot be reached: HttpTimeoutException");
    assertThat(sink.got()).hasSize(1);
  }

  @Test
  void anAnswerWithoutAnEndIsNotRead() throws Exception {
    sink.isEndless();
    webhook().post(ALERT);
    assertThat(sink.got()).hasSize(1);
  }

  @Test
  void aReceiverThatIsNotThereIsAFailure() throws Exception {
    try (ServerSocket nobody = new ServerSocket(0)) {
      URI address = URI.create("http://localhost:" + nobody.getLocalPort() + "/s3cret");
      nobody.close();
      assertThatThrownBy(() -> web.get(address))
          .isInstanceOf(DeliveryException.class)
          .hasMessage("localhost cannot be reached: ConnectException");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/ping, START, false, /ping/start",
    "/ping, SUCCESS, false, /ping",
    "/ping, FAIL, false, /ping/fail",
    "/ping/, START, false, /ping/start",
    "/ping/, SUCCESS, false, /ping/",
    "/ping?token=a%20b, FAIL, false, /ping/fail?token=a%20b",
    "/ping, SUCCESS, true, /ping?rid=7c92cf1e-ee8d-39cc-85f8-355a3d6e4b86",
    "/ping?a=b, START, true, /ping/start?a=b&rid=7c92cf1e-ee8d-39cc-85f8-355a3d6e4b86",
  })
  void pingsGoBelowTheirAddress(String base, Message.Kind kind, boolean runId, String expected)
      throws Exception {
    AlertSettings settings =
        new AlertSettings(
            Optional.empty(),
            AlertSettings.Format.SLACK,
            Optional.empty(),
            3,
            Optional.of(sink.at(base)),
            runId);
    new Ping(settings, web)
        .send(
            new Message(
                "r1-x", Message.Channel.PING, kind, Operation.SYNC, Map.of("run_id", "r1")));
    assertThat(sink.lines()).containsExactly("GET " + expected);
  }
}
