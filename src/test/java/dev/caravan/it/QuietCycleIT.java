package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.lab.CountingProxy;
import dev.caravan.lab.LightS3;
import dev.caravan.lab.S3Bucket;
import dev.caravan.lab.S3Server;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cycle asks a remote about nothing that did not change. */
class QuietCycleIT {

  private static final int FILES = Integer.getInteger("caravan.quiet.files", 100_000);
  private static final int TOUCHED = 1_000;

  @TempDir Path folder;

  @Test
  void anUnchangedStoreCostsNoRequestAndATouchedOneNoUpload() throws Exception {
    S3Bucket bucket = S3Server.S3PROXY.newBucket();
    try (CountingProxy proxy = new CountingProxy(bucket.settings().endpoint().orElseThrow())) {
      askedAboutChangesOnly(
          bucket.endpoint(proxy.endpoint()), proxy::requests, proxy::reset, 2 * TOUCHED);
    }
  }

  /** How often a real server is asked was counted above; here there is one that keeps up. */
  @Test
  void howManyFilesThereAreDoesNotMatter() throws Exception {
    try (LightS3 server = new LightS3()) {
      askedAboutChangesOnly(server.bucket(), server::requests, server::reset, FILES);
    }
  }

  private void askedAboutChangesOnly(
      S3Bucket bucket, Supplier<List<String>> requests, Runnable reset, int files)
      throws Exception {
    CaravanSetup caravan = CaravanSetup.in(folder).mirror().optimized();
    caravan.config(S3Yaml.of(caravan.store(), bucket.settings()));
    Trees.many(caravan.store(), files, 16, 29);
    try (CaravanProcess daemon = caravan.set("storage.sync_interval=0").start()) {
      // The watch begins while the first cycle runs, and asks for a look at what it missed. The
      // runs are asked for, since the files would be counted for each answer.
      daemon.await(
          "/api/runs?operation=sync",
          Duration.ofMinutes(8),
          answer ->
              answer.json().at("/runs").size() >= 2
                  && answer.json().at("/runs").findValuesAsText("state").stream()
                      .noneMatch(state -> state.equals("queued") || state.equals("running")));
      daemon.await(
          "/api/storage",
          Duration.ofSeconds(30),
          answer -> answer.json().at("/remotes/0/verified").asInt() == files);

      reset.run();
      JsonNode second = run(daemon);
      assertThat(requests.get()).as("%s, of %s", second, daemon.get("/api/runs?limit=5")).isEmpty();
      assertThat(second.at("/counts/uploaded").asInt()).isZero();

      touch(caravan.store());
      JsonNode third = run(daemon);
      assertThat(requests.get().stream().filter(request -> request.contains("/d0")).toList())
          .as("what is recorded beside each is looked at, copied onto itself, and looked at")
          .hasSize(3 * TOUCHED)
          .allMatch(request -> request.matches("(HEAD|PUT) .*"));
      assertThat(third.at("/counts/uploaded").asInt()).isZero();
      assertThat(third.at("/bytes").asLong()).as("no byte of a file was sent").isZero();
      assertThat(third.at("/counts/failed").asInt()).isZero();

      reset.run();
      JsonNode fourth = run(daemon);
      assertThat(requests.get().stream().filter(request -> !request.contains("/.caravan/")))
          .as("but for a copy of the catalog that had to wait: %s", fourth)
          .isEmpty();
    }
  }

  private static JsonNode run(CaravanProcess daemon) {
    Answer answer = daemon.sync("{}");
    assertThat(answer.status()).as("%s", answer).isEqualTo(200);
    assertThat(answer.json().at("/state").asText()).as("%s", answer).isEqualTo("succeeded");
    return answer.json();
  }

  private static void touch(Path store) throws Exception {
    FileTime time = FileTime.from(Instant.parse("2020-01-01T00:00:00Z"));
    for (int i = 0; i < TOUCHED; i++) {
      Files.setLastModifiedTime(store.resolve("d%03d/f%05d.bin".formatted(i / 100, i)), time);
    }
  }
}
