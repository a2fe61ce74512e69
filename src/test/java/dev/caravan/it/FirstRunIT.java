package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The first minute of a newcomer: no configuration, an empty folder, on every JDK that is here. */
class FirstRunIT {

  private static final Path JDKS = Path.of("/usr/lib/jvm");

  /** How an answer of the API shows a run that has not ended. */
  private static final String UNDER_WAY = "\"state\":\"(running|queued)\"";

  @TempDir Path folder;

  /** The JDK of this build, and each newer one that the distribution holds. */
  static List<Path> javaHomes() throws IOException {
    Path own = Path.of(System.getProperty("java.home"));
    if (!Files.isDirectory(JDKS)) {
      return List.of(own);
    }
    try (Stream<Path> installed = Files.list(JDKS)) {
      Stream<Path> newer =
          installed
              .filter(home -> !Files.isSymbolicLink(home))
              .filter(home -> Files.isExecutable(home.resolve("bin/java")))
              .filter(home -> feature(home) > Runtime.version().feature());
      return Stream.concat(Stream.of(own), newer.sorted()).toList();
    }
  }

  @ParameterizedTest
  @MethodSource("javaHomes")
  void filesDroppedIntoTheStoreAppearAtTheRemote(Path javaHome) throws Exception {
    Path store = folder.resolve("data/store");
    Path remote = folder.resolve("data/remote");
    try (CaravanProcess daemon = CaravanSetup.in(folder).javaHome(javaHome).start()) {
      assertThat(daemon.out() + daemon.err()).contains("http://127.0.0.1:");
      Trees.zoo(store);
      Trees.rawZoo(store);
      Trees.many(store.resolve("many"), 200, 3_000, 17);
      Mirrored.await(store, remote, Duration.ofSeconds(15), daemon);

      everyDoorTellsTheSame(daemon, Trees.snapshot(store).size());

      Trees.write(store.resolve("late.txt"), "late");
      Files.writeString(store.resolve("plain.txt"), "another version");
      Mirrored.await(store, remote, Duration.ofSeconds(15), daemon);
      // A run that is told to stop before its last step says so.
      daemon.await(
          "/api/runs",
          Duration.ofSeconds(15),
          runs -> !runs.body().matches("(?s).*" + UNDER_WAY + ".*"));
      assertThat(daemon.terminate(Duration.ofSeconds(10))).isIn(0, 143);
      assertThat(daemon.err()).doesNotContain("Exception").doesNotContainPattern(" (WARN|ERROR) ");
    }
    assertThat(modified(store.resolve("one"))).isEqualTo(modified(remote.resolve("one")));
  }

  private static void everyDoorTellsTheSame(CaravanProcess daemon, int files) {
    JsonNode storage =
        daemon
            .await(
                "/api/storage",
                Duration.ofSeconds(10),
                a -> a.status() == 200 && a.json().at("/files/pending").asInt(-1) == 0)
            .json();
    assertThat(storage.at("/files/total").asInt()).isEqualTo(files);
    assertThat(storage.at("/files/failed").asInt()).isZero();
    assertThat(storage.at("/remotes")).hasSize(1);
    assertThat(storage.at("/remotes/0/provider").asText()).isEqualTo("dir");
    assertThat(storage.at("/remotes/0/verified").asInt()).isEqualTo(files);
    assertThat(storage.at("/halted").asBoolean()).isFalse();

    // One answer in which no run is under way: the next one may hold a new run already.
    JsonNode run =
        daemon
            .await(
                "/api/runs?operation=sync&limit=500",
                Duration.ofSeconds(10),
                a -> a.status() == 200 && !a.body().matches("(?s).*" + UNDER_WAY + ".*"))
            .json()
            .at("/runs");
    assertThat(run).isNotEmpty();
    int uploaded = 0;
    for (JsonNode one : run) {
      assertThat(one.at("/state").asText()).isEqualTo("succeeded");
      uploaded += one.at("/counts/uploaded").asInt();
    }
    assertThat(uploaded).isGreaterThanOrEqualTo(files);

    JsonNode listed = daemon.get("/api/files?prefix=many/&limit=1000").json().at("/files");
    assertThat(listed).hasSize(200);
    assertThat(listed)
        .allSatisfy(
            file -> {
              assertThat(file.at("/state").asText()).isEqualTo("synced");
              assertThat(file.at("/size").asInt()).isEqualTo(3_000);
              assertThat(file.at("/sha256").asText()).matches("[0-9a-f]{64}");
              JsonNode copy = file.at("/remotes").elements().next();
              assertThat(Instant.parse(copy.at("/verified_at").asText())).isNotNull();
            });
  }

  private static Instant modified(Path file) throws IOException {
    return Files.getLastModifiedTime(file).toInstant();
  }

  private static int feature(Path javaHome) {
    try (Stream<String> release = Files.lines(javaHome.resolve("release"))) {
      return release
          .filter(line -> line.startsWith("JAVA_VERSION="))
          .map(line -> line.replaceAll("[^0-9.]", "").replaceFirst("\\..*", ""))
          .mapToInt(Integer::parseInt)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }
}
