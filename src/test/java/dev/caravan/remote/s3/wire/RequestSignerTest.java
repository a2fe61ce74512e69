package dev.caravan.remote.s3.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.lab.S3Bucket;
import dev.caravan.sync.TestClock;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/** Holds our way of signing to what the SDK's public signer makes of the same request. */
class RequestSignerTest {

  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-11-21T03:28:00.123Z"), ZoneOffset.UTC);
  private static final AwsCredentialsIdentity KEYS = AwsBasicCredentials.create("AKID", "secret");
  private static final AwsCredentialsIdentity SESSION =
      AwsSessionCredentials.create("AKID", "secret", "token");
  private static final String LETTERS = "abz09-._~/ +%ü😀\n\t&=?#:;@!$*'()";

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void signsAsTheSdkDoesThoughItNeverReadsThePayload(long seed) {
    Random random = new Random(seed);
    S3Address address = address(random.nextBoolean());
    AwsCredentialsIdentity identity = random.nextBoolean() ? KEYS : SESSION;
    for (int i = 0; i < 50; i++) {
      byte[] body = new byte[random.nextInt(2000)];
      random.nextBytes(body);
      S3Request request =
          S3Request.put(text(random))
              .query("partNumber", Integer.toString(random.nextInt(10_000)))
              .query("prefix", text(random))
              .query("uploads", "")
              .header("x-amz-meta-mtime", "1700000000.5")
              .header("Content-Type", "application/octet-stream")
              .body(RequestBody.of(body));
      RequestSigner signer = new RequestSigner(address, "eu-west-1", () -> identity, CLOCK);
      SignedRequest ours = signer.sign(request);
      SdkHttpRequest theirs = sdk(address, request, identity, body);
      assertThat(ours.headers().get("Authorization"))
          .as("seed %d, %s", seed, request)
          .isEqualTo(theirs.firstMatchingHeader("Authorization").orElseThrow());
      assertThat(ours.path()).isEqualTo(theirs.encodedPath());
      assertThat(ours.query().split("&"))
          .containsExactlyInAnyOrder(theirs.encodedQueryParameters().orElseThrow().split("&"));
    }
  }

  @Test
  void anUnsignedPayloadIsSaidToBeSo() {
    RequestSigner signer = new RequestSigner(address(true), "us-east-1", () -> KEYS, CLOCK);
    RequestBody body = new RequestBody(3, RequestBody.UNSIGNED, RequestBody.NONE.source());
    SignedRequest signed = signer.sign(S3Request.put("k").body(body));
    assertThat(signed.headers()).containsEntry("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
    assertThat(signed.headers().get("Authorization")).contains("x-amz-content-sha256");
  }

  @Test
  void noValueCanBeginAnotherHeader() {
    RequestSigner signer = new RequestSigner(address(true), "us-east-1", () -> KEYS, CLOCK);
    S3Request request = S3Request.get("k").header("x-amz-meta-a", "b\r\nx-amz-acl: public-read");
    assertThatThrownBy(() -> signer.sign(request))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("The value of x-amz-meta-a has a control character");
  }

  @Test
  void theKeyOfADayIsRenewedWithTheDayAndTheSecret() {
    TestClock clock = new TestClock(Instant.parse("2026-11-21T23:59:59Z"));
    AtomicReference<AwsCredentialsIdentity> identity = new AtomicReference<>(KEYS);
    S3Address address = address(true);
    RequestSigner kept = new RequestSigner(address, "us-east-1", identity::get, clock);
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 4; i++) {
      String ours = kept.sign(S3Request.get("k")).headers().get("Authorization");
      RequestSigner fresh = new RequestSigner(address, "us-east-1", identity::get, clock);
      assertThat(ours).isEqualTo(fresh.sign(S3Request.get("k")).headers().get("Authorization"));
      assertThat(seen.add(String.valueOf(ours))).isTrue();
      if (i % 2 == 0) {
        clock.advance(Duration.ofSeconds(2));
      } else {
        identity.set(AwsBasicCredentials.create("AKID", "secret" + i));
      }
    }
  }

  private static SdkHttpRequest sdk(
      S3Address address, S3Request request, AwsCredentialsIdentity identity, byte[] body) {
    SdkHttpRequest.Builder unsigned =
        SdkHttpRequest.builder()
            .method(request.method())
            .protocol(address.scheme())
            .host(address.host())
            .port(address.port())
            .encodedPath(address.path(request.key()))
            .putHeader("Content-Length", Integer.toString(body.length));
    request.query().forEach(unsigned::putRawQueryParameter);
    request.headers().forEach(unsigned::putHeader);
    return AwsV4HttpSigner.create()
        .sign(
            r ->
                r.identity(identity)
                    .request(unsigned.build())
                    .payload(ContentStreamProvider.fromByteArray(body))
                    .putProperty(AwsV4HttpSigner.REGION_NAME, "eu-west-1")
                    .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "s3")
                    .putProperty(AwsV4HttpSigner.DOUBLE_URL_ENCODE, false)
                    .putProperty(AwsV4HttpSigner.NORMALIZE_PATH, false)
                    .putProperty(HttpSigner.SIGNING_CLOCK, CLOCK))
        .request();
  }

  private static S3Address address(boolean pathStyle) {
    return S3Address.of(S3Bucket.at("http://host:9000").pathStyle(pathStyle).settings());
  }

  private static String text(Random random) {
    int[] letters = LETTERS.codePoints().toArray();
    StringBuilder out = new StringBuilder("k");
    for (int n = random.nextInt(40); n > 0; n--) {
      out.appendCodePoint(letters[random.nextInt(letters.length)]);
    }
    return out.toString();
  }
}
