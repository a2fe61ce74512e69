package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.lab.MemoryS3;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A session token that expires and lies in a file that somebody renews, as on a cloud's pods. */
class CredentialsIT {

  private static final int FILES = 30;

  @TempDir Path folder;
  private CaravanSetup caravan;
  private Path token;

  @BeforeEach
  void makeStore() throws Exception {
    caravan = CaravanSetup.in(folder).mirror();
    token = Files.writeString(folder.resolve("token"), "first\n");
    Trees.many(caravan.store().resolve("before"), FILES, 100, 1);
  }

  private void configure(MemoryS3 server) {
    String yaml = S3Yaml.of(caravan.store(), server.bucket().settings());
    caravan.config(yaml + "      session_token_file: " + token + "\n");
    // The runs that are asked for are the only ones.
    caravan.set("storage.sync_interval=0", "store.watch=false");
    server.knowOnly("first");
  }

  @Test
  void aTokenThatIsRenewedInItsFileIsUsedAtOnce() throws Exception {
    try (MemoryS3 server = new MemoryS3()) {
      configure(server);
      try (CaravanProcess daemon = caravan.start()) {
        assertUploaded(daemon, daemon.sync("{}").json());
        server.knowOnly("second");
        Files.writeString(token, "second\n");
        Trees.many(caravan.store().resolve("after"), FILES, 100, 2);
        JsonNode run = daemon.sync("{}").json();
        assertUploaded(daemon, run);
        assertThat(run.at("/counts/uploaded").asInt()).as("%s", run).isEqualTo(FILES);
        assertThat(server.fileBytes()).isEqualTo(2 * FILES * 100);
      }
    }
  }

  @Test
  void filesWaitWithoutFailingUntilTheTokenThatExpiredUnderWayIsRenewed() throws Exception {
    try (MemoryS3 server = new MemoryS3()) {
      configure(server);
      try (CaravanProcess daemon = caravan.start()) {
        assertUploaded(daemon, daemon.sync("{}").json());
        Trees.many(caravan.store().resolve("after"), FILES, 100, 2);
        server.knowOnlyAfter(FILES / 3, "second");
        JsonNode refused = daemon.sync("{}").json();
        assertThat(server.expired()).as("the fault happened").isPositive();
        assertThat(refused.toString()).contains("ExpiredToken").contains("renew the session token");
        assertThat(refused.at("/counts/failed").asInt()).as("%s", refused).isZero();
        assertThat(refused.at("/counts/uploaded").asInt()).isLessThan(FILES);
        JsonNode files = daemon.get("/api/storage").json().at("/files");
        assertThat(files.at("/failed").asInt()).as("%s", files).isZero();
        assertThat(files.at("/pending").asInt()).as("%s", files).isPositive();

        Files.writeString(token, "second\n");
        assertUploaded(daemon, daemon.sync("{}").json());
        assertThat(daemon.get("/api/storage").json().at("/files/pending").asInt()).isZero();
      }
      for (String name : List.of("before/d000/f00029.bin", "after/d000/f00029.bin")) {
        byte[] content = Files.readAllBytes(caravan.store().resolve(name));
        assertThat(server.content(name)).as(name).contains(content);
      }
    }
  }

  private static void assertUploaded(CaravanProcess daemon, JsonNode run) {
    assertThat(run.at("/state").asText()).as("%s%s", run, daemon.logs()).isEqualTo("succeeded");
  }
}
