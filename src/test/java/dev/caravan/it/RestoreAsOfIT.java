package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.lab.S3Bucket;
import dev.caravan.lab.S3Server;
import dev.caravan.remote.s3.S3Clients;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;

/** Files come back as they were at a time, or the run says that they cannot. */
@Execution(ExecutionMode.CONCURRENT)
class RestoreAsOfIT {

  @TempDir Path folder;

  private static void sync(CaravanSetup caravan) {
    Outcome sync = caravan.cli("sync");
    assertThat(sync.exitCode()).as("%s", sync).isZero();
  }

  /** A deletion is carried by the second cycle that does not find the file. */
  private static void delete(CaravanSetup caravan, String path) throws IOException {
    Files.delete(caravan.store().resolve(path));
    sync(caravan);
    sync(caravan);
  }

  /** A time that lies after all that was done and before all that follows. */
  private static Instant now() {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    Instant now = Instant.ofEpochMilli(System.currentTimeMillis());
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    return now;
  }

  @Test
  void aVersionedBucketGivesBackWhatWasReplacedAndWhatWasDeleted() throws Exception {
    S3Bucket bucket = S3Server.CEPH.newBucket().prefix("pre fix");
    try (S3Client client = S3Clients.client(bucket.settings())) {
      client.putBucketVersioning(
          b ->
              b.bucket(bucket.settings().bucket())
                  .versioningConfiguration(v -> v.status(BucketVersioningStatus.ENABLED)));
    }
    CaravanSetup caravan = CaravanSetup.in(folder).mirror();
    caravan.config(S3Yaml.of(caravan.store(), bucket.settings()));
    Trees.write(caravan.store().resolve("d/kept"), "kept");
    Trees.write(caravan.store().resolve("d/re%20pl+aced ö"), "first");
    Trees.write(caravan.store().resolve("d/deleted"), "deleted");
    Trees.write(caravan.store().resolve("d/twice"), "one");
    Trees.write(caravan.store().resolve("other"), "other");
    sync(caravan);
    Instant first = now();
    Trees.write(caravan.store().resolve("d/re%20pl+aced ö"), "second, longer");
    Trees.write(caravan.store().resolve("d/twice"), "two");
    Trees.write(caravan.store().resolve("d/new"), "new");
    delete(caravan, "d/deleted");
    Instant second = now();
    Trees.write(caravan.store().resolve("d/twice"), "three");
    Trees.write(caravan.store().resolve("d/deleted"), "another of that name");
    sync(caravan);

    Path then = folder.resolve("then");
    Outcome restore =
        caravan.cli("restore", "d", "--as-of", first.toString(), "--to", then.toString(), "--json");
    assertThat(restore.exitCode()).as("%s", restore).isZero();
    assertThat(restore.json().at("/counts/restored").asInt()).as("%s", restore).isEqualTo(4);
    assertThat(then.resolve("d/kept")).hasContent("kept");
    assertThat(then.resolve("d/re%20pl+aced ö")).hasContent("first");
    assertThat(then.resolve("d/deleted")).hasContent("deleted");
    assertThat(then.resolve("d/twice")).hasContent("one");
    assertThat(then.resolve("d/new")).doesNotExist();
    assertThat(then.resolve("other")).doesNotExist();

    Path later = folder.resolve("later");
    restore =
        caravan.cli("restore", "--all", "--as-of", second.toString(), "--to", later.toString());
    assertThat(restore.exitCode()).as("%s", restore).isZero();
    assertThat(later.resolve("d/re%20pl+aced ö")).hasContent("second, longer");
    assertThat(later.resolve("d/twice")).hasContent("two");
    assertThat(later.resolve("d/new")).hasContent("new");
    assertThat(later.resolve("d/deleted")).doesNotExist();
    assertThat(later.resolve("other")).hasContent("other");
    assertThat(later.resolve(".caravan")).doesNotExist();
  }

  @Test
  void theTrashGivesBackWhatWasDeletedAndWhatWasReplacedIsNamed() throws Exception {
    CaravanSetup caravan = CaravanSetup.in(folder).mirror("store.settle=0s", "store.watch=false");
    Trees.write(caravan.store().resolve("d/kept"), "kept");
    Trees.write(caravan.store().resolve("d/replaced"), "first");
    Trees.write(caravan.store().resolve("d/deleted"), "deleted");
    Trees.write(caravan.store().resolve("d/again"), "the one before");
    sync(caravan);
    Instant then = now();
    Trees.write(caravan.store().resolve("d/replaced"), "second");
    Trees.write(caravan.store().resolve("d/new"), "new");
    Files.delete(caravan.store().resolve("d/again"));
    delete(caravan, "d/deleted");
    Trees.write(caravan.store().resolve("d/again"), "the one after");
    sync(caravan);

    Path to = folder.resolve("to");
    Outcome restore =
        caravan.cli("restore", "--all", "--as-of", then.toString(), "--to", to.toString());
    assertThat(restore.exitCode()).as("%s", restore).isEqualTo(3);
    assertThat(restore.err()).contains("d/replaced", "keeps no version of it from that time");
    assertThat(to.resolve("d/kept")).hasContent("kept");
    assertThat(to.resolve("d/deleted")).hasContent("deleted");
    assertThat(to.resolve("d/again")).hasContent("the one before");
    assertThat(to.resolve("d/replaced")).doesNotExist();
    assertThat(to.resolve("d/new")).doesNotExist();

    // In place: only what takes nothing's place.
    try (CaravanProcess daemon = caravan.start()) {
      String body = "{\"paths\": [\"d\"], \"as_of\": \"%s\"}".formatted(then);
      JsonNode run = daemon.post("/api/storage/restore?wait=50", body).json();
      assertThat(run.at("/state").asText()).as("%s%s", run, daemon.logs()).isEqualTo("partial");
      assertThat(run.at("/counts/restored").asInt()).isEqualTo(1);
      JsonNode items =
          daemon.get("/api/runs/" + run.at("/run_id").asText() + "/items?state=failed").json();
      assertThat(items.findValuesAsText("path"))
          .as("%s", items)
          .containsExactlyInAnyOrder("d/replaced", "d/again");
      assertThat(caravan.store().resolve("d/deleted")).hasContent("deleted");
      assertThat(caravan.store().resolve("d/replaced")).hasContent("second");
      assertThat(caravan.store().resolve("d/again")).hasContent("the one after");
      daemon.sync("{}");
      daemon.await(
          "/api/storage",
          Duration.ofSeconds(20),
          storage -> storage.json().at("/files/pending").asInt() == 0);
      assertThat(daemon.err()).doesNotContain(" ERROR ", "\tat ");
    }
    Mirrored.assertEqual(caravan.store(), caravan.remote());

    assertThat(caravan.cli("restore", "d", "--as-of", "yesterday").exitCode()).isEqualTo(2);
    Outcome nothing = caravan.cli("restore", "nowhere", "--as-of", then.toString());
    assertThat(nothing.exitCode()).as("%s", nothing).isEqualTo(1);
  }
}
