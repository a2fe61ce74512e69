package dev.caravan.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.lab.CountingProxy;
import dev.caravan.lab.S3Bucket;
import dev.caravan.lab.S3Server;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Files that left the disk are read again. They leave it here by the loss of catalog and files:
 * what a remote of this store alone still holds is known as purged after the next cycle.
 */
@Execution(ExecutionMode.CONCURRENT)
class RestoreIT {

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir Path folder;

  private static void lose(CaravanSetup caravan, String... files) throws IOException {
    for (String suffix : List.of("", "-wal", "-shm")) {
      Files.deleteIfExists(caravan.store().resolve(".caravan/catalog.db" + suffix));
    }
    for (String file : files) {
      Files.delete(caravan.store().resolve(file));
    }
    Outcome rebuilt = caravan.cli("sync");
    assertThat(rebuilt.exitCode()).as("%s", rebuilt).isZero();
    for (String file : files) {
      assertThat(caravan.store().resolve(file)).doesNotExist();
    }
  }

  private static HttpResponse<byte[]> ask(CaravanSetup caravan, String path, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + caravan.port() + path))
            .timeout(Duration.ofSeconds(60));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return HTTP.send(request.build(), BodyHandlers.ofByteArray());
  }

  /** Nobody has read the file that was just written, so a part of it may be of other bytes. */
  private static void aWeakTagGivesNoPart(CaravanSetup caravan, CaravanProcess daemon)
      throws Exception {
    assertThat(daemon.post("/api/storage/sync?wait=50", "{}").status()).isEqualTo(200);
    Path fresh = caravan.store().resolve("d/fresh.txt");
    Trees.write(fresh, "fresh");
    HttpResponse<byte[]> whole = ask(caravan, "/api/files/d/fresh.txt");
    String weak = whole.headers().firstValue("ETag").orElseThrow();
    assertThat(weak).startsWith("W/");
    String[] unless = {"Range", "bytes=1-", "If-Range", weak};
    HttpResponse<byte[]> answer = ask(caravan, "/api/files/d/fresh.txt", unless);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).asString().isEqualTo("fresh");
    Files.delete(fresh);
  }

  @Test
  void aFileIsReadThroughAFolderIsReadAndTheRestIsRestored() throws Exception {
    CaravanSetup caravan = CaravanSetup.in(folder).mirror("store.settle=0s", "store.watch=false");
    Trees.zoo(caravan.store());
    Trees.many(caravan.store().resolve("many"), 300, 5_000, 11);
    Trees.write(caravan.store().resolve("d/one.txt"), "one");
    Trees.write(caravan.store().resolve("d/two.txt"), "two");
    assertThat(caravan.cli("sync").exitCode()).isZero();
    SortedMap<String, Trees.Entry> before = Trees.snapshot(caravan.store());
    List<String> lost = new ArrayList<>(List.of("d/one.txt"));
    try (Stream<Path> many = Files.walk(caravan.store().resolve("many"))) {
      many.filter(Files::isRegularFile)
          .forEach(file -> lost.add(caravan.store().relativize(file).toString()));
    }
    lose(caravan, lost.toArray(String[]::new));

    try (CaravanProcess daemon = caravan.start()) {
      HttpResponse<byte[]> one = ask(caravan, "/api/files/d/one.txt");
      assertThat(one.statusCode()).as(daemon.logs()).isEqualTo(200);
      assertThat(one.body()).asString().isEqualTo("one");
      assertThat(caravan.store().resolve("d/one.txt")).hasContent("one");
      HttpResponse<byte[]> parent = ask(caravan, "/api/files/d");
      assertThat(parent.statusCode()).isEqualTo(404);
      assertThat(parent.body()).asString().contains("d is a folder");
      String etag = one.headers().firstValue("ETag").orElseThrow();
      assertThat(ask(caravan, "/api/files/d/one.txt", "If-None-Match", etag).statusCode())
          .isEqualTo(304);
      assertThat(ask(caravan, "/api/files/d/one.txt", "If-Match", etag).statusCode())
          .isEqualTo(200);
      assertThat(ask(caravan, "/api/files/d/one.txt", "If-Match", "\"other\"").statusCode())
          .isEqualTo(412);
      HttpResponse<byte[]> part = ask(caravan, "/api/files/d/one.txt", "Range", "bytes=1-");
      assertThat(part.statusCode()).isEqualTo(206);
      assertThat(part.body()).asString().isEqualTo("ne");
      assertThat(part.headers().firstValue("Content-Range")).contains("bytes 1-2/3");
      assertThat(ask(caravan, "/api/files/d/one.txt", "Range", "bytes=9-").statusCode())
          .isEqualTo(416);
      String[] unless = {"Range", "bytes=1-", "If-Range", etag};
      assertThat(ask(caravan, "/api/files/d/one.txt", unless).statusCode()).isEqualTo(206);
      aWeakTagGivesNoPart(caravan, daemon);
      assertThat(ask(caravan, "/api/files/nowhere").statusCode()).isEqualTo(404);
      assertThat(ask(caravan, "/api/files/.caravan/store.id").statusCode()).isEqualTo(404);

      JsonNode read = daemon.post("/api/read", "{\"path\": \"many/d000\"}").json();
      assertThat(read.at("/restored").asInt()).as("%s", read).isPositive();
      assertThat(read.at("/files")).hasSize(read.at("/restored").asInt());
      assertThat(daemon.post("/api/read", "{\"path\": \"nowhere\"}").status()).isEqualTo(404);
      Path bare = Files.createDirectory(caravan.store().resolve("bare"));
      Answer nothing = daemon.post("/api/read", "{\"path\": \"bare\"}");
      assertThat(nothing.status()).as("%s", nothing).isEqualTo(200);
      assertThat(nothing.json().at("/files")).isEmpty();
      Files.delete(bare);

      Answer answer = daemon.post("/api/storage/restore?wait=50", "{\"paths\": [\".\"]}");
      JsonNode run = answer.json();
      assertThat(run.at("/state").asText())
          .as("%s%s", answer, daemon.logs())
          .isEqualTo("succeeded");
      assertThat(run.at("/operation").asText()).isEqualTo("restore");
      assertThat(run.at("/counts/restored").asInt() + read.at("/restored").asInt()).isEqualTo(300);
      assertThat(Trees.snapshot(caravan.store())).isEqualTo(before);
      assertThat(daemon.sync("{}").json().at("/counts/uploaded").asInt()).isZero();
      assertThat(daemon.get("/observe/metrics").body())
          .contains("caravan_restores_total{outcome=\"restored\"} 301.0");
      assertThat(daemon.err()).doesNotContain(" ERROR ", "\tat ");
    }
    Mirrored.assertEqual(caravan.store(), caravan.remote());
  }

  /** A version that is replaced at the moment it is asked for is never sent as another one. */
  @Test
  void theTagOfAnAnswerIsThatOfItsBytes() throws Exception {
    CaravanSetup caravan = CaravanSetup.in(folder).mirror("store.watch=false");
    Path file = caravan.store().resolve("f");
    Trees.write(file, "version 00000");
    try (CaravanProcess daemon = caravan.start()) {
      AtomicBoolean over = new AtomicBoolean();
      AtomicInteger version = new AtomicInteger();
      Thread owner =
          new Thread(
              () -> {
                while (!over.get()) {
                  String text = "version %05d".formatted(version.incrementAndGet());
                  try {
                    Path fresh = Files.writeString(caravan.store().resolve(".fresh"), text);
                    // The kernel's own stamps tick too slowly to tell these versions apart.
                    FileTime stamp = FileTime.from(1_700_000_000L + version.get(), SECONDS);
                    Files.setLastModifiedTime(fresh, stamp);
                    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                }
              });
      owner.start();
      Map<String, Set<String>> seen = new HashMap<>();
      for (int i = 0; i < 300; i++) {
        HttpResponse<byte[]> answer = ask(caravan, "/api/files/f");
        assertThat(answer.statusCode()).as(new String(answer.body(), UTF_8)).isIn(200, 409);
        if (answer.statusCode() == 200) {
          String tag = answer.headers().firstValue("ETag").orElseThrow();
          seen.computeIfAbsent(tag, none -> new HashSet<>()).add(new String(answer.body(), UTF_8));
        }
      }
      over.set(true);
      owner.join();
      assertThat(version).hasValueGreaterThan(300);
      assertThat(seen).hasSizeGreaterThan(50);
      assertThat(seen.values()).allMatch(bodies -> bodies.size() == 1);
    }
  }

  @Test
  void fiveHundredReadersOfABigFileInABucketCauseOneDownload() throws Exception {
    S3Bucket bucket = S3Server.S3PROXY.newBucket();
    try (CountingProxy proxy = new CountingProxy(bucket.settings().endpoint().orElseThrow())) {
      CaravanSetup caravan = CaravanSetup.in(folder).mirror();
      caravan.config(S3Yaml.of(caravan.store(), bucket.endpoint(proxy.endpoint()).settings()));
      Trees.write(caravan.store().resolve("stays"), "x");
      byte[] content = new byte[3 << 20];
      new Random(5).nextBytes(content);
      Files.write(caravan.store().resolve("big.bin"), content);
      Files.write(caravan.store().resolve("posted.bin"), content);
      List<String> lost = new ArrayList<>(List.of("big.bin", "posted.bin"));
      for (int i = 0; i < 200; i++) {
        lost.add("many/f" + i);
        Trees.write(caravan.store().resolve("many/f" + i), "content of " + i);
      }
      assertThat(caravan.cli("sync").exitCode()).isZero();
      lose(caravan, lost.toArray(String[]::new));
      try (CaravanProcess daemon = caravan.start()) {
        proxy.reset();
        List<CompletableFuture<HttpResponse<byte[]>>> readers = new ArrayList<>();
        URI address = URI.create("http://127.0.0.1:" + caravan.port() + "/api/files/big.bin");
        for (int i = 0; i < 500; i++) {
          HttpRequest request =
              HttpRequest.newBuilder(address)
                  .timeout(Duration.ofSeconds(60))
                  .header("Range", "bytes=%d-%d".formatted(i * 1_000, i * 1_000 + 99))
                  .build();
          readers.add(HTTP.sendAsync(request, BodyHandlers.ofByteArray()));
        }
        for (int i = 0; i < 500; i++) {
          HttpResponse<byte[]> answer = readers.get(i).get();
          assertThat(answer.statusCode()).as(daemon.logs()).isEqualTo(206);
          assertThat(answer.body())
              .isEqualTo(Arrays.copyOfRange(content, i * 1_000, i * 1_000 + 100));
        }
        assertThat(proxy.requests().stream().filter(r -> r.matches("GET .*/big.bin")).toList())
            .as("one download")
            .hasSize(1);
        assertThat(ask(caravan, "/api/files/big.bin").body()).isEqualTo(content);
        fiveHundredReadOneFileAndManyOthers(caravan, proxy, content, daemon);
      }
    }
  }

  /** Each waits for its answer, with no thread of the daemon's. */
  private static void fiveHundredReadOneFileAndManyOthers(
      CaravanSetup caravan, CountingProxy proxy, byte[] content, CaravanProcess daemon)
      throws Exception {
    proxy.throttle(1 << 20);
    List<CompletableFuture<HttpResponse<byte[]>>> readers = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      readers.add(post(caravan, i < 400 ? "posted.bin" : "many/f" + i % 100));
    }
    assertThat(ask(caravan, "/api/storage").statusCode()).as("others are served").isEqualTo(200);
    assertThat(readers).as("the file is on its way").anyMatch(each -> !each.isDone());
    proxy.throttle(Long.MAX_VALUE);
    for (CompletableFuture<HttpResponse<byte[]>> reader : readers) {
      assertThat(reader.get().statusCode()).as(daemon.logs()).isEqualTo(200);
      assertThat(new ObjectMapper().readTree(reader.get().body()).at("/files")).hasSize(1);
    }
    assertThat(Files.readAllBytes(caravan.store().resolve("posted.bin"))).isEqualTo(content);
    assertThat(proxy.requests().stream().filter(r -> r.matches("GET .*/posted.bin")).toList())
        .as("one download")
        .hasSize(1);
  }

  @Test
  @Tag("soak")
  void fiveHundredReadersOfADeadRemoteAreToldSoInAMinute() throws Exception {
    S3Bucket bucket = S3Server.S3PROXY.newBucket();
    try (CountingProxy proxy = new CountingProxy(bucket.settings().endpoint().orElseThrow())) {
      CaravanSetup caravan = CaravanSetup.in(folder).mirror();
      caravan.config(S3Yaml.of(caravan.store(), bucket.endpoint(proxy.endpoint()).settings()));
      Trees.write(caravan.store().resolve("stays"), "x");
      List<String> lost = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        lost.add("many/f" + i);
        Trees.write(caravan.store().resolve("many/f" + i), "content of " + i);
      }
      assertThat(caravan.cli("sync").exitCode()).isZero();
      lose(caravan, lost.toArray(String[]::new));
      try (CaravanProcess daemon = caravan.start()) {
        proxy.weather(CountingProxy.Weather.REFUSE);
        List<CompletableFuture<HttpResponse<byte[]>>> readers =
            lost.stream().map(path -> post(caravan, path)).toList();
        for (CompletableFuture<HttpResponse<byte[]>> reader : readers) {
          assertThat(reader.get().statusCode()).as(daemon.logs()).isEqualTo(502);
        }
        proxy.weather(CountingProxy.Weather.FAIR);
        assertThat(post(caravan, "many/f7").get().statusCode()).isEqualTo(200);
      }
    }
  }

  private static CompletableFuture<HttpResponse<byte[]>> post(CaravanSetup caravan, String path) {
    return HTTP.sendAsync(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + caravan.port() + "/api/read"))
            .timeout(Duration.ofSeconds(60))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString("{\"path\": \"" + path + "\"}"))
            .build(),
        BodyHandlers.ofByteArray());
  }

  @Test
  void copiesComeIntoAnotherFolderBesideARunningDaemon() throws Exception {
    CaravanSetup caravan = CaravanSetup.in(folder).mirror("store.settle=0s");
    Trees.zoo(caravan.store());
    Trees.write(caravan.store().resolve("d/one.txt"), "one");
    Trees.write(caravan.store().resolve("d/two.txt"), "two");
    assertThat(caravan.cli("sync").exitCode()).isZero();
    lose(caravan, "d/one.txt");
    Path beside = folder.resolve("beside");
    Trees.write(beside.resolve("d/two.txt"), "mine");
    try (CaravanProcess daemon = caravan.start()) {
      Outcome partial = caravan.cli("restore", "--all", "--to", beside.toString());
      assertThat(partial.exitCode()).as("%s", partial).isEqualTo(3);
      assertThat(partial.err()).contains("d/two.txt: Something else lies there");
      assertThat(beside.resolve("d/two.txt")).hasContent("mine");
      Files.delete(beside.resolve("d/two.txt"));
      Outcome rest = caravan.cli("restore", ".", "--to", beside.toString(), "--json");
      assertThat(rest.exitCode()).as("%s", rest).isZero();
      assertThat(rest.json().at("/counts/restored").asInt()).isEqualTo(1);
      assertThat(Trees.snapshot(beside)).isEqualTo(Trees.snapshot(caravan.remote()));
      assertThat(caravan.store().resolve("d/one.txt")).doesNotExist();
      assertThat(daemon.isAlive()).isTrue();
    }
    Path inside = caravan.store().resolve("d/x");
    assertThat(caravan.cli("restore", "--all", "--to", inside.toString()).exitCode()).isEqualTo(2);
    assertThat(caravan.cli("restore", "x", "--to", beside.toString()).exitCode()).isEqualTo(1);
  }

  @Test
  void aCommandWithoutADaemonRestoresAndSaysWhatItCannot() throws Exception {
    CaravanSetup caravan = CaravanSetup.in(folder).mirror("store.settle=0s");
    Trees.write(caravan.store().resolve("d/one.txt"), "one");
    Trees.write(caravan.store().resolve("d/two.txt"), "two");
    Trees.write(caravan.store().resolve("stays"), "x");
    assertThat(caravan.cli("sync").exitCode()).isZero();
    lose(caravan, "d/one.txt", "d/two.txt");
    Files.write(caravan.remote().resolve("d/two.txt"), "twp".getBytes());
    Outcome partial = caravan.cli("restore", "--all");
    assertThat(partial.exitCode()).as("%s", partial).isEqualTo(3);
    assertThat(partial.err()).contains("d/two.txt", "not what was stored there");
    assertThat(caravan.store().resolve("d/one.txt")).hasContent("one");
    assertThat(caravan.store().resolve("d/two.txt")).doesNotExist();
    assertThat(caravan.cli("restore").exitCode()).isEqualTo(2);
    assertThat(caravan.cli("restore", "../x").exitCode()).isEqualTo(2);
    assertThat(caravan.cli("restore", "d", "--from", "nobody").exitCode()).isEqualTo(2);
    Files.write(caravan.remote().resolve("d/two.txt"), "two".getBytes());
    Outcome json = caravan.cli("restore", "d/two.txt", "--json");
    assertThat(json.exitCode()).as("%s", json).isZero();
    assertThat(json.json().at("/counts/restored").asInt()).isEqualTo(1);
    Mirrored.assertEqual(caravan.store(), caravan.remote());
  }
}
