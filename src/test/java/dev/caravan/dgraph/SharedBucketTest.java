package dev.caravan.dgraph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.catalog.export.ExportState;
import dev.caravan.lab.FakeAlpha;
import dev.caravan.lab.FakeAlpha.Generation;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.memory.Faults;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two Alphas, each with a Caravan of its own, that export to one bucket. */
class SharedBucketTest {

  @TempDir Path folder;

  /** Asks both for an export within one second, so that both want the same name. */
  private static void askBoth(DgraphWorld one, DgraphWorld other) throws Exception {
    Awaitility.await()
        .pollInterval(Duration.ofMillis(20))
        .until(() -> System.currentTimeMillis() % 1_000 < 300);
    List<DgraphWorld> both = List.of(one, other);
    for (DgraphWorld world : both) {
      world.export();
    }
    for (DgraphWorld world : both) {
      world.alpha().write(FakeAlpha.folder(12), "g01.rdf.gz", "g01.schema.gz");
      world.alpha().task(world.alpha().lastTask(), "Success");
    }
    long first = one.row(1).ask().atMillis() / 1_000;
    assertThat(other.row(1).ask().atMillis() / 1_000).as("the same second").isEqualTo(first);
  }

  private static String folderOf(DgraphWorld world) {
    return world.await(1, ExportState.DONE).task().folder().orElseThrow();
  }

  @Test
  void twoExportsOfOneSecondGetFoldersOfTheirOwn() throws Exception {
    try (DgraphWorld one = new DgraphWorld(folder.resolve("one"), Generation.ASYNCHRONOUS);
        DgraphWorld other = one.twin(folder.resolve("other"))) {
      askBoth(one, other);
      String first = folderOf(one);
      String second = folderOf(other);
      assertThat(second).isEqualTo(first + "-2");
      assertThat(one.keys())
          .isEqualTo(
              new TreeSet<>(
                  Set.of(
                      first + "/g01.rdf.gz",
                      first + "/g01.schema.gz",
                      first + "/manifest.json",
                      second + "/g01.rdf.gz",
                      second + "/g01.schema.gz",
                      second + "/manifest.json")));
    }
  }

  @Test
  void anExportThatIsStillBeingSentKeepsItsFolder() throws Exception {
    try (DgraphWorld one = new DgraphWorld(folder.resolve("one"), Generation.ASYNCHRONOUS);
        DgraphWorld other = one.twin(folder.resolve("other"))) {
      askBoth(one, other);
      one.remote().faults().failAll(Faults.Call.PUT, RemoteException.Cause.SERVER);
      one.awaitFailedTry(1);
      one.remote().faults().clear();
      String second = folderOf(other);
      String first = folderOf(one);
      assertThat(second).isEqualTo(first + "-2");
      assertThat(one.keys()).hasSize(6);
    }
  }

  @Test
  void whereTheServerHeedsNoConditionsNamesAreOnesNobodyElseMakes() throws Exception {
    try (DgraphWorld one = new DgraphWorld(folder.resolve("one"), Generation.ASYNCHRONOUS);
        DgraphWorld other = one.twin(folder.resolve("other"))) {
      one.heedless();
      askBoth(one, other);
      String first = folderOf(one);
      String second = folderOf(other);
      assertThat(List.of(first, second)).allMatch(name -> name.matches("[-0-9]{17}-[0-9a-f]{8}"));
      assertThat(second).isNotEqualTo(first);
      assertThat(one.keys()).hasSize(6);
    }
  }

  @Test
  void aRestartBetweenTheClaimAndTheFirstFileMovesWhatWasPlanned() throws Exception {
    try (DgraphWorld one = new DgraphWorld(folder.resolve("one"), Generation.ASYNCHRONOUS);
        DgraphWorld other = one.twin(folder.resolve("other"))) {
      askBoth(one, other);
      String first = folderOf(one);
      // The other begins, and dies when its new folder is on record and the keys are not.
      other.remote().faults().failAll(Faults.Call.LIST, RemoteException.Cause.NETWORK);
      other.awaitFailedTry(1);
      other.exports().files().recordFolder(1, first + "-2");
      other.remote().faults().clear();
      other.restart();
      other.exports().table().recordDelay(1, 1, "again", 0, 0);
      String second = folderOf(other);
      assertThat(second).isNotEqualTo(first).startsWith(first + "-");
      assertThat(other.exports().files().list(1))
          .allMatch(file -> file.key().startsWith(second + "/"));
      assertThat(one.keys()).hasSize(6);
      assertThat(Files.exists(other.alpha().exports())).isTrue();
    }
  }
}
