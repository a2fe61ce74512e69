package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import org.awaitility.Awaitility;

/** Says whether one tree holds exactly what another one holds. */
final class Mirrored {

  private Mirrored() {}

  static void assertEqual(Path store, Path remote) throws IOException {
    assertThat(Trees.differences(Trees.snapshot(store), Trees.snapshot(remote)))
        .as("what differs between %s and %s", store, remote)
        .isEmpty();
  }

  /** Waits until both are equal; fails with the differences and the logs. */
  static void await(Path store, Path remote, Duration limit, CaravanProcess daemon) {
    Awaitility.await("mirrored" + daemon.logs())
        .atMost(limit)
        .pollInterval(Duration.ofMillis(200))
        .ignoreExceptionsInstanceOf(IOException.class)
        .untilAsserted(() -> assertEqual(store, remote));
  }

  /** What was at the remote and is not there any more, or is something else. */
  static List<String> lost(SortedMap<String, Trees.Entry> before, Path remote) throws IOException {
    return Trees.differences(before, Trees.snapshot(remote)).stream()
        .filter(line -> !line.startsWith("extra: "))
        .toList();
  }
}
