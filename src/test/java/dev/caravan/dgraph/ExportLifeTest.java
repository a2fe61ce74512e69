package dev.caravan.dgraph;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.catalog.export.ExportRow;
import dev.caravan.catalog.export.ExportState;
import dev.caravan.event.RunState;
import dev.caravan.lab.FakeAlpha;
import dev.caravan.lab.FakeAlpha.Generation;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.memory.Faults;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ways that an export can go, from its sighting to its end. */
class ExportLifeTest {

  @TempDir Path folder;

  private DgraphWorld world(String... sets) throws Exception {
    return new DgraphWorld(folder, Generation.ASYNCHRONOUS, sets);
  }

  @Test
  void fromQueuedOverRunningToDone() throws Exception {
    try (DgraphWorld world = world()) {
      String id = world.export();
      world.await(1, ExportState.QUEUED);
      world.alpha().task(id, "Running");
      world.await(1, ExportState.RUNNING);
      Path dir = world.alpha().write(FakeAlpha.folder(12), "g01.rdf.gz", "g01.schema.gz");
      world.alpha().task(id, "Success");
      ExportRow row = world.await(1, ExportState.DONE);
      assertThat(row.taskId()).contains(id);
      assertThat(dir).doesNotExist();
      String at = row.task().folder().orElseThrow();
      assertThat(world.keys())
          .containsExactly(at + "/g01.rdf.gz", at + "/g01.schema.gz", at + "/manifest.json");
      String manifest = new String(world.object(at + "/manifest.json"), UTF_8);
      assertThat(manifest).contains("\"task_id\" : \"" + id + "\"", "\"read_ts\" : \"12\"");
      assertThat(world.runs(RunState.SUCCEEDED)).isEqualTo(1);
      assertThat(world.runs(RunState.FAILED)).isZero();
    }
  }

  @Test
  void anExportThatTheAlphaDoesNotRememberHasExpired() throws Exception {
    try (DgraphWorld world = world()) {
      world.alpha().forget(world.export());
      ExportRow row = world.await(1, ExportState.EXPIRED);
      assertThat(row.error().orElseThrow()).contains("does not exist or has expired");
      assertThat(world.runs(RunState.FAILED)).isEqualTo(1);
    }
  }

  @Test
  void anExportOfWhichTheAlphaKnowsNothingFailsAfterAFewLooks() throws Exception {
    try (DgraphWorld world = world()) {
      world.alpha().task(world.export(), "Unknown");
      ExportRow row = world.await(1, ExportState.FAILED);
      assertThat(row.error().orElseThrow()).contains("does not know");
    }
  }

  @Test
  void aRestartOfTheAlphaInTheMiddleOfATaskEndsItAsFailedAndSendsNothing() throws Exception {
    try (DgraphWorld world = world()) {
      String id = world.export();
      world.alpha().task(id, "Running");
      world.await(1, ExportState.RUNNING);
      Path partial = world.alpha().write(FakeAlpha.folder(12), "g01.rdf.gz");
      world.alpha().restart();
      world.await(1, ExportState.FAILED);
      assertThat(partial).isNotEmptyDirectory();
      assertThat(world.keys()).isEmpty();
    }
  }

  @Test
  void anAlphaThatIsDownOrNotReadyIsAskedAgain() throws Exception {
    try (DgraphWorld world = world()) {
      String id = world.export();
      world.alpha().failNext(2);
      world.awaitMessage(1, "answers 503");
      int port = world.alpha().down();
      world.awaitMessage(1, "no answer from");
      world.alpha().up(port);
      world.alpha().write(FakeAlpha.folder(12), "g01.rdf.gz");
      world.alpha().task(id, "Success");
      ExportRow row = world.await(1, ExportState.DONE);
      assertThat(row.error()).isEmpty();
    }
  }

  @Test
  void whereAclIsOnItLogsInAndRenewsItsToken() throws Exception {
    try (DgraphWorld world = world("dgraph.user=groot", "dgraph.password=pw'\"\\\\x")) {
      String id = world.export();
      world.alpha().wantLogin("groot");
      world.alpha().task(id, "Running");
      world.await(1, ExportState.RUNNING);
      long logins = logins(world);
      assertThat(logins).isEqualTo(1);
      world.alpha().expire();
      world.alpha().write(FakeAlpha.folder(12), "g01.rdf.gz");
      world.alpha().task(id, "Success");
      world.await(1, ExportState.DONE);
      assertThat(logins(world)).isGreaterThan(logins);
    }
  }

  private static long logins(DgraphWorld world) {
    return world.alpha().queries().stream().filter(query -> query.contains("login(")).count();
  }

  @Test
  void twoExportsAtOnceAreKeptApart() throws Exception {
    try (DgraphWorld world = world()) {
      String first = world.export();
      String second = world.export();
      String nine = FakeAlpha.folder(9);
      String twelve = FakeAlpha.folder(12);
      world.alpha().write(nine, "g01.rdf.gz");
      world.alpha().task(first, "Success");
      world.alpha().write(twelve, "g01.rdf.gz");
      world.alpha().task(second, "Success");
      world.await(2, ExportState.DONE);
      world.await(1, ExportState.DONE);
      for (String name : List.of(nine, twelve)) {
        ExportRow row = world.row(name.equals(nine) ? 1 : 2);
        assertThat(world.object(row.task().folder().orElseThrow() + "/g01.rdf.gz"))
            .isEqualTo(FakeAlpha.gzip(FakeAlpha.content(name, "g01.rdf.gz")));
      }
      assertThat(world.row(2).task().folder()).isNotEqualTo(world.row(1).task().folder());
    }
  }

  @Test
  void groupsWhoseFoldersBearDifferentMinutesAreOneExport() throws Exception {
    try (DgraphWorld world = world()) {
      String id = world.export();
      Path one = world.alpha().write("dgraph.r12.u0908.2359", "g01.rdf.gz");
      Path other = world.alpha().write("dgraph.r12.u0909.0000", "g02.rdf.gz", "g03.rdf.gz");
      world.alpha().task(id, "Success");
      world.await(1, ExportState.DONE);
      assertThat(world.keys()).hasSize(4);
      assertThat(List.of(one, other)).noneMatch(Files::exists);
    }
  }

  @Test
  void aFileThatIsNotWholeIsWaitedFor() throws Exception {
    try (DgraphWorld world = world()) {
      String id = world.export();
      String name = FakeAlpha.folder(12);
      Path dir = world.alpha().write(name, "g01.rdf.gz");
      byte[] whole = Files.readAllBytes(dir.resolve("g01.rdf.gz"));
      Files.write(dir.resolve("g01.rdf.gz"), Arrays.copyOf(whole, whole.length - 5));
      world.alpha().task(id, "Success");
      world.awaitMessage(1, "ends in the middle");
      assertThat(world.keys()).isEmpty();
      Files.write(dir.resolve("g01.rdf.gz"), whole);
      ExportRow row = world.await(1, ExportState.DONE);
      assertThat(world.object(row.task().folder().orElseThrow() + "/g01.rdf.gz")).isEqualTo(whole);
    }
  }

  @Test
  void anEncryptedExportIsNoGzipAndIsBroughtAsItIs() throws Exception {
    try (DgraphWorld world = world()) {
      String id = world.export();
      Path dir = world.alpha().write(FakeAlpha.folder(12), "g01.rdf.gz");
      byte[] secret = {5, 4, 3, 2, 1, 0};
      Files.write(dir.resolve("g01.rdf.gz"), secret);
      world.alpha().task(id, "Success");
      ExportRow row = world.await(1, ExportState.DONE);
      assertThat(world.object(row.task().folder().orElseThrow() + "/g01.rdf.gz")).isEqualTo(secret);
    }
  }

  @Test
  void anExportWithoutAFolderHereFailsAndSaysWhere() throws Exception {
    try (DgraphWorld world = world()) {
      String id = world.export();
      world.alpha().task(id, "Success");
      ExportRow row = world.awaitMessage(1, "has not appeared yet");
      assertThat(row.state().isEnd()).isFalse();
    }
  }

  @Test
  void anUploadThatFailsIsTriedAgainAlsoAfterARestartAndByHand() throws Exception {
    try (DgraphWorld world = world("dgraph.task_timeout=2s")) {
      String id = world.export();
      world.alpha().write(FakeAlpha.folder(12), "g01.rdf.gz");
      world.alpha().task(id, "Success");
      world.remote().faults().failAll(Faults.Call.PUT, RemoteException.Cause.FULL);
      world.awaitFailedTry(1);
      world.restart();
      world.await(1, ExportState.FAILED);
      assertThat(world.exports().retry(2)).as("there is none").isFalse();
      world.remote().faults().clear();
      assertThat(world.exports().retry(1)).isTrue();
      world.await(1, ExportState.DONE);
      assertThat(world.exports().retry(1)).as("it is done").isFalse();
    }
  }

  @Test
  void namesCanBeGivenByPatterns() throws Exception {
    String rule = "*.schema.gz={folder}/s/{read_ts}-{group}.gz";
    try (DgraphWorld world = world("dgraph.names=[\"" + rule + "\"]")) {
      String id = world.export();
      world.alpha().write(FakeAlpha.folder(12), "g01.rdf.gz", "g01.schema.gz");
      world.alpha().task(id, "Success");
      ExportRow row = world.await(1, ExportState.DONE);
      assertThat(world.keys()).contains(row.task().folder().orElseThrow() + "/s/12-01.gz");
    }
  }

  @Test
  void anAnswerSeenTwiceIsOneExport() throws Exception {
    try (DgraphWorld world = world()) {
      String id = world.export();
      world.exports().answered(Answers.ofTask(id));
      assertThat(world.rows()).hasSize(1);
      world.exports().answered(Answers.ofTask("0xffff"));
      assertThat(world.rows()).hasSize(2);
      assertThat(world.exports().page(Optional.of(ExportState.DONE), 9, 9)).isEmpty();
    }
  }

  @Test
  void whatAFailedExportLeftIsNeverTakenForThatOfTheNextWithinTheSameSecond() throws Exception {
    try (DgraphWorld world = world()) {
      String failed = world.export();
      String good = world.export();
      Path partial = world.alpha().write(FakeAlpha.folder(30), "g01.rdf.gz");
      world.alpha().task(failed, "Failed");
      world.alpha().task(good, "Running");
      world.step();
      Path whole = world.alpha().write(FakeAlpha.folder(31), "g01.rdf.gz");
      world.alpha().task(good, "Success");
      ExportRow row = world.await(2, ExportState.DONE);
      assertThat(row.task().readTs()).contains("31");
      world.await(1, ExportState.FAILED);
      assertThat(partial).isNotEmptyDirectory();
      assertThat(whole).doesNotExist();
    }
  }

  @Test
  void anExportThatFailedBeforeItWroteLeavesTheNextOneItsFolder() throws Exception {
    try (DgraphWorld world = world()) {
      String failed = world.export();
      String good = world.export();
      world.alpha().task(failed, "Failed");
      world.alpha().write(FakeAlpha.folder(31), "g01.rdf.gz");
      world.alpha().task(good, "Success");
      assertThat(world.await(2, ExportState.DONE).task().readTs()).contains("31");
      world.await(1, ExportState.FAILED);
    }
  }
}
