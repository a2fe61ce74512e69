package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.catalog.turn.RunHold;
import dev.caravan.route.RouteFault;
import dev.caravan.route.RouteFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.model.ModelCamelContext;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that change while routes run: only what has no fault takes the place of what was there. */
class RouteReloadTest {

  @TempDir Path folder;

  private final List<String> said = Collections.synchronizedList(new ArrayList<>());
  private final CountDownLatch entered = new CountDownLatch(1);
  private final CountDownLatch mayLeave = new CountDownLatch(1);

  @Test
  void aNewFileIsUsedWhenTwoLooksSawTheSameAndItsRoutesGoWithIt() throws Exception {
    try (RoutesWorld world = world()) {
      RouteReload reload = world.reload();
      RoutesWorld.routes(folder, "mine.camel.yaml", speaker("mine", "first"));
      reload.look();
      assertThat(world.context().getRoute("mine")).isNull();
      reload.look();
      assertThat(ask(world, "direct:mine")).isEqualTo("first");

      RoutesWorld.routes(folder, "mine.camel.yaml", speaker("mine", "second"));
      looks(reload, 2);
      assertThat(ask(world, "direct:mine")).isEqualTo("second");

      Files.delete(folder.resolve("routes/mine.camel.yaml"));
      looks(reload, 2);
      assertThat(world.context().getRoute("mine")).isNull();
      assertThat(reload.faults()).isEmpty();
    }
  }

  @Test
  void aReplacementIsUsedAndRemovingItBringsTheBundledFileBack() throws Exception {
    try (RoutesWorld world = world()) {
      RouteReload reload = world.reload();
      looks(reload, 2);
      RoutesWorld.routes(folder, "hooks.camel.yaml", hooks("process: {ref: recorder}"));
      looks(reload, 2);
      world.write("a", "1").sync();
      assertThat(said)
          .containsExactly(
              "hook-sync-begin", "hook-file-uploaded", "hook-sync-end", "hook-run-ended");
      said.clear();
      Files.delete(folder.resolve("routes/hooks.camel.yaml"));
      looks(reload, 2);
      assertThat(world.write("b", "1").sync()).containsEntry("state", "succeeded");
      assertThat(said).isEmpty();
      assertThat(world.app().camel().routes().originOf("hook-run-ended").orElseThrow().origin())
          .isEqualTo("bundled");
    }
  }

  @Test
  void aBrokenEditChangesNothingAndSaysWhere() throws Exception {
    RoutesWorld.routes(folder, "mine.camel.yaml", speaker("mine", "good"));
    try (RoutesWorld world = world()) {
      RouteReload reload = world.reload();
      for (String broken :
          List.of(
              "- route: {id: mine",
              "",
              speaker("mine", "x").replace("setBody", "setBdy"),
              speaker("mine", "x").replace("direct:mine", "nosuch:mine"),
              speaker("sync-run", "x").replace("direct:sync-run", "direct:elsewhere"),
              speaker("other", "x").replace("direct:other", "direct:sync-run"))) {
        RoutesWorld.routes(folder, "mine.camel.yaml", broken);
        looks(reload, 3);
        assertThat(reload.faults()).as(broken).isNotEmpty();
        assertThat(reload.faults().get(0).text())
            .startsWith(folder.resolve("routes/mine.camel.yaml") + "");
        assertThat(ask(world, "direct:mine")).as(broken).isEqualTo("good");
      }
      RoutesWorld.routes(folder, "mine.camel.yaml", speaker("mine", "better"));
      looks(reload, 2);
      assertThat(reload.faults()).isEmpty();
      assertThat(ask(world, "direct:mine")).isEqualTo("better");
    }
  }

  @Test
  void aBrokenFileDoesNotHoldUpAGoodOne() throws Exception {
    try (RoutesWorld world = world()) {
      RouteReload reload = world.reload();
      RoutesWorld.routes(folder, "bad.camel.yaml", "- route: {");
      RoutesWorld.routes(folder, "good.camel.yaml", speaker("good", "here"));
      looks(reload, 2);
      assertThat(ask(world, "direct:good")).isEqualTo("here");
      assertThat(reload.faults()).extracting(RouteFault::file).containsExactly("bad.camel.yaml");
    }
  }

  @Test
  void aRouteMayMoveFromOneFileToAnother() throws Exception {
    RoutesWorld.routes(folder, "a.camel.yaml", speaker("mine", "a") + speaker("rest", "a"));
    try (RoutesWorld world = world()) {
      RouteReload reload = world.reload();
      RoutesWorld.routes(folder, "a.camel.yaml", speaker("rest", "a"));
      RoutesWorld.routes(folder, "b.camel.yaml", speaker("mine", "b"));
      looks(reload, 2);
      assertThat(reload.faults()).isEmpty();
      assertThat(ask(world, "direct:mine")).isEqualTo("b");
    }
  }

  @Test
  void aChangedConfigurationReachesTheRoutesOfOtherFiles() throws Exception {
    RoutesWorld.routes(folder, "errors.camel.yaml", errors("one"));
    RoutesWorld.routes(
        folder,
        "mine.camel.yaml",
        route(
                "mine",
                "throwException: {exceptionType: java.lang.IllegalStateException, message: x}")
            .replace("    from:", "    routeConfigurationId: mine-errors\n    from:"));
    try (RoutesWorld world = world()) {
      RouteReload reload = world.reload();
      assertThat(ask(world, "direct:mine")).isEqualTo("one");
      RoutesWorld.routes(folder, "errors.camel.yaml", errors("two"));
      looks(reload, 2);
      assertThat(ask(world, "direct:mine")).isEqualTo("two");
    }
  }

  @Test
  void aSwapOfTheLinkOfAConfigMapIsAChange() throws Exception {
    Path one = Files.createDirectories(folder.resolve("routes/..one"));
    Path two = Files.createDirectories(folder.resolve("routes/..two"));
    Files.writeString(one.resolve("mine.camel.yaml"), speaker("mine", "one"));
    Files.writeString(two.resolve("mine.camel.yaml"), speaker("mine", "two"));
    Path data = folder.resolve("routes/..data");
    Files.createSymbolicLink(data, Path.of("..one"));
    Files.createSymbolicLink(
        folder.resolve("routes/mine.camel.yaml"), Path.of("..data/mine.camel.yaml"));
    try (RoutesWorld world = world()) {
      assertThat(ask(world, "direct:mine")).isEqualTo("one");
      Path next = folder.resolve("routes/..data_tmp");
      Files.createSymbolicLink(next, Path.of("..two"));
      Files.move(next, data, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
      looks(world.reload(), 2);
      assertThat(ask(world, "direct:mine")).isEqualTo("two");
    }
  }

  @Test
  void whatIsUnderWayIsFinishedByTheOldRoute() throws Exception {
    RoutesWorld.routes(
        folder,
        "mine.camel.yaml",
        route("mine", "process: {ref: waiter}}, {setBody: {constant: {expression: old}}"));
    try (RoutesWorld world = world()) {
      RouteReload reload = world.reload();
      List<String> answers = Collections.synchronizedList(new ArrayList<>());
      Thread caller = new Thread(() -> answers.add(ask(world, "direct:mine")));
      caller.start();
      assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
      RoutesWorld.routes(folder, "mine.camel.yaml", speaker("mine", "new"));
      reload.look();
      Thread looking = new Thread(reload::look);
      looking.start();
      mayLeave.countDown();
      caller.join(10_000);
      looking.join(20_000);
      looks(reload, 1);
      assertThat(answers).containsExactly("old");
      assertThat(ask(world, "direct:mine")).isEqualTo("new");
    }
  }

  @Test
  void theRoutesOfARunAreExchangedWhenItHasEnded() throws Exception {
    RoutesWorld.routes(
        folder,
        "hooks.camel.yaml",
        hooks(
            "choice: {when: [{simple: '${routeId} == \"hook-sync-begin\"', steps: [{process: {ref:"
                + " waiter}}]}]}"));
    try (RoutesWorld world = world()) {
      RouteReload reload = world.reload();
      List<Object> states = Collections.synchronizedList(new ArrayList<>());
      world.write("a", "1");
      Thread run = new Thread(() -> states.add(world.sync().get("state")));
      run.start();
      assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
      String sync = RouteFiles.bundled("sync.camel.yaml").text();
      RoutesWorld.routes(
          folder,
          "sync.camel.yaml",
          sync.replace("Mirrors the store to its remotes once", "Changed"));
      looks(reload, 3);
      assertThat(world.context().getRoute("sync-run").getDescription()).doesNotContain("Changed");
      mayLeave.countDown();
      run.join(20_000);
      assertThat(states).containsExactly("succeeded");
      looks(reload, 1);
      assertThat(world.context().getRoute("sync-run").getDescription()).isEqualTo("Changed");
      assertThat(world.write("b", "1").sync()).containsEntry("state", "succeeded");
      assertThat(folder.resolve("remote/b")).hasContent("1");
    }
  }

  @Test
  void aLookLetsGoOnlyOfWhatItHolds() throws Exception {
    try (RoutesWorld world = world()) {
      RouteReload reload = world.reload();
      RunHold other = world.queue().hold();
      RoutesWorld.routes(
          folder, "sync.camel.yaml", "# 1\n" + RouteFiles.bundled("sync.camel.yaml").text());
      looks(reload, 3);
      assertThat(reload.faults()).isEmpty();
      assertThat(world.queue().isHeld()).isTrue();
      other.close();
      assertThat(world.queue().isHeld()).isFalse();
      assertThat(world.write("a", "1").sync()).containsEntry("state", "succeeded");
    }
  }

  @Test
  void aRouteThatWasStoppedByHandStaysStopped() throws Exception {
    RoutesWorld.routes(folder, "mine.camel.yaml", speaker("mine", "a"));
    try (RoutesWorld world = world()) {
      world.context().getRouteController().stopRoute("mine");
      RoutesWorld.routes(folder, "mine.camel.yaml", speaker("mine", "b"));
      looks(world.reload(), 2);
      assertThat(world.context().getRouteController().getRouteStatus("mine").isStopped()).isTrue();
    }
  }

  @Test
  void fiftyReloadsLeakNothing() throws Exception {
    try (RoutesWorld world = world()) {
      RouteReload reload = world.reload();
      String sync = RouteFiles.bundled("sync.camel.yaml").text();
      change(reload, sync, 0);
      Map<String, Integer> before = counts(world.context());
      Set<String> threads = threads();
      for (int i = 1; i <= 50; i++) {
        change(reload, sync, i);
        assertThat(reload.faults()).isEmpty();
      }
      assertThat(counts(world.context())).isEqualTo(before);
      // What was swapped out may still be ending, and a pool that is idle may have ended one.
      Awaitility.await().untilAsserted(() -> assertThat(threads()).isSubsetOf(threads));
      assertThat(ask(world, "direct:mine")).isEqualTo("50");
      assertThat(world.write("a", "1").sync()).containsEntry("state", "succeeded");
      assertThat(world.app().camel().counts().total("mine")).isEqualTo(1);
    }
  }

  private void change(RouteReload reload, String sync, int i) throws Exception {
    RoutesWorld.routes(
        folder,
        "hooks.camel.yaml",
        "# " + i + "\n" + hooks("log: {message: x, loggingLevel: TRACE}"));
    RoutesWorld.routes(folder, "sync.camel.yaml", "# " + i + "\n" + sync);
    RoutesWorld.routes(
        folder,
        "mine.camel.yaml",
        speaker("mine", "" + i)
            + route(
                    "mine-timer",
                    "split: {simple: '${body}', parallelProcessing: true, steps: [{to: {uri:"
                        + " 'seda:mine'}}]}")
                .replace("direct:mine-timer", "timer:mine?period=10000&delay=100000")
            + route("mine-seda", "log: x")
                .replace("direct:mine-seda", "seda:mine?pollTimeout=200"));
    looks(reload, 2);
  }

  private static Set<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(thread -> thread.getName().replaceAll("[0-9]+", "#"))
        .filter(name -> name.startsWith("Camel"))
        .collect(Collectors.toSet());
  }

  private static Map<String, Integer> counts(CamelContext context) {
    ModelCamelContext model = (ModelCamelContext) context;
    return Map.of(
        "routes", context.getRoutes().size(),
        "definitions", model.getRouteDefinitions().size(),
        "templates", model.getRouteTemplateDefinitions().size(),
        "configurations", model.getRouteConfigurationDefinitions().size(),
        "endpoints", context.getEndpoints().size(),
        "consumers",
            context.getRoutes().stream().mapToInt(r -> r.getConsumer() == null ? 0 : 1).sum(),
        "services", context.hasServices(org.apache.camel.Service.class).size(),
        "policies", context.getRoutePolicyFactories().size());
  }

  private RoutesWorld world() throws Exception {
    return RoutesWorld.start(
        folder,
        Map.of(
            "recorder",
                (Processor)
                    exchange ->
                        said.add(org.apache.camel.support.ExchangeHelper.getRouteId(exchange)),
            "waiter", (Processor) this::hold));
  }

  private void hold(Exchange exchange) throws Exception {
    entered.countDown();
    if (!mayLeave.await(20, TimeUnit.SECONDS)) {
      throw new IllegalStateException("nobody let it go");
    }
  }

  private static void looks(RouteReload reload, int times) {
    for (int i = 0; i < times; i++) {
      reload.look();
    }
  }

  private static String ask(RoutesWorld world, String uri) {
    return world.context().createProducerTemplate().requestBody(uri, "", String.class);
  }

  private static String errors(String text) {
    return """
    - routeConfiguration:
        id: mine-errors
        onException:
          - onException:
              exception: [java.lang.Throwable]
              handled: {constant: {expression: "true"}}
              steps: [{setBody: {constant: {expression: '%s'}}}]
    """
        .formatted(text);
  }

  private static String speaker(String id, String text) {
    return route(id, "setBody: {constant: {expression: '" + text + "'}}");
  }

  private static String hooks(String steps) {
    return List.of(
            "hook-sync-begin",
            "hook-sync-end",
            "hook-file-uploaded",
            "hook-file-failed",
            "hook-purge-end",
            "hook-run-ended")
        .stream()
        .map(hook -> route(hook, steps))
        .collect(Collectors.joining());
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
