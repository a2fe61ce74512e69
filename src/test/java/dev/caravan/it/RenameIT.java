package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.lab.CountingProxy;
import dev.caravan.lab.MemoryS3;
import dev.caravan.lab.S3Bucket;
import dev.caravan.lab.S3Server;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A renamed folder costs requests, and no byte. */
class RenameIT {

  private static final int FILES = 2_000;
  private static final int SIZE = 2_048;

  @TempDir Path folder;

  @Test
  void aRenamedFolderOfTwoThousandFilesUploadsNoByteToABucket() throws Exception {
    S3Bucket bucket = S3Server.S3PROXY.newBucket();
    try (CountingProxy proxy = new CountingProxy(bucket.settings().endpoint().orElseThrow())) {
      CaravanSetup caravan = CaravanSetup.in(folder).mirror();
      caravan.config(S3Yaml.of(caravan.store(), bucket.endpoint(proxy.endpoint()).settings()));
      Trees.many(caravan.store().resolve("old"), FILES, SIZE, 3);
      Trees.write(caravan.store().resolve("stays"), "x");
      assertThat(caravan.cli("sync").exitCode()).isZero();
      assertThat(proxy.bodyBytes("/old/")).as("that is seen").isEqualTo((long) FILES * SIZE);

      Files.move(caravan.store().resolve("old"), caravan.store().resolve("new"));
      assertThat(items(caravan.cli("sync", "--dry-run", "--json")))
          .hasSize(FILES)
          .allMatch(item -> item.at("/action").asText().equals("rename"));
      proxy.reset();
      JsonNode first = caravan.cli("sync", "--json").json();
      assertThat(first.at("/counts/renamed").asInt()).as("%s", first).isEqualTo(FILES);
      assertThat(first.at("/counts/uploaded").asInt()).isZero();
      assertThat(first.at("/bytes").asLong()).isZero();
      assertThat(requests(proxy, "PUT")).as("one copy each").isEqualTo(FILES);
      assertThat(requests(proxy, "HEAD")).as("one look each").isEqualTo(FILES);
      assertThat(requests(proxy, "POST") + requests(proxy, "GET")).isZero();
      assertThat(proxy.bodyBytes("/new/")).as("bodies of what was sent there").isZero();

      JsonNode second = caravan.cli("sync", "--json").json();
      assertThat(second.at("/state").asText()).as("no halt: %s", second).isEqualTo("succeeded");
      assertThat(second.at("/counts/trashed").asInt()).isZero();
      assertThat(second.at("/counts/renamed").asInt()).as("counted once").isZero();
      Path disk = bucket.disk();
      Mirrored.assertEqual(caravan.store(), disk);
      assertThat(disk.resolve("old")).doesNotExist();
    }
  }

  /** Very many, for which a real server takes too long; this one counts by itself. */
  @Test
  void aRenamedFolderOfTenThousandFilesSendsNoByteOfThem() throws Exception {
    int files = 10_000;
    try (MemoryS3 server = new MemoryS3()) {
      CaravanSetup caravan = CaravanSetup.in(folder).mirror().optimized();
      caravan.config(S3Yaml.of(caravan.store(), server.bucket().settings()));
      Trees.many(caravan.store().resolve("old"), files, 100, 3);
      Trees.write(caravan.store().resolve("stays"), "x");
      assertThat(caravan.cli("sync").exitCode()).isZero();
      long sent = server.fileBytes();
      assertThat(sent).as("that is seen").isEqualTo(files * 100L + 1);

      Files.move(caravan.store().resolve("old"), caravan.store().resolve("new"));
      JsonNode run = caravan.cli("sync", "--json").json();
      assertThat(run.at("/counts/renamed").asInt()).as("%s", run).isEqualTo(files);
      assertThat(run.at("/counts/uploaded").asInt()).isZero();
      assertThat(server.fileBytes() - sent).as("bytes of files that arrived").isZero();
      assertThat(server.copies()).isGreaterThanOrEqualTo(files);
      try (Stream<Path> all = Files.walk(caravan.store().resolve("new"))) {
        for (Path file : all.filter(Files::isRegularFile).toList()) {
          String key = caravan.store().relativize(file).toString();
          assertThat(server.content(key)).as(key).contains(Files.readAllBytes(file));
        }
      }

      JsonNode second = caravan.cli("sync", "--json").json();
      assertThat(second.at("/state").asText()).as("%s", second).isEqualTo("succeeded");
      assertThat(server.fileBytes() - sent).isZero();
      assertThat(server.content("old/d000/f00000.bin")).isEmpty();
      assertThat(server.content("new/d099/f09999.bin")).isPresent();
    }
  }

  /** Requests about the renamed files; Caravan's own objects are renewed as well. */
  private static long requests(CountingProxy proxy, String method) {
    List<String> all = proxy.requests();
    return all.stream().filter(r -> r.startsWith(method + " ") && r.contains("/new/")).count();
  }

  private static JsonNode items(Outcome outcome) {
    return outcome.json().at("/items");
  }

  @Test
  void aRenamedFileGetsASecondNameInADirectory() throws Exception {
    CaravanSetup caravan = CaravanSetup.in(folder).mirror("store.settle=0s");
    Trees.many(caravan.store().resolve("old"), 50, SIZE, 3);
    Trees.write(caravan.store().resolve("stays"), "x");
    assertThat(caravan.cli("sync").exitCode()).isZero();
    Object inode = inode(caravan.remote().resolve("old/d000/f00000.bin"));
    Files.move(caravan.store().resolve("old"), caravan.store().resolve("new"));
    JsonNode first = caravan.cli("sync", "--json").json();
    assertThat(first.at("/counts/renamed").asInt()).as("%s", first).isEqualTo(50);
    assertThat(first.at("/counts/uploaded").asInt()).isZero();
    JsonNode second = caravan.cli("sync", "--json").json();
    assertThat(second.at("/state").asText()).as("%s", second).isEqualTo("succeeded");
    Mirrored.assertEqual(caravan.store(), caravan.remote());
    assertThat(inode(caravan.remote().resolve("new/d000/f00000.bin"))).isEqualTo(inode);
  }

  private static Object inode(Path file) throws Exception {
    return Files.getAttribute(file, "unix:ino");
  }
}
