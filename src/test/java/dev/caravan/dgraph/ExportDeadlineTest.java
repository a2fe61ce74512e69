package dev.caravan.dgraph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.catalog.RunRow;
import dev.caravan.catalog.export.ExportRow;
import dev.caravan.catalog.export.ExportState;
import dev.caravan.event.RunState;
import dev.caravan.lab.FakeAlpha;
import dev.caravan.lab.FakeAlpha.Generation;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.memory.Faults;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can never begin ends all the same, says so, and can be tried again by hand. */
class ExportDeadlineTest {

  @TempDir Path folder;

  private DgraphWorld world() throws Exception {
    return new DgraphWorld(folder, Generation.ASYNCHRONOUS, "dgraph.task_timeout=2s");
  }

  @Test
  void fault14AnExportFolderThatCannotBeReadEndsAsAFailureAndIsBroughtByHand() throws Exception {
    try (DgraphWorld world = world()) {
      String id = world.export();
      world.alpha().write(FakeAlpha.folder(12), "g01.rdf.gz");
      Path aside = folder.resolve("aside");
      Files.move(world.alpha().exports(), aside);
      world.alpha().task(id, "Success");
      ExportRow row = world.await(1, ExportState.FAILED);
      assertThat(row.error().orElseThrow())
          .contains("not brought within", "is not there: is dgraph.towatch");
      assertThat(runs(world))
          .as("each try is a run that failed, which is what alerts count")
          .hasSizeGreaterThanOrEqualTo(2)
          .allMatch(run -> run.state() == RunState.FAILED);
      Files.move(aside, world.alpha().exports());
      assertThat(world.exports().retry(1)).isTrue();
      world.await(1, ExportState.DONE);
      assertThat(world.keys()).hasSize(2);
    }
  }

  @Test
  void aBucketThatNeverCanBeUsedEndsAsAFailureAndARetryHasItsOwnTime() throws Exception {
    try (DgraphWorld world = world()) {
      String id = world.export();
      Path dir = world.alpha().write(FakeAlpha.folder(12), "g01.rdf.gz");
      world.alpha().task(id, "Success");
      world.remote().faults().failAll(Faults.Call.PROBE, RemoteException.Cause.AUTHENTICATION);
      ExportRow row = world.await(1, ExportState.FAILED);
      assertThat(row.error().orElseThrow()).contains("not brought within");
      assertThat(dir).isNotEmptyDirectory();
      assertThat(world.exports().retry(1)).isTrue();
      ExportRow again = world.awaitFailedTry(1);
      assertThat(again.state()).as("not given up at once").isEqualTo(ExportState.UPLOADING);
      world.remote().faults().clear();
      world.await(1, ExportState.DONE);
      assertThat(dir).doesNotExist();
    }
  }

  private static List<RunRow> runs(DgraphWorld world) {
    return world.exports().world().catalog().runs().list(Optional.empty(), Optional.empty(), 100);
  }
}
