package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.lab.CountingProxy;
import dev.caravan.lab.S3Bucket;
import dev.caravan.lab.S3Server;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The machine is gone. A new one with the configuration alone becomes what the old one was. */
@Execution(ExecutionMode.CONCURRENT)
class FreshMachineIT {

  @TempDir Path old;
  @TempDir Path fresh;

  /** The same configuration on another machine: what differs is only where its store lies. */
  private CaravanSetup machine(Path folder, S3Bucket bucket) throws IOException {
    CaravanSetup caravan = CaravanSetup.in(folder);
    Files.createDirectories(caravan.store());
    return caravan.config(S3Yaml.of(caravan.store(), bucket.settings()));
  }

  private CaravanSetup machine(Path folder, Path remote) throws IOException {
    CaravanSetup caravan = CaravanSetup.in(folder);
    Files.createDirectories(caravan.store());
    return caravan.config(
        """
        store: {path: %s, settle: 0s, watch: false}
        storage:
          remotes: [{provider: dir, name: disk, path: %s}]
        """
            .formatted(caravan.store(), remote));
  }

  private static JsonNode done(Outcome outcome) {
    assertThat(outcome.exitCode()).as("%s", outcome).isZero();
    return outcome.json();
  }

  @Test
  void everythingComesBackFromABucketAndNothingIsSentAgain() throws Exception {
    S3Bucket bucket = S3Server.S3PROXY.newBucket();
    try (CountingProxy proxy = new CountingProxy(bucket.settings().endpoint().orElseThrow())) {
      everythingComesBack(bucket.endpoint(proxy.endpoint()), proxy);
    }
  }

  private void everythingComesBack(S3Bucket bucket, CountingProxy proxy) throws Exception {
    CaravanSetup before = machine(old, bucket);
    Trees.many(before.store().resolve("many"), 300, 3_000, 21);
    Files.setPosixFilePermissions(
        before.store().resolve("many/d000/f00001.bin"),
        PosixFilePermissions.fromString("rwxr-x--x"));
    done(before.cli("sync", "--json"));
    // The copy of the catalog is older than this version.
    Trees.write(before.store().resolve("many/d000/f00002.bin"), "a later version");
    done(before.cli("sync", "--json"));
    SortedMap<String, Trees.Entry> files = Trees.snapshot(before.store());

    CaravanSetup after = machine(fresh, bucket);
    proxy.reset();
    JsonNode run = done(after.cli("restore", "--all", "--json"));
    assertThat(proxy.requests().stream().filter(request -> request.startsWith("HEAD")).toList())
        .as("files that were asked for one by one")
        .hasSizeLessThan(10);
    assertThat(run.at("/counts/restored").asInt()).isEqualTo(files.size());
    assertThat(Trees.snapshot(after.store())).isEqualTo(files);
    assertThat(Files.getPosixFilePermissions(after.store().resolve("many/d000/f00001.bin")))
        .isEqualTo(PosixFilePermissions.fromString("rwxr-x--x"));
    JsonNode sync = done(after.cli("sync", "--json"));
    assertThat(sync.at("/counts/uploaded").asInt()).as("%s", sync).isZero();
    assertThat(sync.at("/counts/trashed").asInt()).isZero();
    Trees.write(after.store().resolve("new"), "from the new machine");
    assertThat(done(after.cli("sync", "--json")).at("/counts/uploaded").asInt()).isEqualTo(1);
  }

  @Test
  void withTheCatalogAloneFilesComeWhenTheyAreRead() throws Exception {
    Path remote = Files.createDirectories(old.resolve("disk"));
    CaravanSetup before = machine(old, remote);
    Trees.many(before.store(), 50, 100, 22);
    done(before.cli("sync", "--json"));
    CaravanSetup after = machine(fresh, remote);
    done(after.cli("restore", "--catalog-only", "--json"));
    assertThat(Trees.snapshot(after.store())).isEmpty();
    try (CaravanProcess daemon = after.start()) {
      assertThat(daemon.sync("{}").json().at("/state").asText()).isEqualTo("succeeded");
      JsonNode files = daemon.get("/api/storage").json().at("/files");
      assertThat(files.at("/purged").asInt()).as("%s", files).isEqualTo(50);
      HttpRequest one =
          HttpRequest.newBuilder(
                  URI.create("http://127.0.0.1:" + after.port() + "/api/files/d000/f00007.bin"))
              .build();
      byte[] content = HttpClient.newHttpClient().send(one, BodyHandlers.ofByteArray()).body();
      assertThat(content).isEqualTo(Files.readAllBytes(before.store().resolve("d000/f00007.bin")));
    }
    assertThat(new TreeMap<>(Trees.snapshot(remote)).keySet()).hasSize(50);
  }

  @Test
  void withoutACopyOfTheCatalogTheRemoteIsListed() throws Exception {
    Path remote = Files.createDirectories(old.resolve("disk"));
    CaravanSetup before = machine(old, remote);
    Trees.zoo(before.store());
    done(before.cli("sync", "--json"));
    SortedMap<String, Trees.Entry> files = Trees.snapshot(before.store());
    Trees.write(remote.resolve(".caravan/catalog.db"), "no database");

    CaravanSetup after = machine(fresh, remote);
    try (CaravanProcess daemon = after.start()) {
      // A daemon that was started first finds another store's files there, and touches nothing.
      JsonNode refused = daemon.sync("{}").json();
      assertThat(refused.at("/state").asText()).isEqualTo("halted");
      assertThat(refused.at("/error").asText()).contains("caravan restore --all");
      JsonNode run = daemon.post("/api/storage/restore?wait=60", "{\"paths\": [\".\"]}").json();
      assertThat(run.at("/state").asText()).as("%s%s", run, daemon.logs()).isEqualTo("succeeded");
      assertThat(Trees.snapshot(after.store())).isEqualTo(files);
      JsonNode storage = daemon.get("/api/storage").json();
      assertThat(storage.at("/halted").isNull()).as("%s", storage).isTrue();
      assertThat(storage.at("/remotes/0/state").asText()).as("%s", storage).isEqualTo("ok");
      JsonNode sync = daemon.sync("{}").json();
      assertThat(sync.at("/state").asText()).as("%s", sync).isEqualTo("succeeded");
      assertThat(sync.at("/counts/uploaded").asInt()).isZero();
    }
  }

  @Test
  void aStoreThatHasFilesIsNotTakenForANewMachine() throws Exception {
    Path remote = Files.createDirectories(old.resolve("disk"));
    CaravanSetup before = machine(old, remote);
    Trees.write(before.store().resolve("a"), "a");
    done(before.cli("sync", "--json"));
    CaravanSetup after = machine(fresh, remote);
    Trees.write(after.store().resolve("b"), "b");
    restoreIsRefused(after);
    Outcome sync = after.cli("sync");
    assertThat(sync.exitCode()).isEqualTo(4);
    assertThat(sync.err()).contains("holds the files of store").doesNotContain("restore --all");
    restoreIsRefused(after);
    assertThat(after.store().resolve("a")).doesNotExist();
    assertThat(remote.resolve("b")).doesNotExist();
    CaravanSetup nobody = machine(fresh.resolve("x"), Files.createDirectories(old.resolve("none")));
    Outcome nothing = nobody.cli("restore", "--all");
    assertThat(nothing.exitCode()).as("%s", nothing).isEqualTo(1);
    assertThat(nothing.err()).contains("No remote holds the files of a store");
  }

  /** Else whoever has lost a machine reads that nothing was restored, and that this is good. */
  private static void restoreIsRefused(CaravanSetup machine) {
    Outcome restore = machine.cli("restore", "--all");
    assertThat(restore.exitCode()).as("%s", restore).isEqualTo(1);
    assertThat(restore.err()).contains("Only a store without any file becomes");
  }
}
