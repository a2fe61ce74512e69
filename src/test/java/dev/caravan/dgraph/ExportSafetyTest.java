package dev.caravan.dgraph;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.catalog.export.ExportFileRow;
import dev.caravan.catalog.export.ExportRow;
import dev.caravan.catalog.export.ExportState;
import dev.caravan.lab.FakeAlpha;
import dev.caravan.lab.FakeAlpha.Generation;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.memory.Faults;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What could lose an export, or pass off a part of one for all of it. */
class ExportSafetyTest {

  @TempDir Path folder;

  private DgraphWorld world(String... sets) throws Exception {
    return new DgraphWorld(folder, Generation.ASYNCHRONOUS, sets);
  }

  /** The next step takes the export up, however long it was to wait. */
  private static void atOnce(DgraphWorld world, long id) {
    world.exports().table().recordDelay(id, 1, "again", 0, 0);
  }

  @ParameterizedTest
  @CsvSource({
    "dgraph.naming=dsync, transformer.rdf.gz, transformer.g02.rdf.gz",
    "'dgraph.names=[\"*.rdf.gz={folder}/data.gz\"]', FOLDER/data.gz, FOLDER/data-2.gz"
  })
  void aTryAfterHalfACleanupGivesNoNameToAnotherFile(String naming, String first, String second)
      throws Exception {
    try (DgraphWorld world = world(naming)) {
      String id = world.export();
      String name = FakeAlpha.folder(12);
      Path dir = world.alpha().write(name, "g01.rdf.gz", "g02.rdf.gz");
      world.alpha().task(id, "Success");
      // The list of files comes after both: they are proven then.
      world.remote().faults().fail(Faults.Call.PUT, 3, RemoteException.Cause.SERVER);
      world.awaitFailedTry(1);
      assertThat(world.exports().files().list(1))
          .extracting(ExportFileRow::state)
          .containsOnly(ExportFileRow.State.PROVEN);
      // As after a kill in the middle of the cleaning up.
      Files.delete(dir.resolve("g01.rdf.gz"));
      String gone = name + "/g01.rdf.gz";
      world.exports().files().recordState(1, gone, ExportFileRow.State.REMOVED);
      world.restart();
      atOnce(world, 1);
      ExportRow row = world.await(1, ExportState.DONE);
      String at = row.task().folder().orElse("");
      assertThat(world.object(first.replace("FOLDER", at)))
          .isEqualTo(FakeAlpha.gzip(FakeAlpha.content(name, "g01.rdf.gz")));
      assertThat(world.object(second.replace("FOLDER", at)))
          .isEqualTo(FakeAlpha.gzip(FakeAlpha.content(name, "g02.rdf.gz")));
      assertThat(world.keys()).hasSize(3);
      assertThat(dir).doesNotExist();
    }
  }

  @Test
  void whatComesToThePlaceOfARemovedFileIsNotSentOverItsCopy() throws Exception {
    try (DgraphWorld world = world("dgraph.naming=dsync")) {
      String id = world.export();
      String name = FakeAlpha.folder(12);
      Path dir = world.alpha().write(name, "g01.rdf.gz");
      world.alpha().task(id, "Success");
      world.remote().faults().fail(Faults.Call.PUT, 2, RemoteException.Cause.SERVER);
      world.awaitFailedTry(1);
      String path = name + "/g01.rdf.gz";
      world.exports().files().recordState(1, path, ExportFileRow.State.REMOVED);
      Files.write(dir.resolve("g01.rdf.gz"), FakeAlpha.gzip(new byte[] {1}));
      atOnce(world, 1);
      world.await(1, ExportState.DONE);
      assertThat(world.object("transformer.rdf.gz"))
          .isEqualTo(FakeAlpha.gzip(FakeAlpha.content(name, "g01.rdf.gz")));
      assertThat(dir.resolve("g01.rdf.gz")).exists();
    }
  }

  @Test
  void withFixedNamesOneExportIsBroughtAfterTheOther() throws Exception {
    try (DgraphWorld world = world("dgraph.naming=dsync")) {
      String nine = world.export();
      world.alpha().write(FakeAlpha.folder(9), "g01.rdf.gz");
      world.alpha().task(nine, "Success");
      String name = FakeAlpha.folder(12);
      AtomicBoolean waited = new AtomicBoolean();
      world.remote().faults().before(Faults.Call.PUT, 1, () -> waited.set(another(world, name)));
      world.await(1, ExportState.DONE);
      assertThat(waited).as("the second waited while the first was sent").isTrue();
      world.await(2, ExportState.DONE);
      assertThat(world.object("transformer.rdf.gz"))
          .isEqualTo(FakeAlpha.gzip(FakeAlpha.content(name, "g01.rdf.gz")));
    }
  }

  /** Asks for an export and tries to bring it; true when it waits for another. */
  private static boolean another(DgraphWorld world, String name) {
    try {
      String id = world.export();
      world.alpha().write(name, "g01.rdf.gz");
      world.alpha().task(id, "Success");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              world.step();
              return waits(world.row(2)) || world.row(2).state() == ExportState.DONE;
            });
    return waits(world.row(2));
  }

  private static boolean waits(ExportRow row) {
    return row.error().orElse("").contains("to the same names");
  }

  @Test
  void aTryEndsOnlyWhenNothingOfItIsSentAnyMore() throws Exception {
    try (DgraphWorld world = world()) {
      world.export();
      ExportRun run = new ExportRun(world.row(1), world.exports().beginRun(), "", Map.of());
      run.enter();
      CompletableFuture<Void> end = CompletableFuture.runAsync(run::close);
      assertThatThrownBy(() -> end.get(100, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
      run.leave();
      end.get(5, TimeUnit.SECONDS);
      assertThatThrownBy(run::enter).hasMessageContaining("has ended");
    }
  }

  @Test
  void anExportOfWhichAFileIsGoneIsNotDone() throws Exception {
    try (DgraphWorld world = world()) {
      String id = world.export();
      Path dir =
          world.alpha().write(FakeAlpha.folder(12), "g01.rdf.gz", "g02.rdf.gz", "g03.rdf.gz");
      world.alpha().task(id, "Success");
      world.remote().faults().fail(Faults.Call.PUT, 2, RemoteException.Cause.SERVER);
      world.awaitFailedTry(1);
      Path away = Files.move(dir, folder.resolve("unmounted"));
      world.restart();
      atOnce(world, 1);
      ExportRow row = world.awaitMessage(1, "g02.rdf.gz belongs to the export");
      assertThat(row.state().isEnd()).isFalse();
      assertThat(world.keys()).hasSize(1).noneMatch(key -> key.endsWith("manifest.json"));
      Files.move(away, dir);
      atOnce(world, 1);
      world.await(1, ExportState.DONE);
      assertThat(world.keys()).hasSize(4);
      assertThat(dir).doesNotExist();
    }
  }

  @Test
  void whatTheAlphaNamedHasToBeThereExceptForTheGroupsOfOthers() throws Exception {
    try (DgraphWorld world = new DgraphWorld(folder, Generation.SYNCHRONOUS)) {
      Path dir =
          world.alpha().write(FakeAlpha.folder(12), "g01.rdf.gz", "g01.schema.gz", "g02.rdf.gz");
      String ask = "mutation { export(input: {}) { response { code message } exportedFiles } }";
      world.post("application/graphql", ask);
      Path schema = dir.resolve("g01.schema.gz");
      Path aside = Files.move(schema, folder.resolve("aside"));
      Files.delete(dir.resolve("g02.rdf.gz"));
      world.awaitMessage(1, "g01.schema.gz was named by the Alpha and is not there");
      assertThat(world.keys()).isEmpty();
      Files.move(aside, schema);
      ExportRow row = world.await(1, ExportState.DONE);
      assertThat(row.error().orElseThrow()).contains("groups [2] are not in it");
      assertThat(world.keys()).hasSize(3);
    }
  }

  @Test
  void withFixedNamesAClusterThatBeganAnewReplacesTheExportsOfTheOldOne() throws Exception {
    try (DgraphWorld world = world("dgraph.naming=dsync")) {
      int number = 0;
      for (long readTs : List.of(5000L, 9L)) {
        String id = world.export();
        String name = FakeAlpha.folder(readTs);
        world.alpha().write(name, "g01.rdf.gz");
        world.alpha().task(id, "Success");
        number++;
        world.await(number, ExportState.DONE);
        assertThat(world.object("transformer.rdf.gz"))
            .isEqualTo(FakeAlpha.gzip(FakeAlpha.content(name, "g01.rdf.gz")));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"lost", "unknown", "expired"})
  void aFolderThatMayBeThatOfAnExportWithoutAKnownEndIsLeftAlone(String end) throws Exception {
    try (DgraphWorld world = world()) {
      if (end.equals("lost")) {
        world.export("mutation { export(input: {}) { response { code } } }");
      } else if (end.equals("unknown")) {
        world.alpha().task(world.export(), "Unknown");
        world.await(1, ExportState.FAILED);
      } else {
        world.alpha().forget(world.export());
        world.await(1, ExportState.EXPIRED);
      }
      String id = world.export();
      Path others = world.alpha().write(FakeAlpha.folder(10), "g01.rdf.gz");
      Path own = world.alpha().write(FakeAlpha.folder(11), "g01.rdf.gz");
      world.alpha().task(id, "Success");
      ExportRow row = world.await(2, ExportState.FAILED);
      assertThat(row.error().orElseThrow()).contains("not clear");
      assertThat(List.of(others, own)).allMatch(dir -> Files.exists(dir.resolve("g01.rdf.gz")));
      assertThat(world.keys()).isEmpty();
      Files.move(others, folder.resolve("mine"));
      assertThat(world.exports().retry(2)).isTrue();
      assertThat(world.await(2, ExportState.DONE).task().readTs()).contains("11");
    }
  }

  @Test
  void anExportThatCouldNotBeRecordedIsRecordedLater() throws Exception {
    try (DgraphWorld world = world()) {
      String full =
          "CREATE TRIGGER full BEFORE INSERT ON export BEGIN SELECT RAISE(ABORT, 'full'); END";
      world.exports().world().catalog().commit(session -> session.execute(full));
      String id = world.export(DgraphWorld.EXPORT, "X-Dgraph-AuthToken", "t");
      world.step();
      assertThat(world.rows()).isEmpty();
      assertThat(world.exports().worries()).anyMatch(each -> each.contains("cannot be recorded"));
      world.exports().world().catalog().commit(session -> session.execute("DROP TRIGGER full"));
      world.step();
      assertThat(world.rows()).hasSize(1);
      assertThat(world.exports().credentialsOf(1)).containsEntry("X-Dgraph-AuthToken", "t");
      assertThat(world.exports().worries()).isEmpty();
      world.alpha().write(FakeAlpha.folder(12), "g01.rdf.gz");
      world.alpha().task(id, "Success");
      world.await(1, ExportState.DONE);
    }
  }

  @Test
  void tokensOfAnExportThatCannotBeFollowedAreNotKept() throws Exception {
    try (DgraphWorld world = world()) {
      String lost = "mutation { export(input: {}) { response { code } } }";
      world.export(lost, "X-Dgraph-AuthToken", "t");
      assertThat(world.row(1).state()).isEqualTo(ExportState.FAILED);
      assertThat(world.exports().credentialsOf(1)).isEmpty();
    }
  }

  @Test
  void whereTheAlphaDoesNotNameItsGroupsNoneIsSaidToBeThere() throws Exception {
    try (DgraphWorld world = world()) {
      world.alpha().groups();
      String id = world.export();
      world.alpha().write(FakeAlpha.folder(12), "g01.rdf.gz");
      world.alpha().task(id, "Success");
      ExportRow row = world.await(1, ExportState.DONE);
      assertThat(row.error().orElseThrow()).contains("whether groups are missing is not known");
      String manifest = row.task().folder().orElseThrow() + "/manifest.json";
      assertThat(new String(world.object(manifest), UTF_8)).contains("\"groups_missing\" : null");
    }
  }
}
