package dev.caravan.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.caravan.contract.TestContent;
import dev.caravan.event.ObjectContent;
import dev.caravan.event.StorePath;
import dev.caravan.lab.MadeSnapshot;
import dev.caravan.lab.MemoryS3;
import dev.caravan.lab.S3Bucket;
import dev.caravan.snapshot.manifest.ManifestEntry;
import dev.caravan.snapshot.manifest.ManifestEntry.Kind;
import dev.caravan.snapshot.manifest.ManifestWriter;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A quarter of a million files under the memory of a small pod. The server is none: it has the
 * manifest, and the same few bytes for every other key.
 */
@Tag("soak")
class MoverMemoryIT {

  private static final int FILES = Integer.getInteger("caravan.mover.memory.files", 250_000);
  private static final int LIMIT_KIB = 256 * 1024;
  private static final byte[] BYTES = "same".getBytes(UTF_8);
  private static final String SHA256 = TestContent.of("same").sha256();

  static {
    // Else each answer with a body waits 40 ms for the client to confirm its header.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  @TempDir Path folder;
  private final ExecutorService threads = Executors.newFixedThreadPool(16);
  private HttpServer server;
  private ObjectContent manifest;

  @BeforeEach
  void start() throws IOException {
    manifest = manifest();
    server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    threads.shutdownNow();
  }

  @Test
  void aQuarterOfAMillionFilesAreListedVerifiedAndRestored() throws Exception {
    CaravanSetup caravan =
        MoverSetup.in(
                folder, S3Bucket.at("http://127.0.0.1:" + server.getAddress().getPort()).settings())
            .env("RCLONE_TRANSFERS", "16")
            .env("RCLONE_CHECKERS", "16");
    Path to = folder.resolve("to");

    runs(caravan, FILES + "", "datamover", "list");
    runs(caravan, FILES + " files", "datamover", "verify");
    runs(caravan, FILES + " files fetched", "datamover", "restore", "--to", to.toString());
    runs(caravan, FILES + " there already", "datamover", "restore", "--to", to.toString());
    assertThat(to.resolve(name(99))).hasContent("same");
    assertThat(to.resolve(name(FILES - 1))).hasContent("same");
  }

  @Test
  void aQuarterOfAMillionFilesAreBackedUpTwiceAndVerified() throws Exception {
    Path source = Files.createDirectory(folder.resolve("source"));
    for (int i = 0; i < FILES; i++) {
      if (i % 100 == 0) {
        Files.createDirectory(source.resolve(name(i)).getParent());
      }
      Files.write(source.resolve(name(i)), BYTES);
    }
    try (MemoryS3 s3 = new MemoryS3()) {
      CaravanSetup caravan =
          MoverSetup.in(folder, s3.bucket().settings())
              .env("SOURCE_PATH", source.toString())
              .env("ADD_TIMESTAMP_PREFIX", "true");
      runs(caravan.env("BACKUP_TIMESTAMP", "2026-11-20-032800"), "succeeded", "datamover");
      assertThat(s3.puts()).isGreaterThanOrEqualTo(FILES);
      long before = s3.puts();
      for (int i = 0; i < FILES; i += 100) {
        Files.writeString(source.resolve(name(i)), "changed");
      }
      runs(caravan.env("BACKUP_TIMESTAMP", "2026-11-21-032800"), "succeeded", "datamover");
      assertThat(s3.puts() - before).isBetween(FILES / 100L, FILES / 100L + 100);
      assertThat(s3.copies()).isEqualTo(FILES - FILES / 100);
      runs(caravan, FILES + " files", "datamover", "verify");
    }
  }

  private static String name(int number) {
    return "d%04d/f%06d".formatted(number / 100, number);
  }

  private static void runs(CaravanSetup caravan, String said, String... command) {
    long[] most = new long[1];
    long begun = System.nanoTime();
    try (CaravanProcess process = caravan.launched(command)) {
      Awaitility.await(String.join(" ", command))
          .atMost(Duration.ofMinutes(30))
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(20))
          .until(
              () -> {
                most[0] = Math.max(most[0], process.peakKib());
                return !process.isAlive();
              });
      assertThat(process.awaitEnd(Duration.ofSeconds(1))).as("%s", process.logs()).isZero();
      assertThat(process.out()).contains(said);
      assertThat(most[0]).isBetween(1L, (long) LIMIT_KIB);
      System.out.printf(
          "%s: %d MiB at most, %.1f s%n",
          String.join(" ", command), most[0] >> 10, (System.nanoTime() - begun) / 1e9);
    }
  }

  private static ObjectContent manifest() {
    ManifestWriter writer = MadeSnapshot.writer();
    for (int i = 0; i < FILES; i++) {
      if (i % 100 == 0) {
        writer.add(entry("d%04d".formatted(i / 100), Kind.FOLDER, Optional.empty()));
      }
      writer.add(entry(name(i), Kind.FILE, Optional.of(SHA256)));
    }
    return writer.finish(0);
  }

  private static ManifestEntry entry(String path, Kind kind, Optional<String> sha256) {
    int size = kind == Kind.FILE ? BYTES.length : 0;
    return new ManifestEntry(
        StorePath.of(path), kind, size, 0755, 0, 0, 1_700_000_000L, Optional.empty(), sha256);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String query = String.valueOf(exchange.getRequestURI().getRawQuery());
      String path = exchange.getRequestURI().getPath();
      if (query.contains("list-type")) {
        send(exchange, folders().getBytes(UTF_8), 200);
      } else if (path.endsWith(".caravan/manifest.jsonl.gz")) {
        manifest(exchange, path);
      } else {
        exchange.getResponseHeaders().set("x-amz-meta-caravan-sha256", SHA256);
        send(exchange, BYTES, 200);
      }
    }
  }

  private static String folders() {
    return "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>"
        + "<CommonPrefixes><Prefix>2026-11-21-032800/</Prefix></CommonPrefixes>"
        + "</ListBucketResult>";
  }

  private void manifest(HttpExchange exchange, String path) throws IOException {
    if (!path.contains("2026-11-21-032800")) {
      send(exchange, new byte[0], 404);
      return;
    }
    String range = String.valueOf(exchange.getRequestHeaders().getFirst("Range"));
    long from = range.startsWith("bytes=") ? Long.parseLong(range.split("[=-]")[1]) : 0;
    try (InputStream in = manifest.open(from, manifest.sizeBytes() - from)) {
      exchange
          .getResponseHeaders()
          .set(
              "Content-Range",
              "bytes %d-%d/%d".formatted(from, manifest.sizeBytes() - 1, manifest.sizeBytes()));
      send(exchange, in.readAllBytes(), range.startsWith("bytes=") ? 206 : 200);
    }
  }

  private static void send(HttpExchange exchange, byte[] body, int status) throws IOException {
    exchange.getResponseHeaders().set("ETag", "\"e\"");
    exchange.getResponseHeaders().set("Last-Modified", "Sat, 21 Nov 2026 03:28:00 GMT");
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
      exchange.sendResponseHeaders(status, -1);
    } else {
      exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
  }
}
