package dev.caravan.dgraph;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.catalog.export.ExportRow;
import dev.caravan.catalog.export.ExportState;
import dev.caravan.lab.FakeAlpha;
import dev.caravan.lab.FakeAlpha.Generation;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.memory.Faults;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each fault that dsync had, shown to be absent. The numbers are those of docs/dgraph.md. */
class DsyncFaultsTest {

  @TempDir Path folder;

  private DgraphWorld world(String... sets) throws Exception {
    return new DgraphWorld(folder, Generation.ASYNCHRONOUS, sets);
  }

  @Test
  void fault1TheClientGetsTheWholeAnswerOfAdmin() throws Exception {
    try (DgraphWorld world = world();
        FakeAlpha twin = FakeAlpha.in(folder.resolve("export"), Generation.ASYNCHRONOUS)) {
      HttpRequest.Builder direct =
          HttpRequest.newBuilder(twin.uri().resolve("/admin"))
              .header("Content-Type", "application/graphql")
              .POST(HttpRequest.BodyPublishers.ofString(DgraphWorld.EXPORT));
      HttpResponse<String> expected = world.send(direct.build());
      HttpResponse<String> got = world.post("application/graphql", DgraphWorld.EXPORT);
      assertThat(got.body()).isEqualTo(expected.body()).contains("taskId");
      assertThat(got.headers().map().keySet()).isEqualTo(expected.headers().map().keySet());
      assertThat(world.rows()).as("on record when the answer was there").hasSize(1);
    }
  }

  @Test
  void fault2OtherCallsOfAdminAreNoExportsAndNothingWaitsForThem() throws Exception {
    try (DgraphWorld world = world()) {
      world.alpha().wantLogin("groot");
      for (String query :
          List.of(
              "{ health { status } }",
              "{ state { groups { id } } }",
              "mutation { login(userId: \"groot\", password: \"p\") { response { accessJWT } } }",
              "mutation { export(input: {format: \"rdf\"}) { taskId } }",
              "{ __schema { types { name } } }",
              "query { task(input: {id: \"0x1\"}) { status } }")) {
        assertThat(world.post("application/graphql", query).statusCode()).isEqualTo(200);
      }
      world.alpha().expire();
      assertThat(world.rows()).isEmpty();
    }
  }

  @Test
  void fault2AnExportThatIsRefusedIsNone() throws Exception {
    try (DgraphWorld world = world()) {
      String body =
          world
              .post(
                  "application/graphql", "mutation { export(input: {format: \"xml\"}) { taskId } }")
              .body();
      assertThat(body).contains("invalid export format");
      assertThat(world.rows()).isEmpty();
    }
  }

  @Test
  void fault3AnExportIsSeenByItsTaskAloneUnderAnyAliasInEveryForm() throws Exception {
    try (DgraphWorld world = world()) {
      world.export("mutation { export(input: {}) { taskId } }");
      world.export("mutation { nightly: export(input: {}) { id: taskId } }");
      world.export("mutation { export(input: {}) { response { message } } }");
      world.post(
          "application/json",
          "{\"query\":\"mutation E($i: ExportInput!) { e: export(input: $i) { taskId } }\","
              + "\"variables\":{\"i\":{\"format\":\"json\"}}}");
      world.post("application/json", "[{\"query\":\"mutation { export(input: {}) { taskId } }\"}]");
      String query = URLEncoder.encode("mutation { export(input: {}) { taskId } }", UTF_8);
      world.send(HttpRequest.newBuilder(world.proxied("/admin?query=" + query)).build());
      assertThat(world.rows()).hasSize(6).allMatch(row -> row.taskId().isPresent());
      assertThat(world.row(4).ask().format()).isEqualTo("json");
    }
  }

  @Test
  void fault3AnExportWhoseTaskNobodyAskedForSaysSoInsteadOfWaitingForever() throws Exception {
    try (DgraphWorld world = world()) {
      world.export("mutation { export(input: {}) { response { code } } }");
      ExportRow row = world.row(1);
      assertThat(row.state()).isEqualTo(ExportState.FAILED);
      assertThat(row.error().orElseThrow()).contains("neither taskId nor message");
    }
  }

  @Test
  void fault3ASynchronousExportIsNotPolledForAndItsFilesAreThoseItNames() throws Exception {
    try (DgraphWorld world = new DgraphWorld(folder, Generation.SYNCHRONOUS)) {
      world.alpha().write("dgraph.r12.u0908.1554", "g01.rdf.gz", "g01.schema.gz");
      world.post(
          "application/graphql",
          "mutation { export(input: {}) { response { code message } exportedFiles } }");
      Path other = world.alpha().write("dgraph.r13.u0908.1555", "g01.rdf.gz");
      world.await(1, ExportState.DONE);
      assertThat(world.alpha().queries()).noneMatch(query -> query.contains("task("));
      assertThat(world.keys()).hasSize(3).allMatch(key -> key.startsWith("20"));
      assertThat(other).isNotEmptyDirectory();
    }
  }

  @Test
  void fault4ItIsAServerAndAForwardProxyAndATunnelToAllowedHostsOnly() throws Exception {
    try (DgraphWorld world = world()) {
      assertThat(
              world.send(HttpRequest.newBuilder(world.proxied("/query?a=1")).build()).statusCode())
          .isEqualTo(200);
      HttpClient through =
          HttpClient.newBuilder()
              .proxy(ProxySelector.of(new InetSocketAddress("127.0.0.1", world.port())))
              .build();
      HttpRequest export =
          HttpRequest.newBuilder(world.alpha().uri().resolve("/admin"))
              .header("Content-Type", "application/graphql")
              .POST(HttpRequest.BodyPublishers.ofString(DgraphWorld.EXPORT))
              .build();
      assertThat(through.send(export, HttpResponse.BodyHandlers.ofString()).body())
          .contains("Export queued");
      assertThat(world.rows()).hasSize(1);
      HttpRequest elsewhere = HttpRequest.newBuilder(URI.create("http://127.0.0.1:1/x")).build();
      assertThat(through.send(elsewhere, HttpResponse.BodyHandlers.ofString()).statusCode())
          .isEqualTo(403);
    }
  }

  @Test
  void fault5OnlyTheFolderOfTheExportIsSentAndWhatFailedOrRunsStays() throws Exception {
    try (DgraphWorld world = world()) {
      String failed = world.export();
      Path partial = world.alpha().write(FakeAlpha.folder(10), "g01.rdf.gz");
      world.alpha().task(failed, "Failed");
      world.await(1, ExportState.FAILED);
      Path old = world.alpha().write("dgraph.r5.u0101.0000", "g01.rdf.gz");
      FileTime hourAgo = FileTime.from(Instant.now().minus(Duration.ofHours(1)));
      Files.setLastModifiedTime(old.resolve("g01.rdf.gz"), hourAgo);
      Files.setLastModifiedTime(old, hourAgo);
      String good = world.export();
      String running = world.export();
      world.alpha().task(good, "Success");
      world.alpha().write(FakeAlpha.folder(12), "g01.rdf.gz", "g01.schema.gz");
      world.alpha().task(running, "Running");
      Path unfinished = world.alpha().write(FakeAlpha.folder(14), "g01.rdf.gz");
      ExportRow row = world.await(2, ExportState.DONE);
      assertThat(row.task().readTs()).contains("12");
      assertThat(world.keys()).hasSize(3);
      assertThat(List.of(partial, old, unfinished)).allMatch(Files::exists);
    }
  }

  @Test
  void fault5WhatAFailedExportLeftGoesToTheQuarantine() throws Exception {
    Path quarantine = folder.resolve("failed");
    try (DgraphWorld world = world("dgraph.quarantine=" + quarantine)) {
      String id = world.export();
      Path partial = world.alpha().write(FakeAlpha.folder(10), "g01.rdf.gz");
      world.alpha().task(id, "Failed");
      world.await(1, ExportState.FAILED);
      assertThat(partial).doesNotExist();
      assertThat(quarantine.resolve(partial.getFileName()).resolve("g01.rdf.gz")).exists();
      assertThat(world.keys()).isEmpty();
    }
  }

  @Test
  void fault6EachExportHasAFolderOfItsOwnAndEachGroupNamesOfItsOwn() throws Exception {
    try (DgraphWorld world = world()) {
      for (int i = 0; i < 2; i++) {
        String id = world.export();
        String name = FakeAlpha.folder(20 + i);
        world.alpha().write(name, "g01.rdf.gz", "g02.rdf.gz", "g03.rdf.gz");
        world.alpha().task(id, "Success");
        world.await(i + 1, ExportState.DONE);
      }
      assertThat(world.keys()).hasSize(8);
      assertThat(world.row(1).task().folder()).isNotEqualTo(world.row(2).task().folder());
    }
  }

  @Test
  void fault6WithDsyncsNamesGroupsDoNotOverwriteEachOther() throws Exception {
    try (DgraphWorld world = world("dgraph.naming=dsync")) {
      String id = world.export();
      world.alpha().write(FakeAlpha.folder(9), "g01.rdf.gz", "g01.schema.gz", "g02.rdf.gz");
      world.alpha().task(id, "Success");
      world.await(1, ExportState.DONE);
      assertThat(world.keys())
          .containsExactly(
              "transformer.g02.rdf.gz",
              "transformer.manifest.json",
              "transformer.rdf.gz",
              "transformer.schema.gz");
    }
  }

  @Test
  void fault6AnOlderExportNeverTakesTheNamesOfANewerOne() throws Exception {
    try (DgraphWorld world = world("dgraph.naming=dsync")) {
      String nine = world.export();
      String first = FakeAlpha.folder(9);
      Path dir = world.alpha().write(first, "g01.rdf.gz");
      world.alpha().task(nine, "Success");
      world.remote().faults().failAll(Faults.Call.PUT, RemoteException.Cause.SERVER);
      world.awaitFailedTry(1);
      world.remote().faults().clear();
      String twelve = world.export();
      String second = FakeAlpha.folder(12);
      world.alpha().write(second, "g01.rdf.gz");
      world.alpha().task(twelve, "Success");
      world.await(2, ExportState.DONE);
      ExportRow row = world.await(1, ExportState.FAILED);
      assertThat(row.error().orElseThrow()).contains("a newer export");
      assertThat(dir).isNotEmptyDirectory();
      assertThat(world.object("transformer.rdf.gz"))
          .isEqualTo(FakeAlpha.gzip(FakeAlpha.content(second, "g01.rdf.gz")));
    }
  }

  @Test
  void fault7JsonExportsAndGraphqlSchemasAreKept() throws Exception {
    try (DgraphWorld world = world("dgraph.naming=dsync")) {
      String id = world.export("mutation { export(input: {format: \"json\"}) { taskId } }");
      String name = FakeAlpha.folder(12);
      world.alpha().write(name, "g01.json.gz", "g01.schema.gz", "g01.gql_schema.gz", "g02.json.gz");
      world.alpha().task(id, "Success");
      world.await(1, ExportState.DONE);
      assertThat(world.keys())
          .contains("transformer.json.gz", "transformer.g02.json.gz", "transformer.gql_schema.gz");
    }
  }

  @Test
  void fault8NothingIsRemovedBeforeItIsProvenAndWhatAppearedMeanwhileStays() throws Exception {
    try (DgraphWorld world = world()) {
      String id = world.export();
      Path dir = world.alpha().write(FakeAlpha.folder(12), "g01.rdf.gz", "g01.schema.gz");
      world.alpha().task(id, "Success");
      world.remote().faults().lieOnPut(1);
      world.awaitFailedTry(1);
      assertThat(world.remote().faults().happened()).as("the remote lied").isPositive();
      assertThat(world.row(1).error().orElseThrow()).contains("another checksum");
      assertThat(dir.resolve("g01.rdf.gz")).exists();
      Path late = dir.resolve("notes.txt");
      world.remote().faults().before(Faults.Call.FIND, 4, () -> write(late));
      world.await(1, ExportState.DONE);
      assertThat(dir.resolve("g01.rdf.gz")).doesNotExist();
      assertThat(late).as("came while the others were proven").exists();
    }
  }

  private static void write(Path file) {
    try {
      Files.writeString(file, "mine");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void fault9ARestartForgetsNoExport() throws Exception {
    try (DgraphWorld world = world()) {
      String id = world.export();
      world.await(1, ExportState.QUEUED);
      world.restart();
      world.alpha().task(id, "Running");
      world.await(1, ExportState.RUNNING);
      world.restart();
      world.alpha().write(FakeAlpha.folder(12), "g01.rdf.gz");
      world.alpha().task(id, "Success");
      world.await(1, ExportState.DONE);
      assertThat(world.rows()).hasSize(1);
    }
  }

  @Test
  void fault10TheAlphaIsAskedWithTheClientsOwnProofOfWhoItIs() throws Exception {
    try (DgraphWorld world = world()) {
      world.alpha().wantToken("s3cret-token");
      String id = world.export(DgraphWorld.EXPORT, "X-Dgraph-AuthToken", "s3cret-token");
      world.alpha().write(FakeAlpha.folder(12), "g01.rdf.gz");
      world.alpha().task(id, "Success");
      world.await(1, ExportState.DONE);
    }
    try (var files = Files.walk(folder.resolve("state"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(new String(Files.readAllBytes(file), ISO_8859_1))
            .as("%s holds no secret", file)
            .doesNotContain("s3cret-token");
      }
    }
  }

  @Test
  void fault10AnErrorOfTheAlphaIsToldAndAskedAgainUntilTheDeadline() throws Exception {
    try (DgraphWorld world = world("dgraph.task_timeout=3s")) {
      world.export();
      world.alpha().wantToken("other");
      world.awaitMessage(1, "Invalid X-Dgraph-AuthToken");
      ExportRow row = world.await(1, ExportState.EXPIRED);
      assertThat(row.error().orElseThrow()).contains("did not end it within").contains("Invalid");
    }
  }

  @Test
  void fault11GroupsOfOtherAlphasAreNamedInTheManifest() throws Exception {
    try (DgraphWorld world = world()) {
      world.alpha().groups(1, 2, 3);
      String id = world.export();
      world.alpha().write(FakeAlpha.folder(12), "g01.rdf.gz", "g03.rdf.gz");
      world.alpha().task(id, "Success");
      ExportRow row = world.await(1, ExportState.DONE);
      assertThat(row.error().orElseThrow()).contains("groups [2] are not in it");
      String key = row.task().folder().orElseThrow() + "/manifest.json";
      String manifest = new String(world.object(key), UTF_8);
      assertThat(manifest).contains("\"groups_missing\" : [ 2 ]");
    }
  }

  @Test
  void fault12AnExportThatTheAlphaBringsElsewhereItselfIsNotScannedFor() throws Exception {
    try (DgraphWorld world = world()) {
      Path other = world.alpha().write(FakeAlpha.folder(12), "g01.rdf.gz");
      String id =
          world.export(
              "mutation { export(input: {destination: \"minio://key:pw@h:9000/b?trace=true\","
                  + " secretKey: \"hidden\"}) { taskId } }");
      world.alpha().task(id, "Success");
      ExportRow row = world.await(1, ExportState.DONE);
      assertThat(row.ask().destination()).contains("minio://h:9000/b");
      assertThat(other).isNotEmptyDirectory();
      assertThat(world.keys()).isEmpty();
    }
  }

  @Test
  void fault13AnObjectWithoutOurChecksumIsNoProof() throws Exception {
    try (DgraphWorld world = world()) {
      String id = world.export();
      Path dir = world.alpha().write(FakeAlpha.folder(12), "g01.rdf.gz");
      world.alpha().task(id, "Success");
      world
          .remote()
          .faults()
          .before(Faults.Call.FIND, 2, () -> world.remote().lose(new ObjectKey(only(world))));
      assertThat(world.awaitFailedTry(1).error().orElse("")).contains("is not there");
      assertThat(dir.resolve("g01.rdf.gz")).exists();
      world.await(1, ExportState.DONE);
    }
  }

  private static String only(DgraphWorld world) {
    return world.keys().first();
  }
}
