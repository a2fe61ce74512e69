package dev.caravan.remote.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.caravan.lab.S3Bucket;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.s3.ScriptedServer.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is made of answers that only a sick or hostile server gives, and of none. */
class S3RefusalsTest {

  private static final ObjectKey KEY = new ObjectKey("a/b.txt");
  private static final String LIST = "<ListBucketResult xmlns=\"urn:s3\">%s</ListBucketResult>";

  @TempDir Path folder;

  private ScriptedServer server;
  private S3Remote remote;

  @BeforeEach
  void start() throws IOException {
    server = new ScriptedServer();
    remote = remote(server.endpoint());
  }

  @AfterEach
  void stop() {
    remote.close();
    server.close();
  }

  @ParameterizedTest
  @CsvSource({
    "403, InvalidAccessKeyId, AUTHENTICATION",
    "403, SignatureDoesNotMatch, AUTHENTICATION",
    "400, ExpiredToken, AUTHENTICATION",
    "403, AccessDenied, PERMISSION",
    "404, NoSuchBucket, NOT_THERE",
    "404, NoSuchKey, NO_SUCH_OBJECT",
    "403, RequestTimeTooSkewed, CLOCK",
    "503, SlowDown, THROTTLED",
    "429, TooManyRequests, THROTTLED",
    "507, InsufficientStorage, FULL",
    "403, QuotaExceeded, FULL",
    "400, BadDigest, CORRUPT",
    "400, XAmzContentSHA256Mismatch, CORRUPT",
    "500, InternalError, SERVER",
    "502, '', SERVER",
    "501, NotImplemented, UNSUPPORTED",
    "400, InvalidArgument, OTHER",
    "401, '', AUTHENTICATION",
  })
  void aRefusalIsNamedByItsCodeAndElseByItsStatus(int status, String code, Cause cause) {
    server.says(e -> ScriptedServer.error(status, code, "some words\nin two lines"));
    RemoteException refused = refusedBy(() -> remote.open(KEY, 0, -1).close());
    assertThat(refused.reason()).isEqualTo(cause);
    assertThat(refused).hasMessageContaining("Remote 'test'").hasMessageContaining("'a/b.txt'");
    assertThat(refused.getMessage()).doesNotContain("\n").contains("; ");
  }

  @Test
  void theRightRegionIsNamed() {
    server.says(
        e ->
            new Answer(
                400,
                Map.of(),
                "<Error><Code>AuthorizationHeaderMalformed</Code><Message>the region is wrong"
                    + "</Message><Region>eu-west-1</Region></Error>"));
    RemoteException refused = refusedBy(() -> remote.open(KEY, 0, -1).close());
    assertThat(refused.reason()).isEqualTo(Cause.NOT_THERE);
    assertThat(refused)
        .hasMessageContaining("set region to that")
        .hasMessageContaining("eu-west-1");
    server.says(e -> new Answer(301, Map.of("x-amz-bucket-region", "ap-south-1"), ""));
    assertThat(refusedBy(() -> remote.find(KEY))).hasMessageContaining("ap-south-1");
  }

  @Test
  void theWishToBeLeftAloneIsPassedOn() {
    server.says(e -> new Answer(503, Map.of("Retry-After", "7"), ""));
    RemoteException refused = refusedBy(() -> remote.open(KEY, 0, -1).close());
    assertThat(refused.retryAfter()).contains(Duration.ofSeconds(7));
    server.says(e -> new Answer(503, Map.of("Retry-After", "86400"), ""));
    assertThat(refusedBy(() -> remote.open(KEY, 0, -1).close()).retryAfter())
        .contains(Duration.ofMinutes(5));
  }

  @Test
  void aRefusedHeadIsExplainedByAGet() {
    server.says(
        e ->
            e.getRequestMethod().equals("HEAD")
                ? new Answer(403, Map.of(), "")
                : ScriptedServer.error(403, "InvalidAccessKeyId", "who?"));
    assertThat(refusedBy(() -> remote.find(KEY)).reason()).isEqualTo(Cause.AUTHENTICATION);
  }

  @Test
  void a404MayMeanTheBucket() {
    server.says(
        e ->
            e.getRequestMethod().equals("HEAD")
                ? new Answer(404, Map.of(), "")
                : ScriptedServer.error(404, "NoSuchBucket", "no"));
    assertThat(refusedBy(() -> remote.find(KEY)).reason()).isEqualTo(Cause.NOT_THERE);
  }

  @Test
  void anObjectThatIsCutOffOnTheWayIsCorrupt() throws Exception {
    server.says(e -> new Answer(200, Map.of(), "short", 100));
    try (InputStream in = remote.open(KEY, 0, -1)) {
      assertThatThrownBy(in::readAllBytes)
          .isInstanceOf(IOException.class)
          .hasCauseInstanceOf(RemoteException.class);
    }
  }

  @Test
  void aServerThatIgnoresTheRangeIsFoundOut() {
    server.says(e -> new Answer(200, Map.of(), "0123456789"));
    assertThat(refusedBy(() -> remote.open(KEY, 5, 2).close()).reason())
        .isEqualTo(Cause.UNSUPPORTED);
    assertThat(refusedBy(() -> remote.open(KEY, 0, 20).close()).reason()).isEqualTo(Cause.CORRUPT);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<IsTruncated>false</IsTruncated><Contents><Key>a</Key>",
        "<Contents><Key>a</Key><Size>1</Size><LastModified>2026-01-01T00:00:00Z</LastModified>"
            + "</Contents>",
        "<IsTruncated>true</IsTruncated>",
        "<IsTruncated>false</IsTruncated><Contents><Size>1</Size></Contents>",
        "<IsTruncated>false</IsTruncated><Contents><Key>a</Key><Size>x</Size>"
            + "<LastModified>2026-01-01T00:00:00Z</LastModified></Contents>",
        "<IsTruncated>false</IsTruncated><EncodingType>url</EncodingType><Contents><Key>%</Key>"
            + "<Size>1</Size><LastModified>2026-01-01T00:00:00Z</LastModified></Contents>",
      })
  void aListingThatIsOddThrowsAndShowsNothing(String content) {
    server.says(e -> new Answer(200, Map.of(), LIST.formatted(content)));
    List<String> seen = new ArrayList<>();
    RemoteException refused = refusedBy(() -> remote.list("", s -> seen.add(s.key().value())));
    assertThat(refused.reason()).isEqualTo(Cause.SERVER);
    assertThat(seen).isEmpty();
  }

  @Test
  void aListingThatIsAPageOfSomeoneElseThrows() {
    server.says(e -> new Answer(200, Map.of(), "<html>Please log in</html>"));
    assertThat(refusedBy(() -> remote.list("", s -> {})).reason()).isEqualTo(Cause.SERVER);
  }

  @Test
  void aCopyThatFailsAfterItsSuccessWasSentDeletesNothing() throws Exception {
    server.says(
        e -> new Answer(200, Map.of(), "  \n" + ScriptedServer.errorXml("InternalError", "oh")));
    Map<ObjectKey, RemoteException> failed = remote.move(Map.of(KEY, new ObjectKey("b")));
    assertThat(failed).containsOnlyKeys(KEY);
    assertThat(failed.get(KEY).reason()).isEqualTo(Cause.SERVER);
    assertThat(server.asked()).noneMatch(r -> r.startsWith("POST"));
  }

  @Test
  void eachKeyOfABatchHasItsOwnOutcome() throws Exception {
    server.says(
        e ->
            new Answer(
                200,
                Map.of(),
                "<DeleteResult><Error><Key>a</Key><Code>AccessDenied</Code><Message>no</Message>"
                    + "</Error><Error><Key>b</Key><Code>NoSuchKey</Code></Error></DeleteResult>"));
    ObjectKey a = new ObjectKey("a");
    Map<ObjectKey, RemoteException> failed =
        remote.delete(List.of(a, new ObjectKey("b"), new ObjectKey("c")));
    assertThat(failed).containsOnlyKeys(a);
    assertThat(failed.get(a).reason()).isEqualTo(Cause.PERMISSION);
  }

  @Test
  void aDeadPortIsTheNetworksFault() throws Exception {
    String dead;
    try (ServerSocket socket = new ServerSocket(0)) {
      dead = "http://127.0.0.1:" + socket.getLocalPort();
    }
    try (S3Remote nobody = remote(dead)) {
      RemoteException refused = refusedBy(nobody::probe);
      assertThat(refused.reason()).isEqualTo(Cause.NETWORK);
      assertThat(refused).hasMessageContaining(dead).hasMessageContaining("no connection");
    }
  }

  @Test
  void aNameThatNobodyKnowsIsNamed() {
    try (S3Remote nobody = remote("http://nowhere.invalid:9000")) {
      RemoteException refused = refusedBy(nobody::probe);
      assertThat(refused.reason()).isEqualTo(Cause.NETWORK);
      assertThat(refused).hasMessageContaining("nowhere.invalid");
    }
  }

  @Test
  void tlsToAServerWithoutItIsNamed() throws Exception {
    try (ServerSocket plain = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        S3Remote tls = remote("https://127.0.0.1:" + plain.getLocalPort())) {
      Thread answering = new Thread(() -> answerPlainly(plain));
      answering.start();
      assertThat(refusedBy(tls::probe).reason()).isEqualTo(Cause.TLS);
      answering.join();
    }
  }

  @Test
  void aCertificateThatNobodyVouchesForIsToldAsSuch() throws Exception {
    Path store = folder.resolve("store.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "s",
                "-keyalg",
                "EC",
                "-dname",
                "CN=127.0.0.1",
                "-keystore",
                store.toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                "changeit")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    assertThat(keytool.waitFor()).isZero();
    HttpsServer https =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    https.setHttpsConfigurator(new HttpsConfigurator(context(store)));
    https.start();
    try (S3Remote tls = remote("https://127.0.0.1:" + https.getAddress().getPort())) {
      RemoteException refused = refusedBy(tls::probe);
      assertThat(refused.reason()).isEqualTo(Cause.TLS);
      assertThat(refused).hasMessageContaining("certificate");
    } finally {
      https.stop(0);
    }
  }

  private static SSLContext context(Path store) throws Exception {
    KeyStore keys = KeyStore.getInstance(store.toFile(), "changeit".toCharArray());
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(keys, "changeit".toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), null, null);
    return context;
  }

  @Test
  void theUsualPlacesAreAskedForCredentials() throws Exception {
    server.says(e -> new Answer(200, Map.of(), LIST.formatted("<IsTruncated>false</IsTruncated>")));
    System.setProperty("aws.accessKeyId", "FROMPROPERTY");
    System.setProperty("aws.secretAccessKey", "secret");
    try (S3Remote keyless = keyless()) {
      keyless.list("", s -> {});
      assertThat(server.authorizations()).last().asString().contains("FROMPROPERTY");
    } finally {
      System.clearProperty("aws.accessKeyId");
      System.clearProperty("aws.secretAccessKey");
    }
  }

  private S3Remote keyless() {
    return new S3Remote(
        S3Bucket.at(server.endpoint()).keyless().settings(),
        new RecordingJournal(),
        Clock.systemUTC());
  }

  private static void answerPlainly(ServerSocket plain) {
    try (Socket socket = plain.accept()) {
      int ignored = socket.getInputStream().read();
      socket.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void closingEndsTheWaitForAServerThatNeverAnswers() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    server.says(
        e -> {
          asked.countDown();
          try {
            never.await();
          } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
          }
          return new Answer(200, Map.of(), "");
        });
    CompletableFuture<RemoteException> outcome =
        CompletableFuture.supplyAsync(() -> refusedBy(() -> remote.find(KEY)));
    asked.await();
    remote.close();
    assertThat(outcome.get(5, TimeUnit.SECONDS).reason()).isEqualTo(Cause.CANCELLED);
    never.countDown();
  }

  @Test
  void noSecretIsEverInAMessage() {
    server.says(e -> ScriptedServer.error(403, "SignatureDoesNotMatch", "differs"));
    assertThat(refusedBy(remote::probe).getMessage())
        .doesNotContain(dev.caravan.lab.S3Server.SECRET_KEY.reveal());
  }

  private static S3Remote remote(String endpoint) {
    return new S3Remote(
        S3Bucket.at(endpoint).settings(), new RecordingJournal(), Clock.systemUTC());
  }

  private static RemoteException refusedBy(ThrowingCallable call) {
    RemoteException refused = catchThrowableOfType(RemoteException.class, call);
    assertThat(refused).isNotNull();
    return refused;
  }
}
