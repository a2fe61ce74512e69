package dev.caravan.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.caravan.lab.Ports;
import dev.caravan.lab.S3Bucket;
import dev.caravan.lab.S3Server;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** S3 settings that are wrong in one way each: one clear line, exit code 1, nothing lost. */
@Execution(ExecutionMode.CONCURRENT)
class BadS3IT {

  private static final String WRONG_SECRET = "wrongsecretwrongsecretwrongsecret00";

  @TempDir Path folder;
  private S3Bucket good;

  @BeforeEach
  void makeBucket() {
    good = S3Server.S3PROXY.newBucket();
  }

  @Test
  void aWrongSecretIsNamedButNotShown() throws Exception {
    Outcome sync = sync(good.keys(S3Server.ACCESS_KEY, WRONG_SECRET));
    assertFailed(sync, "secret");
    assertThat(sync.out() + sync.err()).doesNotContain(WRONG_SECRET);
  }

  @Test
  void anUnknownKeyIsNamed() throws Exception {
    assertFailed(sync(good.keys("UNKNOWNKEY0000000001", WRONG_SECRET)), "key");
  }

  @Test
  void missingCredentialsAreNamed() throws Exception {
    CaravanSetup caravan = setup(good);
    caravan.config(
        yaml(caravan, good).replaceAll("(?m)^ *(access_key_id|secret_access_key):.*\n", ""));
    caravan.env("AWS_EC2_METADATA_DISABLED", "true");
    assertFailed(caravan.cli("sync"), "credentials");
  }

  @Test
  void halfOfTheCredentialsIsBadConfiguration() throws Exception {
    CaravanSetup caravan = setup(good);
    caravan.config(yaml(caravan, good).replaceAll("(?m)^ *secret_access_key:.*\n", ""));
    Outcome sync = caravan.cli("sync");
    assertThat(sync.exitCode()).as("%s", sync).isEqualTo(2);
    assertThat(sync.err()).contains("secret_access_key");
  }

  @Test
  void aMissingBucketIsNamed() throws Exception {
    assertFailed(sync(good.bucket("there-is-no-such-bucket")), "there-is-no-such-bucket");
  }

  @Test
  void anEndpointThatNobodyServesIsNamed() throws Exception {
    int port = Ports.free();
    Outcome sync = sync(good.endpoint(URI.create("http://127.0.0.1:" + port)));
    assertFailed(sync, "127.0.0.1:" + port);
  }

  @Test
  void anEndpointWhoseNameDoesNotResolveIsNamed() throws Exception {
    assertFailed(sync(good.endpoint(URI.create("http://no-such-host.invalid"))), "no-such-host");
  }

  @Test
  void anEndpointThatIsNoS3ServerIsNamed() throws Exception {
    HttpServer web = HttpServer.create(new InetSocketAddress(loopback(), 0), 0);
    answer(web, 404, "<html>not here</html>");
    try {
      URI address = URI.create("http://127.0.0.1:" + web.getAddress().getPort());
      assertFailed(sync(good.endpoint(address)), "127.0.0.1");
    } finally {
      web.stop(0);
    }
  }

  @Test
  void aWrongRegionIsNamedTogetherWithTheRightOne() throws Exception {
    HttpServer aws = HttpServer.create(new InetSocketAddress(loopback(), 0), 0);
    answer(
        aws,
        400,
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <Error><Code>AuthorizationHeaderMalformed</Code><Message>The authorization header is \
        malformed; the region 'us-east-1' is wrong; expecting 'eu-central-1'</Message>\
        <Region>eu-central-1</Region><RequestId>1</RequestId></Error>""");
    try {
      URI address = URI.create("http://127.0.0.1:" + aws.getAddress().getPort());
      assertFailed(sync(good.endpoint(address)), "eu-central-1");
    } finally {
      aws.stop(0);
    }
  }

  @Test
  void aCertificateThatNobodySignedIsNamed() throws Exception {
    HttpsServer server = HttpsServer.create(new InetSocketAddress(loopback(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(selfSigned()));
    answer(server, 200, "");
    try {
      URI address = URI.create("https://127.0.0.1:" + server.getAddress().getPort());
      assertFailed(sync(good.endpoint(address)), "certificate");
    } finally {
      server.stop(0);
    }
  }

  /** S3 refuses signatures that are more than 15 minutes old; the server says what time it is. */
  @Test
  void aClockThatIsADayOffIsBridged() throws Exception {
    CaravanSetup caravan =
        setup(good)
            .env("LD_PRELOAD", fakeClock().toString())
            .env("FAKETIME", "+1d")
            .env("DONT_FAKE_MONOTONIC", "1");
    Outcome sync = caravan.cli("sync");
    assertThat(sync.exitCode()).as("%s", sync).isZero();
    Path disk = good.disk();
    Mirrored.assertEqual(caravan.store(), disk);
  }

  @Test
  void whatIsMendedGoesOnByItself() throws Exception {
    CaravanSetup caravan = setup(good.bucket("not-yet-there"));
    assertThat(caravan.cli("sync").exitCode()).isEqualTo(1);
    caravan.config(yaml(caravan, good));
    Outcome sync = caravan.cli("sync");
    assertThat(sync.exitCode()).as("%s", sync).isZero();
    assertThat(caravan.cli("files", "--state", "synced").out()).contains("a.txt");
  }

  /** The library of the package faketime, below the folder of this machine's architecture. */
  private static Path fakeClock() throws IOException {
    try (var folders = Files.newDirectoryStream(Path.of("/usr/lib"), "*-linux-gnu*")) {
      for (Path each : folders) {
        Path library = each.resolve("faketime/libfaketimeMT.so.1");
        if (Files.exists(library)) {
          return library;
        }
      }
    }
    throw new IllegalStateException("no libfaketimeMT.so.1; run src/test/lab/install.sh");
  }

  private Outcome sync(S3Bucket bucket) throws Exception {
    return setup(bucket).cli("sync");
  }

  private CaravanSetup setup(S3Bucket bucket) throws Exception {
    CaravanSetup caravan = CaravanSetup.in(folder).mirror();
    Trees.write(caravan.store().resolve("a.txt"), "a");
    return caravan.config(yaml(caravan, bucket));
  }

  private static String yaml(CaravanSetup caravan, S3Bucket bucket) {
    return S3Yaml.of(caravan.store(), bucket.settings());
  }

  private static void assertFailed(Outcome outcome, String named) {
    assertThat(outcome.exitCode()).as("%s", outcome).isEqualTo(1);
    assertThat(outcome.complaints()).as("%s", outcome).hasSize(1);
    assertThat(outcome.complaints().get(0)).containsIgnoringCase(named).doesNotContain("Exception");
  }

  private static InetAddress loopback() {
    return InetAddress.getLoopbackAddress();
  }

  private static void answer(HttpServer server, int status, String body) {
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          exchange.getResponseHeaders().add("Content-Type", "application/xml");
          byte[] bytes = body.getBytes(UTF_8);
          boolean head = exchange.getRequestMethod().equals("HEAD");
          exchange.sendResponseHeaders(status, head || bytes.length == 0 ? -1 : bytes.length);
          if (!head && bytes.length > 0) {
            exchange.getResponseBody().write(bytes);
          }
          exchange.close();
        });
    server.start();
  }

  private SSLContext selfSigned() throws Exception {
    Path file = folder.resolve("server.p12");
    Permissions.run(
        Path.of(System.getProperty("java.home"), "bin/keytool").toString(),
        "-genkeypair",
        "-keyalg",
        "EC",
        "-alias",
        "a",
        "-dname",
        "CN=127.0.0.1",
        "-ext",
        "san=ip:127.0.0.1",
        "-storetype",
        "PKCS12",
        "-storepass",
        "changeit",
        "-keystore",
        file.toString());
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      keys.load(in, "changeit".toCharArray());
    }
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(keys, "changeit".toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), null, null);
    return context;
  }
}
