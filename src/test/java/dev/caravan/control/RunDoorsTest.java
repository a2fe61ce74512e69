package dev.caravan.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.caravan.check.CheckedStore;
import dev.caravan.purge.PurgeWorld;
import dev.caravan.remote.memory.MemoryRemote;
import dev.caravan.restore.RestoreWorld;
import dev.caravan.sync.SyncWorld;
import java.nio.file.Path;
import java.time.Duration;
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

/** What may be asked of a purge, a restore and a check, and what is refused. */
class RunDoorsTest {

  @TempDir Path store;

  private final DefaultCamelContext camel = new DefaultCamelContext();
  private final AtomicInteger woken = new AtomicInteger();
  private PurgeWorld purges;
  private RestoreWorld restores;
  private PurgeDoorSteps purgeDoor;
  private RestoreDoorSteps restoreDoor;
  private CheckDoorSteps checkDoor;

  /** One step. */
  private interface Step {
    void run(Exchange exchange) throws Exception;
  }

  @BeforeEach
  void open() {
    MemoryRemote remote = new MemoryRemote("near");
    purges = new PurgeWorld(store, remote);
    SyncWorld world = purges.sync();
    restores = new RestoreWorld(world, remote);
    RunAnswers answers =
        new RunAnswers(
            world.catalog(),
            world.clock(),
            millis -> world.clock().advance(Duration.ofMillis(millis)));
    purgeDoor =
        new PurgeDoorSteps(
            purges.purge(), world.mirror(), world.catalog(), woken::incrementAndGet, answers);
    checkDoor =
        new CheckDoorSteps(
            new CheckedStore(world, remote).check(),
            world.mirror().roster(),
            woken::incrementAndGet,
            answers);
    restoreDoor =
        new RestoreDoorSteps(
            restores.runs(), world.mirror().roster(), woken::incrementAndGet, answers);
  }

  @AfterEach
  void close() throws Exception {
    restores.close();
    purges.close();
    camel.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | 422",
        "{\"paths\": []} | 422",
        "{\"paths\": \"a\"} | 422",
        "{\"paths\": [\"a\", 7]} | 422",
        "{\"paths\": [\"a\", [\"b\"]]} | 422",
        "{\"paths\": [\"../etc/passwd\"]} | 422",
        "{\"paths\": [\"/etc/passwd\"]} | 422",
        "{\"paths\": [\"a\\u0000\"]} | 422",
        "{\"paths\": [\"a\"], \"as_of\": \"yesterday\"} | 422",
        "{\"paths\": [\"a\"], \"as_of\": \"2026-11-21T03:28:00Z\", \"catalog_only\": true} | 422",
        "{\"paths\": [\"a\"], \"from\": \"far\"} | 422",
        "{\"path\": [\"a\"]} | 422",
        "{\"paths\": [\"a\"} | 400",
      })
  void aRestoreThatMakesNoSenseIsRefused(String body, int status) {
    refused(restoreDoor::request, body, status);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | 422",
        "{\"mode\": \"deep\"} | 422",
        "{\"mode\": \"FULL\"} | 422",
        "{\"mode\": 1} | 422",
        "{\"mode\": \"size\", \"repair\": \"yes\"} | 422",
        "{\"mode\": \"size\", \"mend\": true} | 422",
        "{\"mode\": \"size\" | 400",
      })
  void aCheckThatMakesNoSenseIsRefused(String body, int status) {
    refused(checkDoor::request, body, status);
  }

  @Test
  void aCheckIsQueuedAndAnotherOnOtherTermsHasToWait() throws Exception {
    Exchange first = exchange("{\"mode\": \"size\"}");
    checkDoor.request(first);
    assertThat(woken).hasValue(1);
    Exchange second = exchange("{\"mode\": \"size\"}");
    checkDoor.request(second);
    assertThat(second.getMessage().getBody(String.class))
        .contains("already_running")
        .contains(
            new ObjectMapper()
                .readTree(first.getMessage().getBody(String.class))
                .at("/run_id")
                .asText());
    assertThatThrownBy(() -> checkDoor.request(exchange("{\"mode\": \"full\"}")))
        .isInstanceOfSatisfying(ApiFault.class, fault -> assertThat(fault.status()).isEqualTo(409));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"target_free_bytes\": -1} | 422",
        "{\"target_free_bytes\": 1.5} | 422",
        "{\"target_free_bytes\": 99999999999999999999} | 422",
        "{\"target_free_bytes\": \"5\"} | 422",
        "{\"older_than\": \"30 parsecs\"} | 422",
        "{\"older_than\": \"\"} | 422",
        "{\"older_than\": -5} | 422",
        "{\"older_than\": true} | 422",
        "{\"older_then\": \"30d\"} | 422",
        "{\"dry_run\": \"yes\"} | 422",
        "{\"dry_run\": true | 400",
      })
  void aPurgeThatMakesNoSenseIsRefused(String body, int status) {
    refused(purgeDoor::request, body, status);
  }

  private void refused(Step step, String body, int status) {
    assertThatThrownBy(() -> step.run(exchange(body)))
        .as(body)
        .isInstanceOfSatisfying(
            ApiFault.class, fault -> assertThat(fault.status()).isEqualTo(status))
        .hasMessageNotContaining("Exception");
    assertThat(woken).hasValue(0);
  }

  private Exchange exchange(String body) {
    Exchange exchange = new DefaultExchange(camel);
    exchange.getMessage().setHeader("Content-Type", "application/json; charset=utf-8");
    exchange.getMessage().setBody(body);
    return exchange;
  }

  @Test
  void oneRestoreStartsAndTheNextWaits() throws Exception {
    assertThat(accepted(restoreDoor::request, "{\"paths\": [\".\"], \"from\": \"near\"}"))
        .isEqualTo("started");
    assertThat(accepted(restoreDoor::request, "{\"paths\": [\"a/\", \"b\"]}")).isEqualTo("queued");
    assertThat(woken).hasValue(2);
  }

  @Test
  void anAgeWithoutAUnitIsSeconds() throws Exception {
    assertThat(accepted(purgeDoor::request, "{\"older_than\": 3600}")).isEqualTo("started");
    assertThat(accepted(purgeDoor::request, "{\"older_than\": \"1h\"}"))
        .as("the same terms")
        .isEqualTo("already_running");
  }

  @Test
  void onePurgeWaitsAndOneOnOtherTermsIsRefused() throws Exception {
    String terms = "{\"target_free_bytes\": 5, \"older_than\": \"30d\"}";
    assertThat(accepted(purgeDoor::request, terms)).isEqualTo("started");
    assertThat(accepted(purgeDoor::request, terms)).isEqualTo("already_running");
    assertThatThrownBy(() -> purgeDoor.request(exchange("{}")))
        .isInstanceOfSatisfying(ApiFault.class, fault -> assertThat(fault.status()).isEqualTo(409));
    assertThat(accepted(purgeDoor::request, "{\"dry_run\": true}")).isEqualTo("queued");
  }

  private String accepted(Step step, String body) throws Exception {
    Exchange exchange = exchange(body);
    step.run(exchange);
    assertThat(exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE)).isEqualTo(202);
    JsonNode answer = new ObjectMapper().readTree(exchange.getMessage().getBody(String.class));
    assertThat(answer.path("run_id").asText()).isNotEmpty();
    return answer.path("status").asText();
  }
}
