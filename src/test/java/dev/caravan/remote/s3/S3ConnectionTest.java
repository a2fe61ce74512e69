package dev.caravan.remote.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.caravan.config.Secret;
import dev.caravan.lab.S3Bucket;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.s3.ScriptedServer.Answer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Clock;
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

/** Connections that never come about, cannot be trusted, or are broken off. */
class S3ConnectionTest {

  private static final ObjectKey KEY = new ObjectKey("a/b.txt");
  private static final String EMPTY =
      "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";

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
    server.says(e -> new Answer(200, Map.of(), EMPTY));
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

  @Test
  void keysThatWereRenewedInTheirFilesAreUsedAtOnce() throws Exception {
    Path id = Files.writeString(folder.resolve("id"), "OLDKEY");
    Path secret = Files.writeString(folder.resolve("secret"), "old");
    server.says(
        e ->
            e.getRequestHeaders().getFirst("Authorization").contains("Credential=NEWKEY/")
                ? new Answer(200, Map.of(), EMPTY)
                : ScriptedServer.error(403, "InvalidAccessKeyId", "unknown"));
    S3Bucket bucket = S3Bucket.at(server.endpoint()).keys(Secret.inFile(id), Secret.inFile(secret));
    try (S3Remote renewed =
        new S3Remote(bucket.settings(), new RecordingJournal(), Clock.systemUTC())) {
      assertThat(refusedBy(() -> renewed.list("", s -> {})).reason())
          .isEqualTo(Cause.AUTHENTICATION);
      assertThat(server.asked()).as("nothing new, nothing tried again").hasSize(1);
      Files.writeString(id, "NEWKEY");
      Files.writeString(secret, "new secret");
      renewed.list("", s -> {});
      assertThat(server.asked()).hasSizeBetween(2, 3);
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
