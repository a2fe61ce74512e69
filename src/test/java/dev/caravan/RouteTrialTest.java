package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.event.Operation;
import dev.caravan.route.RouteFault;
import dev.caravan.route.RouteFiles;
import dev.caravan.route.RouteShape;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wrong with route files is found without starting any, with file and line. */
class RouteTrialTest {

  @TempDir Path folder;

  private RouteShape shape;

  @BeforeEach
  void shape() throws Exception {
    shape = RouteShape.of(RoutesWorld.settings(folder), App.BEANS);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void bundledRoutesHaveNoFault(boolean daemon) throws Exception {
    assertThat(faults(daemon)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void severalRemotesAndArchivesAreServedByRoutesOfOneTemplate(boolean daemon) throws Exception {
    shape =
        RouteShape.of(
            RoutesWorld.settings(
                folder,
                "storage.remotes=[{provider: dir, name: one, path: r1},"
                    + " {provider: dir, name: two, path: r2}]",
                "archives=[{name: a, db_path: a.db, remote: one, remote_basedir: a},"
                    + " {name: b, db_path: b.db, remote: one, remote_basedir: b}]"),
            App.BEANS);
    assertThat(faults(daemon)).isEmpty();
    RoutesWorld.routes(
        folder,
        "mine.camel.yaml",
        route("mine", "log: {message: x}").replace("direct:mine", "direct:sync.transfer.two"));
    assertThat(faults(daemon))
        .singleElement()
        .satisfies(
            fault ->
                assertThat(fault.text())
                    .contains("direct:sync.transfer.two is served by another route"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "setBdy: {constant: x} | 7 | setBdy",
        "to:^uri: nosuch:thing | 7 | nosuch",
        "to:^uri: log:a^parameters:^  levl: hidden | 7 | levl",
        "bean:^ref: nobody^method: x | 7 | no bean 'nobody'",
        "bean:^ref: sync^method: bgin | 7 | bgin",
        "setBody: {simple: '${body'} | 5 | ${body",
        "log: {message: '${nosuchfunction:a}'} | 5 | nosuchfunction",
        "split: {simple: '${body}', executorService: nopool, steps: [{log: x}]} | 5 | nopool",
        "to: {uri: 'direct:x' | 8 | expected",
        "to: direct:nowhere | 7 | no route serves direct:nowhere",
        "to:^uri: direct:nowhere?timeout=7 | 7 | no route serves direct:nowhere",
      })
  void aFaultIsToldWithFileAndLine(String step, int line, String named) throws Exception {
    RoutesWorld.routes(
        folder,
        "mine.camel.yaml",
        "# mine\n"
            + "- route:\n"
            + "    id: mine\n"
            + "    from:\n"
            + "      uri: direct:mine\n"
            + "      steps:\n"
            + "        - "
            + step.replace("^", "\n            ")
            + "\n");
    assertThat(faults(true))
        .singleElement()
        .satisfies(
            fault -> {
              assertThat(fault.text())
                  .startsWith(folder.resolve("routes/mine.camel.yaml") + ":" + fault.line() + ": ")
                  .contains(named)
                  .doesNotContain("hidden")
                  .doesNotContain("\n");
              assertThat(fault.line()).as(fault.text()).isEqualTo(line);
            });
  }

  @Test
  void theFileOfTheMoverIsTriedByItselfAndNotLoadedByTheDaemon() throws Exception {
    RouteShelf shelf = new RouteShelf(RoutesWorld.settings(folder));
    assertThat(shelf.check()).isEmpty();
    Path file = shelf.eject("datamover");
    assertThat(shelf.check()).isEmpty();
    assertThat(faults(true)).isEmpty();
    assertThat(new RouteFiles(folder.resolve("routes"), true).read())
        .extracting(RouteFiles.RouteFile::name)
        .doesNotContain(RouteFiles.DATAMOVER);
    assertThat(shelf.list())
        .anySatisfy(
            view ->
                assertThat(view)
                    .containsEntry("origin", file + " (replaces bundled)")
                    .extracting("routes")
                    .asList()
                    .contains("datamover.run"));

    String bundled = Files.readString(file);
    Files.writeString(file, bundled.replace("method: seal", "method: sael"));
    assertThat(shelf.check())
        .singleElement()
        .asString()
        .startsWith(file + ":")
        .contains("bean 'datamover' has no method 'sael'");
    Files.writeString(file, bundled.replace("direct:datamover.run", "direct:datamover.other"));
    assertThat(shelf.check())
        .singleElement()
        .asString()
        .contains("no route serves direct:datamover.run");
  }

  @Test
  void everyFaultIsTold() throws Exception {
    RoutesWorld.routes(
        folder,
        "a.camel.yaml",
        route("a1", "setBdy: {}") + route("a2", "lgo: {}") + route("a3", "log: ok"));
    RoutesWorld.routes(folder, "b.camel.yaml", route("b", "to: {uri: 'nosuch:x'}"));
    assertThat(faults(true))
        .extracting(RouteFault::file)
        .containsExactly("a.camel.yaml", "a.camel.yaml", "b.camel.yaml");
    assertThat(faults(true)).extracting(RouteFault::line).doesNotContain(0);
  }

  @Test
  void whatAnotherFileServesMayBeCalled() throws Exception {
    RoutesWorld.routes(folder, "mine.camel.yaml", route("mine", "to: direct:theirs"));
    RoutesWorld.routes(
        folder, "theirs.camel.yaml", route("theirs", "to: direct:none?failIfNoConsumers=false"));
    assertThat(faults(true)).isEmpty();

    Files.delete(folder.resolve("routes/theirs.camel.yaml"));
    assertThat(faults(true)).singleElement().asString().contains("no route serves direct:theirs");
  }

  @Test
  void whereARouteBeginsIsCheckedAsWellAsItsSteps() throws Exception {
    RoutesWorld.routes(
        folder,
        "a.camel.yaml",
        route("a", "to: {uri: 'nosuch:x'}").replace("direct:a", "timer:a?perod=5"));
    assertThat(faults(true))
        .extracting(RouteFault::message)
        .satisfiesExactlyInAnyOrder(
            message -> assertThat(message).contains("perod"),
            message -> assertThat(message).contains("nosuch"));
  }

  @Test
  void whatIsHandedToCamelAsItIsMayBeAtFault() throws Exception {
    RouteShape wrong =
        new RouteShape(
            shape.beans(),
            shape.pools(),
            shape.remotes(),
            shape.archives(),
            shape.endpoints(),
            Map.of("camel.component.nosuch.x", "hidden"));
    assertThat(CamelTrial.of(wrong, true, new RouteFiles(folder, true).read()).faults())
        .singleElement()
        .asString()
        .startsWith("camel: ")
        .contains("nosuch")
        .doesNotContain("hidden");
  }

  @Test
  void aPublicEndpointThatNothingServesIsNamed() throws Exception {
    RoutesWorld.routes(folder, "hooks.camel.yaml", route("hook-run-ended", "log: x"));
    assertThat(faults(true))
        .extracting(RouteFault::text)
        .hasSize(5)
        .anySatisfy(
            line ->
                assertThat(line)
                    .contains("hooks.camel.yaml: no route serves direct:hook-sync-begin"));
  }

  @Test
  void aPublicEndpointThatTwoServeIsNamed() throws Exception {
    RoutesWorld.routes(
        folder,
        "more.camel.yaml",
        "\n" + route("hook-run-ended", "log: x").replace("id: hook-run-ended", "id: another"));
    assertThat(faults(true))
        .singleElement()
        .hasToString(
            folder.resolve("routes/more.camel.yaml")
                + ":5: 2 routes serve direct:hook-run-ended, which must have exactly one");
  }

  @Test
  void twoRoutesOfOneNameAreNamed() throws Exception {
    RoutesWorld.routes(
        folder,
        "more.camel.yaml",
        route("sync-run", "log: x").replace("direct:sync-run", "direct:other"));
    assertThat(faults(true))
        .extracting(RouteFault::message)
        .containsExactly("there is another route 'sync-run' in bundled sync.camel.yaml");
  }

  @Test
  void whatStepsBackForTheUserNeedNotBeInTheFileThatReplaces() throws Exception {
    String bundled = RouteFiles.bundled("hooks.camel.yaml").text();
    RoutesWorld.routes(folder, "hooks.camel.yaml", bundled + route("notify", "log: x"));
    assertThat(faults(true)).isEmpty();
  }

  @Test
  void aFolderOfLinksHoldsEachFileOnce() throws Exception {
    Path first = Files.createDirectories(folder.resolve("routes/..2026_01"));
    Files.writeString(first.resolve("mine.camel.yaml"), route("mine", "log: x"));
    Files.createSymbolicLink(folder.resolve("routes/..data"), Path.of("..2026_01"));
    Files.createSymbolicLink(
        folder.resolve("routes/mine.camel.yaml"), Path.of("..data/mine.camel.yaml"));
    Files.createSymbolicLink(folder.resolve("routes/gone.camel.yaml"), Path.of("..data/gone"));
    Files.writeString(folder.resolve("routes/.hidden.camel.yaml"), "x");
    assertThat(new RouteFiles(folder.resolve("routes"), true).read())
        .filteredOn(file -> !file.bundled())
        .extracting(RouteFiles.RouteFile::name)
        .containsExactly("mine.camel.yaml");
    assertThat(faults(true)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = Operation.class,
      names = {"SYNC", "PURGE", "RESTORE", "CHECK"})
  void theFilesOfOneRunServeWhateverTheirRoutesCall(Operation operation) throws Exception {
    RouteFiles files = new RouteFiles(folder.resolve("routes"), false);
    List<RouteFiles.RouteFile> wanted = files.readFor(operation);
    assertThat(CamelTrial.of(shape, false, wanted).faults()).isEmpty();
    String text = wanted.stream().map(RouteFiles.RouteFile::text).collect(Collectors.joining());
    Set<String> served = uris(text, "from:\\s+uri: ");
    assertThat(uris(text, "uri: ")).hasSizeGreaterThan(10).isSubsetOf(served);
    assertThat(served).contains("direct:" + operation.label() + "-run", "direct:notify");
  }

  @Test
  void oneSyncLeavesOutWhatItDoesNotCallUnlessAFileOfTheUsersMay() throws Exception {
    RouteFiles files = new RouteFiles(folder.resolve("routes"), false);
    assertThat(files.readFor(Operation.SYNC)).hasSizeLessThan(files.read().size());
    RoutesWorld.routes(folder, "mine.camel.yaml", route("mine", "to: direct:restore-run"));
    assertThat(files.readFor(Operation.SYNC)).isEqualTo(files.read());
  }

  private static Set<String> uris(String text, String before) {
    return Pattern.compile(before + "\"?((?:direct|seda):[a-z.-]+[a-z])\"?\n")
        .matcher(text)
        .results()
        .map(found -> found.group(1))
        .collect(Collectors.toSet());
  }

  @Test
  void tryingLeavesNothingRunning() throws Exception {
    RoutesWorld.routes(
        folder,
        "mine.camel.yaml",
        "- route: {id: m, from: {uri: 'timer:x?period=1', steps: [{to: {uri: 'seda:y'}}]}}");
    faults(true);
    Set<String> before = threads();
    for (int i = 0; i < 5; i++) {
      assertThat(faults(true)).isEmpty();
    }
    Set<String> after = threads();
    after.removeAll(before);
    assertThat(after).isEmpty();
  }

  private static Set<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(thread -> thread.getName() + "/" + thread.getId())
        .filter(name -> !name.contains("ForkJoin"))
        .collect(Collectors.toSet());
  }

  private List<RouteFault> faults(boolean daemon) throws Exception {
    return CamelTrial.of(shape, daemon, new RouteFiles(folder.resolve("routes"), daemon).read())
        .faults();
  }

  private static String route(String id, String steps) {
    return """
    - route:
        id: %1$s
        from:
          uri: direct:%1$s
          steps: [{%2$s}]
    """
        .formatted(id, steps);
  }
}
