package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store of very many folders is watched; where the kernel does not let one, it is scanned. */
class ManyFoldersIT {

  private static final Duration SECONDS = Duration.ofSeconds(30);

  @TempDir Path folder;

  @Test
  @Tag("soak")
  void aChangeDeepInAHundredThousandFoldersIsNoticed() throws Exception {
    CaravanSetup caravan = CaravanSetup.in(folder).mirror("store.scan_interval=1h").optimized();
    int folders = make(caravan.store(), 5);
    assertThat(folders).isGreaterThan(100_000);
    long begun = System.nanoTime();
    try (CaravanProcess daemon = caravan.start()) {
      long answers = millisSince(begun);
      JsonNode watch = watched(daemon, folders + 1);
      long watches = millisSince(begun);
      assertThat(watch.at("/unwatched_folders").asInt()).isZero();
      assertThat(watch.at("/problem").isNull()).isTrue();
      awaitQuiet(daemon);

      long changed = arrives(caravan, daemon, "d9/d9/d9/d9/d9/file", "in a deep folder");
      Files.createDirectories(caravan.store().resolve("d0/d0/d0/d0/d0/new/er"));
      long made = arrives(caravan, daemon, "d0/d0/d0/d0/d0/new/er/file", "in a new one");
      arrives(caravan, daemon, "d0/d0/d0/d0/d0/new/er/file", "and once more");
      watched(daemon, folders + 3);

      System.out.printf(
          "%d folders: answers after %d ms, all watched after %d ms, change %d ms, in a new folder"
              + " %d ms, peak %d MiB%n",
          folders, answers, watches, changed, made, daemon.peakKib() / 1024);
      assertThat(answers).as("milliseconds until it answers").isLessThan(30_000);
      assertThat(watches).as("milliseconds until all are watched").isLessThan(120_000);
      assertThat(daemon.peakKib()).as("memory").isLessThan(600L * 1024);
    }
  }

  @Test
  void whatCannotBeWatchedIsScanned() throws Exception {
    CaravanSetup caravan =
        CaravanSetup.in(folder)
            .mirror()
            .within(
                "unshare",
                "-Ur",
                "sh",
                "-c",
                "echo 60 > /proc/sys/user/max_inotify_watches; exec \"$0\" \"$@\"");
    int folders = make(caravan.store(), 2);
    try (CaravanProcess daemon = caravan.start()) {
      // One watch is the heartbeat's.
      JsonNode watch = watched(daemon, 59);
      assertThat(watch.at("/unwatched_folders").asInt()).isEqualTo(folders + 1 - 59);
      assertThat(watch.at("/problem").asText())
          .contains("%d of %d folders".formatted(folders + 1 - 59, folders + 1), "not watched");
      assertThat(watch.at("/heartbeat_age_s").isNull()).isFalse();
      for (int i = 0; i < 10; i++) {
        Trees.write(caravan.store().resolve("d%d/d%d/file".formatted(i, i)), "watched or not");
      }
      for (int i = 0; i < 10; i++) {
        Path there = caravan.remote().resolve("d%d/d%d/file".formatted(i, i));
        daemon.awaitThat(SECONDS, () -> Files.exists(there));
      }
    }
  }

  /** Makes ten folders in each, so deep; returns how many these are. */
  private static int make(Path parent, int depth) throws IOException {
    int made = 0;
    for (int i = 0; depth > 0 && i < 10; i++) {
      Path each = Files.createDirectory(parent.resolve("d" + i));
      made += 1 + make(each, depth - 1);
    }
    return made;
  }

  private static JsonNode watched(CaravanProcess daemon, int folders) {
    return daemon
        .await(
            "/api/storage",
            Duration.ofMinutes(3),
            answer -> {
              JsonNode watch = answer.json().at("/store/watch");
              return watch.at("/watching").asBoolean()
                  && watch.at("/watched_folders").asInt() == folders;
            })
        .json()
        .at("/store/watch");
  }

  /** The watch begins while the first cycle runs, and asks for a look at what it missed. */
  private static void awaitQuiet(CaravanProcess daemon) {
    daemon.await(
        "/api/runs?operation=sync",
        Duration.ofMinutes(3),
        answer ->
            answer.json().at("/runs").size() >= 2
                && answer.json().at("/runs").findValuesAsText("state").stream()
                    .allMatch("succeeded"::equals));
  }

  /** Writes a file and returns how many milliseconds later the remote has it. */
  private static long arrives(
      CaravanSetup caravan, CaravanProcess daemon, String name, String content) throws IOException {
    Trees.write(caravan.store().resolve(name), content);
    long written = System.nanoTime();
    Path there = caravan.remote().resolve(name);
    daemon.awaitThat(SECONDS, () -> Files.exists(there) && Files.readString(there).equals(content));
    return millisSince(written);
  }

  private static long millisSince(long nanos) {
    return (System.nanoTime() - nanos) / 1_000_000;
  }
}
