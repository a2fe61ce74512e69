package dev.caravan.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.catalog.RunRow;
import dev.caravan.control.flow.HoldDoorSteps;
import dev.caravan.event.RunState;
import dev.caravan.remote.Remote;
import dev.caravan.sim.FlakyRemote;
import dev.caravan.sync.Holds;
import dev.caravan.sync.SyncWorld;
import dev.caravan.sync.TestSettings;
import dev.caravan.sync.view.StorageViews;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The steps behind the HTTP routes, as the routes call them: a failure becomes a problem. */
class ControlStepsTest {

  private static final Set<String> HEADERS = Set.of("Content-Type", "Idempotency-Key");

  @TempDir Path store;
  private final DefaultCamelContext camel = new DefaultCamelContext();
  private final AtomicInteger woken = new AtomicInteger();
  private SyncWorld world;
  private ControlSteps control;
  private ListSteps lists;

  /** One step. */
  private interface Step {
    void run(Exchange exchange) throws Exception;
  }

  /** What was answered. */
  private record Answer(int status, String type, JsonNode body) {}

  @BeforeEach
  void open() throws Exception {
    use(new FlakyRemote("near"));
    world.write("a/b", "x");
    world.cycle();
  }

  private void use(Remote... remotes) {
    world = SyncWorld.of(store, remotes);
    StorageViews views =
        new StorageViews(
            TestSettings.of(store).settings(),
            world.catalog(),
            world.tree(),
            world.mirror(),
            world.clock());
    lists = new ListSteps(world.catalog(), views);
    control =
        new ControlSteps(
            world.catalog(),
            world.mirror(),
            world.mirror().queue()::cancel,
            views,
            woken::incrementAndGet,
            new RunAnswers(
                world.catalog(),
                world.clock(),
                millis -> world.clock().advance(Duration.ofMillis(millis))));
  }

  @AfterEach
  void close() throws Exception {
    world.close();
    camel.close();
  }

  /** Asks as the server does: what is no header stands in the query, and the id in the path. */
  private Answer ask(Step step, String body, Map<String, Object> parameters) throws Exception {
    Exchange exchange = new DefaultExchange(camel);
    StringBuilder query = new StringBuilder();
    parameters.forEach(
        (name, value) -> {
          String text = URLEncoder.encode(value.toString(), StandardCharsets.UTF_8);
          if (name.equals("id") || name.equals("path")) {
            exchange.getMessage().setHeader(Exchange.HTTP_PATH, "/api/runs/" + text);
          } else if (HEADERS.contains(name)) {
            exchange.getMessage().setHeader(name, value);
          } else {
            query.append(query.isEmpty() ? "" : "&").append(name).append('=').append(text);
          }
        });
    exchange.getMessage().setHeader(Exchange.HTTP_RAW_QUERY, query.toString());
    exchange.getMessage().setBody(body);
    try {
      step.run(exchange);
    } catch (RuntimeException e) {
      exchange.setProperty(Exchange.EXCEPTION_CAUGHT, e);
      control.problem(exchange);
    }
    return new Answer(
        exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class),
        exchange.getMessage().getHeader(Exchange.CONTENT_TYPE, String.class),
        new ObjectMapper().readTree(exchange.getMessage().getBody(String.class)));
  }

  private Answer ask(Step step, Map<String, Object> headers) throws Exception {
    return ask(step, "", headers);
  }

  private Answer sync(String body) throws Exception {
    return ask(control::requestSync, body, Map.of("Content-Type", "application/json"));
  }

  private static void isProblem(Answer answer, int status) {
    assertThat(answer.status()).as("%s", answer.body()).isEqualTo(status);
    assertThat(answer.type()).isEqualTo("application/problem+json");
    assertThat(answer.body().fieldNames())
        .toIterable()
        .containsExactly("type", "title", "status", "detail");
    assertThat(answer.body().get("status").asInt()).isEqualTo(status);
    assertThat(answer.body().get("detail").asText())
        .doesNotContain("Exception", "\tat ", "REDACTED");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ | 400",
        "{\"dry_run\": tru} | 400",
        "{\"dry_run\": true} {} | 400",
        "{\"dry_run\": true, \"dry_run\": false} | 400",
        "[] | 422",
        "7 | 422",
        "{\"dry_run\": \"yes\"} | 422",
        "{\"dry_run\": 1} | 422",
        "{\"dryrun\": true} | 422",
        "{\"accept_halt\": []} | 422",
      })
  void aBodyThatIsNotAsItShouldBeIsRefused(String body, int status) throws Exception {
    isProblem(sync(body), status);
    assertThat(woken).hasValue(0);
  }

  @Test
  void aDeeplyNestedBodyIsRefused() throws Exception {
    isProblem(sync("{\"dry_run\":" + "[".repeat(5_000) + "]".repeat(5_000) + "}"), 400);
  }

  @Test
  void aBodyOfAnotherTypeIsRefused() throws Exception {
    isProblem(ask(control::requestSync, "{}", Map.of("Content-Type", "text/plain")), 415);
    isProblem(ask(control::requestSync, "{}", Map.of()), 415);
  }

  @Test
  void aWishIsAnsweredWithTheRunThatFulfilsIt() throws Exception {
    Answer first = sync("");
    assertThat(first.status()).isEqualTo(202);
    assertThat(first.body().get("status").asText()).isEqualTo("started");
    Answer second = sync("{\"dry_run\": false}");
    assertThat(second.body().get("status").asText()).isEqualTo("already_running");
    assertThat(second.body().get("run_id")).isEqualTo(first.body().get("run_id"));
    assertThat(sync("{\"dry_run\": true}").body().get("status").asText()).isEqualTo("queued");
    assertThat(woken).hasValue(3);
  }

  @Test
  void waitingThatIsInVainIsAnsweredLikeNotWaiting() throws Exception {
    Answer answer = ask(control::requestSync, Map.of("wait", "2"));
    assertThat(answer.status()).isEqualTo(202);
    isProblem(ask(control::requestSync, Map.of("wait", "-1")), 422);
    isProblem(ask(control::requestSync, Map.of("wait", "999999")), 422);
    isProblem(ask(control::requestSync, Map.of("wait", "x")), 422);
  }

  @Test
  void withoutARemoteThereIsNothingToSync() throws Exception {
    world.close();
    use();
    isProblem(sync(""), 400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"nobody", "", "../../etc", "a b", "\u0000", "%00"})
  void aRunThatIsNotThereIsNotFound(String id) throws Exception {
    isProblem(ask(lists::run, Map.of("id", id)), 404);
    isProblem(ask(lists::items, Map.of("id", id)), 404);
    isProblem(ask(control::cancel, Map.of("id", id)), 404);
  }

  @Test
  void aRunThatHasEndedCannotBeCancelled() throws Exception {
    RunRow run = world.cycle();
    assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
    isProblem(ask(control::cancel, Map.of("id", run.id().value())), 409);
    String queued = sync("").body().get("run_id").asText();
    assertThat(ask(control::cancel, Map.of("id", queued)).status()).isEqualTo(202);
    isProblem(ask(control::cancel, Map.of("id", queued)), 409);
  }

  @Test
  void limitsAndWordsAreChecked() throws Exception {
    for (String limit : new String[] {"0", "-1", "1001", "x", "1e3", "99999999999"}) {
      isProblem(ask(lists::files, Map.of("limit", limit)), 422);
      isProblem(ask(lists::runs, Map.of("limit", limit)), 422);
    }
    isProblem(ask(lists::files, Map.of("state", "lost")), 422);
    isProblem(ask(lists::runs, Map.of("state", "lost")), 422);
    isProblem(ask(lists::runs, Map.of("operation", "dance")), 422);
  }

  @Test
  void aFaultInsideIsAProblemThatShowsNothing() throws Exception {
    Answer answer =
        ask(
            exchange -> {
              throw new IllegalStateException("jdbc:secret");
            },
            Map.of());
    isProblem(answer, 500);
    assertThat(answer.body().toString()).doesNotContain("secret");
  }

  @Test
  void theStorageHasTheShapeOfTheContract() throws Exception {
    JsonNode body = ask(control::storage, Map.of()).body();
    assertThat(body.fieldNames())
        .toIterable()
        .containsExactly("store", "files", "remotes", "next_sync_at", "paused", "halted");
    assertThat(body.get("store").fieldNames())
        .toIterable()
        .contains("path", "free_bytes", "total_bytes", "min_free_bytes");
    assertThat(body.get("files").fieldNames())
        .toIterable()
        .containsExactly(
            "total", "bytes", "local", "purged", "pending", "failed", "oldest_pending_age_s");
    JsonNode remote = body.get("remotes").get(0);
    assertThat(remote.fieldNames())
        .toIterable()
        .contains("name", "provider", "state", "last_sync", "verified", "pending");
    assertThat(remote.get("last_sync").fieldNames())
        .toIterable()
        .containsExactly("run_id", "state", "started_at", "ended_at", "uploaded", "bytes");
    assertThat(remote.get("verified").asInt()).isEqualTo(1);
  }

  @Test
  void theSyncStatusFilesAndInventoryHaveTheShapeOfTheContract() throws Exception {
    JsonNode sync = ask(control::syncStatus, Map.of()).body();
    assertThat(sync.fieldNames())
        .toIterable()
        .containsExactly("configured", "remotes", "sync_interval", "last", "next_eta", "bytes");
    assertThat(sync.get("last").fieldNames())
        .toIterable()
        .containsExactly("run_id", "state", "ended_at", "error", "files", "bytes");
    JsonNode file = ask(lists::files, Map.of("prefix", "a")).body().get("files").get(0);
    assertThat(file.fieldNames())
        .toIterable()
        .containsExactly("path", "size", "modified_at", "state", "sha256", "remotes");
    assertThat(file.get("remotes").get("near").get("state").asText()).isEqualTo("verified");
    JsonNode folder = ask(lists::inventory, Map.of()).body().get("datasets").get(0);
    assertThat(folder.fieldNames())
        .toIterable()
        .containsExactly("path", "files", "bytes", "local", "purged", "oldest", "newest");
    JsonNode run = ask(lists::runs, Map.of()).body().get("runs").get(0);
    JsonNode items = ask(lists::items, Map.of("id", run.get("run_id").asText())).body();
    assertThat(items.get("items").get(0).fieldNames())
        .toIterable()
        .contains("path", "remote", "action", "reason", "state", "size", "message");
  }

  @Test
  void withoutRemotesNoSyncIsForetold() throws Exception {
    world.close();
    use();
    JsonNode sync = ask(control::syncStatus, Map.of()).body();
    assertThat(sync.get("configured").asBoolean()).isFalse();
    assertThat(sync.get("remotes")).isEmpty();
    assertThat(sync.get("next_eta").isNull()).isTrue();
    assertThat(ask(control::storage, Map.of()).body().get("next_sync_at").isNull()).isTrue();
  }

  @Test
  void pausingIsKeptAndShown() throws Exception {
    HoldDoorSteps holds =
        new HoldDoorSteps(new Holds(world.catalog(), world.mirror()), woken::incrementAndGet);
    assertThat(ask(holds::pause, Map.of()).body().get("paused").asBoolean()).isTrue();
    assertThat(world.catalog().findMeta("paused")).isEqualTo(Optional.of("true"));
    assertThat(ask(control::storage, Map.of()).body().get("next_sync_at").isNull()).isTrue();
    assertThat(ask(holds::resume, Map.of()).body().get("paused").asBoolean()).isFalse();
    assertThat(world.mirror().schedule().isPaused()).isFalse();
  }

  @Test
  void aRemoteIsHeldByItsNameAndAnUnknownOneIsRefused() throws Exception {
    HoldDoorSteps holds =
        new HoldDoorSteps(new Holds(world.catalog(), world.mirror()), woken::incrementAndGet);
    Map<String, Object> json = Map.of("Content-Type", "application/json");
    Answer held = ask(holds::drain, "{\"remote\":\"near\"}", json);
    assertThat(held.status()).isEqualTo(200);
    assertThat(held.body().get("paused").asBoolean()).isFalse();
    assertThat(held.body().get("paused_remotes").get(0).asText()).isEqualTo("near");
    assertThat(held.body().get("idle").asBoolean()).isTrue();
    JsonNode shown = ask(control::storage, Map.of()).body().get("remotes").get(0);
    assertThat(shown.get("paused").asBoolean()).isTrue();
    isProblem(ask(holds::pause, "{\"remote\":\"nobody\"}", json), 422);
    Answer released = ask(holds::resume, "{\"remote\":\"near\"}", json);
    assertThat(released.body().get("paused_remotes")).isEmpty();
  }

  @Test
  void aStopOfEverythingCancelsWhatRuns() throws Exception {
    HoldDoorSteps holds =
        new HoldDoorSteps(new Holds(world.catalog(), world.mirror()), woken::incrementAndGet);
    assertThat(ask(holds::stop, Map.of()).body().get("paused").asBoolean()).isTrue();
    assertThat(woken).hasValue(1);
  }

  private Answer keyed(String key, String body) throws Exception {
    return ask(
        control::requestSync,
        body,
        Map.of("Content-Type", "application/json", "Idempotency-Key", key));
  }

  @Test
  void theSameKeyIsAnsweredWithTheSameRun() throws Exception {
    Answer first = keyed("k-1", "{\"dry_run\": true}");
    assertThat(first.status()).isEqualTo(202);
    world.dryRun();
    Answer again = keyed("k-1", " { \"dry_run\" : true } ");
    assertThat(again.body()).isEqualTo(first.body());
    assertThat(woken).hasValue(1);
    Answer waited =
        ask(
            control::requestSync,
            "{\"dry_run\": true}",
            Map.of("Content-Type", "application/json", "Idempotency-Key", "k-1", "wait", "5"));
    assertThat(waited.status()).isEqualTo(200);
    assertThat(waited.body().get("run_id")).isEqualTo(first.body().get("run_id"));
    assertThat(keyed("k-2", "{\"dry_run\": true}").body().get("run_id"))
        .isNotEqualTo(first.body().get("run_id"));
  }

  @Test
  void aKeyIsForOneRequestOnly() throws Exception {
    assertThat(keyed("k", "{\"dry_run\": true}").status()).isEqualTo(202);
    isProblem(keyed("k", "{}"), 422);
    isProblem(keyed("two words", "{}"), 422);
    isProblem(keyed("k".repeat(256), "{}"), 422);
    isProblem(keyed("", "{}"), 422);
    assertThat(woken).hasValue(1);
  }

  @Test
  void aKeyIsForgottenAfterADay() throws Exception {
    String first = keyed("k", "{}").body().get("run_id").asText();
    world.clock().advance(Duration.ofHours(23));
    assertThat(keyed("k", "{}").body().get("run_id").asText()).isEqualTo(first);
    world.cycle();
    world.clock().advance(Duration.ofHours(2));
    assertThat(keyed("k", "{}").body().get("run_id").asText()).isNotEqualTo(first);
  }

  @Test
  void aRefusedRequestUsesUpNoKey() throws Exception {
    isProblem(keyed("k", "{\"dry_run\": 7}"), 422);
    assertThat(keyed("k", "{}").status()).isEqualTo(202);
  }
}
