package dev.caravan.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.contract.TestContent;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.TransferMeter.Direction;
import dev.caravan.remote.memory.Faults.Call;
import dev.caravan.remote.memory.MemoryRemote;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class MeteredRemoteTest {

  private static final ObjectKey KEY = new ObjectKey("a");

  private final MemoryRemote memory = new MemoryRemote("far");
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Map<Direction, Long> moved = new EnumMap<>(Direction.class);
  private final Remote remote =
      new MeteredRemote(
          memory,
          registry,
          (name, direction, bytes) -> {
            assertThat(name).isEqualTo("far");
            moved.merge(direction, bytes, Long::sum);
          });

  @Test
  void bytesAreCountedBothWays() throws Exception {
    remote.put(KEY, TestContent.ofSize(300_000, 1));
    try (var in = remote.open(KEY, 100, 5_000)) {
      assertThat(in.readAllBytes()).hasSize(5_000);
    }
    assertThat(registry.scrape())
        .contains(
            "caravan_transferred_bytes_total{direction=\"upload\",remote=\"far\"} 300000.0",
            "caravan_transferred_bytes_total{direction=\"download\",remote=\"far\"} 5000.0");
    assertThat(moved).containsEntry(Direction.UPLOAD, 300_000L);
    assertThat(moved).containsEntry(Direction.DOWNLOAD, 5_000L);
  }

  @Test
  void everyRequestIsCountedWithItsOutcome() throws Exception {
    memory.faults().fail(Call.FIND, 2, Cause.NETWORK).fail(Call.DELETE, 1, Cause.SERVER);
    remote.probe();
    remote.put(KEY, TestContent.of("x"));
    remote.find(KEY);
    failing(() -> remote.find(KEY));
    failing(() -> remote.put(KEY, TestContent.of("x").changingAtTheEnd()));
    failing(() -> remote.put(KEY, TestContent.of("x").failingAtByte(0)));
    failing(() -> remote.open(new ObjectKey("none"), 0, -1));
    failing(() -> remote.delete(List.of(KEY)));
    remote.list("", stat -> {});
    remote.move(Map.of(KEY, KEY));
    remote.sweep(KEY, Instant.EPOCH);
    assertThat(registry.scrape())
        .contains(
            requests("probe", "ok"),
            requests("put", "ok"),
            requests("put", "changed"),
            requests("put", "unreadable"),
            requests("find", "ok"),
            requests("find", "network"),
            requests("open", "no_such_object"),
            requests("delete", "server"),
            requests("list", "ok"),
            requests("move", "ok"),
            requests("sweep", "ok"));
  }

  @Test
  void aBatchThatFailedInPartsIsPartial() throws Exception {
    RemoteException failure = new RemoteException(Cause.PERMISSION, "no");
    Remote partial = new PartialRemote(memory, keys -> Map.of(KEY, failure));
    new MeteredRemote(partial, registry, (name, direction, bytes) -> {}).delete(List.of(KEY));
    assertThat(registry.scrape()).contains(requests("delete", "partial"));
  }

  @Test
  void everyTryCountsWhenWrappedInsideTheRetries() throws Exception {
    memory.faults().fail(Call.FIND, 1, Cause.SERVER);
    new RetryingRemote(remote, Backoff.standard(new Random(1))).find(KEY);
    assertThat(registry.scrape()).contains(requests("find", "ok"), requests("find", "server"));
  }

  private static String requests(String operation, String outcome) {
    return "caravan_remote_requests_total{operation=\"%s\",outcome=\"%s\",remote=\"far\"} 1.0"
        .formatted(operation, outcome);
  }

  private static void failing(ThrowingCallable call) {
    assertThatThrownBy(call).isNotNull();
  }
}
