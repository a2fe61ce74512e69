package dev.caravan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.ExchangeHelper;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The places to add a step: what they are handed, and that nothing in them harms the mirror. */
class HooksTest {

  private static final List<String> HOOKS =
      List.of(
          "hook-sync-begin",
          "hook-sync-end",
          "hook-file-uploaded",
          "hook-file-failed",
          "hook-purge-end",
          "hook-run-ended");

  @TempDir Path folder;

  private final List<Told> told = Collections.synchronizedList(new ArrayList<>());

  /** One call of a hook. */
  private record Told(String hook, Map<String, Object> headers, JsonNode body) {}

  @Test
  void eachHookIsHandedPlainMapsAndTheirMostWantedPartsAsHeaders() throws Exception {
    try (RoutesWorld world = recording()) {
      Map<String, @Nullable Object> run = world.write("a/b.txt", "12345").sync();
      Object id = run.get("run_id");
      assertThat(told)
          .extracting(Told::hook)
          .containsExactly(
              "hook-sync-begin", "hook-file-uploaded", "hook-sync-end", "hook-run-ended");
      assertThat(told)
          .allSatisfy(
              call -> {
                assertThat(call.headers()).containsEntry("CamelCaravanRunId", id);
                assertThat(call.headers()).containsEntry("CamelCaravanOperation", "sync");
                assertThat(call.body().at("/run_id").asText()).isEqualTo(id);
              });
      assertThat(told.get(0).headers()).containsEntry("CamelCaravanState", "running");
      Told file = told.get(1);
      assertThat(file.headers())
          .containsEntry("CamelCaravanState", "uploaded")
          .containsEntry("CamelCaravanStorePath", "a/b.txt")
          .containsEntry("CamelCaravanRemote", "disk");
      assertThat(file.body().at("/path").asText()).isEqualTo("a/b.txt");
      assertThat(file.body().at("/size").asInt()).isEqualTo(5);
      assertThat(file.body().at("/reason").asText()).isEqualTo("new");
      assertThat(told.get(3).headers()).containsEntry("CamelCaravanState", "succeeded");
      assertThat(told.get(3).body().at("/counts/uploaded").asInt()).isEqualTo(1);
    }
  }

  @Test
  void aFileThatFailsIsToldWithItsReason() throws Exception {
    try (RoutesWorld world = recording()) {
      // A folder in the way would be moved aside; a link in the way is somebody else's.
      Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
      Files.createSymbolicLink(folder.resolve("remote/linked"), elsewhere);
      Map<String, @Nullable Object> run = world.write("linked/a", "1").sync();
      assertThat(run).as("%s", run).containsEntry("state", "partial");
      Told failed = only("hook-file-failed");
      assertThat(failed.headers()).containsEntry("CamelCaravanState", "failed");
      assertThat(failed.body().at("/path").asText()).isEqualTo("linked/a");
      assertThat(failed.body().at("/error").asText()).isNotBlank();
    }
  }

  @Test
  void aHookThatThrowsIsAWarningAndTheMirrorGoesOn() throws Exception {
    RoutesWorld.routes(
        folder,
        "hooks.camel.yaml",
        hooks("throwException: {exceptionType: java.lang.IllegalStateException, message: no}"));
    try (RoutesWorld world = RoutesWorld.start(folder)) {
      Map<String, @Nullable Object> run = world.write("a", "1").sync();
      assertThat(run).as("%s", run).containsEntry("state", "succeeded");
      assertThat(folder.resolve("remote/a")).hasContent("1");
      List<String> warnings = lines(run, "A hook failed");
      assertThat(warnings)
          .hasSize(4)
          .anySatisfy(line -> assertThat(line).contains("hook-sync-begin"))
          .anySatisfy(line -> assertThat(line).contains("hook-run-ended"));
    }
  }

  @Test
  void aHookCannotTouchTheMessageOfTheMirror() throws Exception {
    RoutesWorld.routes(
        folder,
        "hooks.camel.yaml",
        hooks(
            "removeProperties: {pattern: '*'}}, {removeHeaders: {pattern: '*'}},"
                + " {setBody: {constant: {expression: x}}}, {stop: {}"));
    try (RoutesWorld world = RoutesWorld.start(folder)) {
      Map<String, @Nullable Object> run = world.write("a", "1").sync();
      assertThat(run).as("%s", run).containsEntry("state", "succeeded");
      assertThat(folder.resolve("remote/a")).hasContent("1");
      assertThat(world.sync()).containsEntry("state", "succeeded");
    }
  }

  @Test
  void aRunThatEndsByAFaultIsToldToo() throws Exception {
    String plan = "        - bean:\n            ref: sync\n            method: plan\n";
    String fault =
        "        - throwException: {exceptionType: java.lang.IllegalStateException, message:"
            + " odd}\n";
    String sync = Files.readString(Path.of("src/main/resources/routes/sync.camel.yaml"));
    assertThat(sync).contains(plan);
    RoutesWorld.routes(folder, "sync.camel.yaml", sync.replace(plan, fault + plan));
    try (RoutesWorld world = recording()) {
      Map<String, @Nullable Object> run = world.sync();
      assertThat(run).as("%s", run).containsEntry("state", "failed").containsEntry("error", "odd");
      assertThat(only("hook-sync-end").body().at("/error").asText()).isEqualTo("odd");
      assertThat(only("hook-run-ended").headers()).containsEntry("CamelCaravanState", "failed");
    }
  }

  private static List<String> lines(Map<String, @Nullable Object> run, String part) {
    return ((List<?>) Objects.requireNonNull(run.get("log_tail")))
        .stream().map(String::valueOf).filter(line -> line.contains(part)).toList();
  }

  private Told only(String hook) {
    List<Told> calls = told.stream().filter(call -> call.hook().equals(hook)).toList();
    assertThat(calls).as("%s of %s", hook, told).hasSize(1);
    return calls.get(0);
  }

  /** Every hook writes down what it is handed. */
  private RoutesWorld recording() throws Exception {
    RoutesWorld.routes(folder, "hooks.camel.yaml", hooks("process: {ref: recorder}"));
    return RoutesWorld.start(folder, Map.of("recorder", (Processor) this::record));
  }

  private void record(Exchange exchange) throws Exception {
    ObjectMapper json = new ObjectMapper();
    byte[] written = json.writeValueAsBytes(exchange.getMessage().getBody());
    told.add(
        new Told(
            ExchangeHelper.getRouteId(exchange),
            new TreeMap<>(exchange.getMessage().getHeaders()),
            json.readTree(written)));
  }

  private static String hooks(String steps) {
    StringBuilder yaml = new StringBuilder();
    for (String hook : HOOKS) {
      yaml.append(route(hook, steps));
    }
    return yaml.append(route("notify", "log: {message: alert}")).toString();
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
