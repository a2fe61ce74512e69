package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.lab.S3Server;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Files leave the disk and come back with rclone as the only remote. */
@Execution(ExecutionMode.CONCURRENT)
class RclonePurgeIT {

  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final int READERS = 20;

  @TempDir Path folder;

  @Test
  void aFolderGivesBackWhatLeftTheDisk() throws Exception {
    leaveAndComeBack(RcloneYaml.folder(folder));
  }

  @Test
  void aBucketGivesBackWhatLeftTheDisk() throws Exception {
    leaveAndComeBack(RcloneYaml.bucket(folder, S3Server.CEPH.newBucket()));
  }

  private static void old(Path store, String path, String content) throws IOException {
    Path file = store.resolve(path);
    Trees.write(file, content);
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofDays(60))));
  }

  private static JsonNode sync(CaravanProcess daemon) {
    JsonNode run = daemon.post("/api/storage/sync?wait=60", "{}").json();
    assertThat(run.at("/state").asText()).as("%s%s", run, daemon.logs()).isEqualTo("succeeded");
    return run;
  }

  private void leaveAndComeBack(RcloneYaml rclone) throws Exception {
    CaravanSetup caravan = rclone.setup(folder).set("store.watch=false");
    Path store = caravan.store();
    old(store, "a/old one ü", "old");
    old(store, "a/older", "older");
    old(store, "a/swapped", "swapped");
    old(store, "a/gone", "gone");
    Trees.many(store.resolve("many"), 40, 3_000, 5);
    Trees.write(store.resolve("a/new"), "new");
    SortedMap<String, Trees.Entry> before = Trees.snapshot(store);
    List<String> held;
    try (CaravanProcess daemon = caravan.start()) {
      sync(daemon);
      Path other = folder.resolve("other");
      Trees.write(other, "SWAPPED");
      rclone.run("copyto", other.toString(), "far:a/swapped");
      rclone.run("deletefile", "far:a/gone");
      held = listing(rclone);
      JsonNode purge =
          daemon.post("/api/storage/purge?wait=60", "{\"older_than\": \"30d\"}").json();
      assertThat(purge.at("/counts/purged").asInt()).as("%s", purge).isEqualTo(2);
      JsonNode kept = daemon.get("/api/runs/" + purge.at("/run_id").asText() + "/items").json();
      assertThat(kept.findValuesAsText("reason"))
          .as("%s", kept)
          .contains("replaced_at_remote", "gone_at_remote");
      assertThat(store.resolve("a/older")).doesNotExist();
      assertThat(store.resolve("a/swapped")).exists();
      assertThat(store.resolve("a/gone")).exists();
      for (int i = 0; i < 2; i++) {
        sync(daemon);
      }
      assertThat(listing(rclone)).isEqualTo(held);
    }
    try (CaravanProcess daemon = caravan.start()) {
      sync(daemon);
      assertThat(listing(rclone)).isEqualTo(held);
      List<CompletableFuture<HttpResponse<String>>> readers = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        readers.add(
            HTTP.sendAsync(
                HttpRequest.newBuilder(
                        URI.create(
                            "http://127.0.0.1:%d/api/files/a/old%%20one%%20%%C3%%BC"
                                .formatted(caravan.port())))
                    .timeout(Duration.ofSeconds(60))
                    .build(),
                BodyHandlers.ofString()));
      }
      for (CompletableFuture<HttpResponse<String>> reader : readers) {
        assertThat(reader.join().body()).isEqualTo("old");
      }
      JsonNode restore = daemon.post("/api/storage/restore?wait=60", "{\"paths\": [\".\"]}").json();
      assertThat(restore.at("/state").asText()).as("%s", restore).isEqualTo("succeeded");
      assertThat(restore.at("/counts/restored").asInt()).isEqualTo(1);
      assertThat(Trees.snapshot(store)).isEqualTo(before);
      assertThat(sync(daemon).at("/counts/uploaded").asInt()).isZero();
      assertThat(listing(rclone)).isEqualTo(held);
      assertThat(daemon.err()).doesNotContain(" ERROR ", "\tat ");
    }
  }

  /** Sorted: rclone lists folders side by side, in whatever order they come. */
  private static List<String> listing(RcloneYaml rclone) throws Exception {
    return rclone
        .run("lsf", "-R", "--files-only", "--format", "pst", "--exclude", "/.caravan/**", "far:")
        .lines()
        .sorted()
        .toList();
  }
}
