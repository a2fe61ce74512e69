package dev.caravan.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.caravan.contract.TestContent;
import dev.caravan.event.ContentChangedException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.memory.Faults.Call;
import dev.caravan.remote.memory.MemoryRemote;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RetryingRemoteTest {

  private static final ObjectKey KEY = new ObjectKey("a");
  private static final Duration BOUND = Duration.ofSeconds(30);

  private final MemoryRemote memory = new MemoryRemote("memory");
  private final Remote remote = new RetryingRemote(memory, noWaiting(BOUND));

  @ParameterizedTest
  @EnumSource(Cause.class)
  void onlyWhatMayPassIsTriedAgain(Cause cause) throws Exception {
    memory.faults().fail(Call.PUT, 1, cause).fail(Call.PUT, 2, cause);
    if (cause.isTransient()) {
      remote.put(KEY, TestContent.of("third time"));
      assertThat(memory.faults().happened()).isEqualTo(2);
    } else {
      assertThat(reasonOf(() -> remote.put(KEY, TestContent.of("x")))).isEqualTo(cause);
      assertThat(memory.faults().happened()).isEqualTo(1);
    }
  }

  @Test
  void afterTheThirdTryTheFailureIsThrown() {
    memory.faults().failAll(Call.FIND, Cause.NETWORK);
    assertThat(reasonOf(() -> remote.find(KEY))).isEqualTo(Cause.NETWORK);
    assertThat(memory.faults().happened()).isEqualTo(3);
  }

  @Test
  void everyCallIsTriedAgain() throws Exception {
    for (Call call : Call.values()) {
      memory.faults().fail(call, 1, Cause.SERVER);
    }
    remote.probe();
    remote.put(KEY, TestContent.of("x"));
    ObjectStat stat = remote.find(KEY).orElseThrow();
    assertThat(remote.copy(stat, KEY)).isPresent();
    remote.open(KEY, 0, -1).close();
    List<ObjectStat> listed = new ArrayList<>();
    remote.list("", listed::add);
    assertThat(listed).hasSize(1);
    assertThat(remote.move(Map.of(KEY, new ObjectKey("b")))).isEmpty();
    assertThat(remote.delete(List.of(new ObjectKey("b")))).isEmpty();
    remote.sweep(KEY, Instant.EPOCH);
    assertThat(memory.faults().happened()).isEqualTo(Call.values().length);
  }

  @Test
  void aChangedOrUnreadableFileIsNotTriedAgain() {
    TestContent changed = TestContent.of("xxxx").changingAtTheEnd();
    assertThatThrownBy(() -> remote.put(KEY, changed)).isInstanceOf(ContentChangedException.class);
    assertThat(changed.opened()).isEqualTo(1);
    TestContent unreadable = TestContent.of("xxxx").failingAtByte(2);
    assertThatThrownBy(() -> remote.put(KEY, unreadable))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the test's disk");
    assertThat(unreadable.opened()).isEqualTo(1);
  }

  @Test
  void whenTheTimeIsUpNoFurtherTryBegins() {
    Remote hurried = new RetryingRemote(memory, noWaiting(Duration.ofNanos(1)));
    memory.faults().failAll(Call.FIND, Cause.NETWORK);
    assertThat(reasonOf(() -> hurried.find(KEY))).isEqualTo(Cause.NETWORK);
    assertThat(memory.faults().happened()).isEqualTo(1);
  }

  @Test
  void aRemoteThatAsksToSlowDownIsAskedTwiceAsOften() {
    memory.faults().failAll(Call.FIND, Cause.THROTTLED);
    assertThat(reasonOf(() -> remote.find(KEY))).isEqualTo(Cause.THROTTLED);
    assertThat(memory.faults().happened()).isEqualTo(6);
  }

  @Test
  void aRemoteThatAsksForALongPauseIsLeftAlone() {
    memory.faults().fail(Call.FIND, 1, () -> throttled(Duration.ofMinutes(5)));
    assertThat(reasonOf(() -> remote.find(KEY))).isEqualTo(Cause.THROTTLED);
    assertThat(memory.faults().happened()).isEqualTo(1);
  }

  @Test
  void aRemoteThatAsksForAShortPauseGetsIt() throws Exception {
    memory.faults().fail(Call.FIND, 1, () -> throttled(Duration.ofMillis(20)));
    long begin = System.nanoTime();
    assertThat(remote.find(KEY)).isEmpty();
    assertThat(System.nanoTime() - begin).isGreaterThanOrEqualTo(20_000_000L);
  }

  @Test
  void waitsAreSpreadBetweenNothingAndADoublingLimit() {
    long seed = System.nanoTime();
    Backoff backoff = Backoff.standard(new Random(seed));
    long[] limits = {400, 800, 1_600, 3_200, 5_000, 5_000};
    for (int attempt = 1; attempt <= limits.length; attempt++) {
      Duration longest = Duration.ZERO;
      for (int i = 0; i < 1_000; i++) {
        Duration wait = backoff.waitAfter(attempt, new RemoteException(Cause.NETWORK, "x"));
        longest = wait.compareTo(longest) > 0 ? wait : longest;
      }
      assertThat(longest)
          .as("seed %d", seed)
          .isBetween(
              Duration.ofMillis(limits[attempt - 1] * 9 / 10),
              Duration.ofMillis(limits[attempt - 1]));
    }
    assertThat(backoff.waitAfter(1, throttled(Duration.ofSeconds(7))))
        .isEqualTo(Duration.ofSeconds(7));
    assertThat(backoff.waitAfter(1_000_000, new RemoteException(Cause.NETWORK, "x")))
        .isLessThanOrEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void aListingThatBreaksHalfWayIsNotBegunAgain() throws Exception {
    memory.put(KEY, TestContent.of("x"));
    List<ObjectStat> visited = new ArrayList<>();
    RemoteException broken = new RemoteException(Cause.NETWORK, "half way");
    assertThatThrownBy(
            () ->
                remote.list(
                    "",
                    stat -> {
                      visited.add(stat);
                      throw broken;
                    }))
        .isSameAs(broken);
    assertThat(visited).hasSize(1);
  }

  @Test
  void ofABatchOnlyWhatMayPassIsTriedAgain() throws Exception {
    ObjectKey good = new ObjectKey("good");
    ObjectKey shaky = new ObjectKey("shaky");
    ObjectKey lost = new ObjectKey("lost");
    ObjectKey forbidden = new ObjectKey("forbidden");
    List<List<ObjectKey>> asked = new ArrayList<>();
    Remote partial =
        new PartialRemote(
            memory,
            keys -> {
              asked.add(List.copyOf(keys));
              Map<ObjectKey, RemoteException> failed = new HashMap<>();
              if (keys.contains(shaky) && asked.size() == 1) {
                failed.put(shaky, new RemoteException(Cause.SERVER, "once"));
              }
              if (keys.contains(lost)) {
                failed.put(lost, new RemoteException(Cause.NETWORK, "always"));
              }
              if (keys.contains(forbidden)) {
                failed.put(forbidden, new RemoteException(Cause.PERMISSION, "no"));
              }
              return failed;
            });
    Map<ObjectKey, RemoteException> failed =
        new RetryingRemote(partial, noWaiting(BOUND)).delete(List.of(good, shaky, lost, forbidden));
    assertThat(asked)
        .containsExactly(
            List.of(good, shaky, lost, forbidden), List.of(shaky, lost), List.of(lost));
    assertThat(failed).containsOnlyKeys(lost, forbidden);
  }

  @Test
  void aThreadThatIsToldToStopDoesNotWait() {
    memory.faults().failAll(Call.FIND, Cause.NETWORK);
    Duration hour = Duration.ofHours(1);
    Remote patient = new RetryingRemote(memory, new Backoff(3, hour, hour, hour, new Random(1)));
    Thread.currentThread().interrupt();
    assertThat(reasonOf(() -> patient.find(KEY))).isEqualTo(Cause.CANCELLED);
    assertThat(Thread.interrupted()).isTrue();
  }

  private static RemoteException throttled(Duration pause) {
    return new RemoteException(Cause.THROTTLED, "slow down", null, pause);
  }

  private static Backoff noWaiting(Duration bound) {
    return new Backoff(3, Duration.ZERO, Duration.ZERO, bound, new Random(1));
  }

  private static Cause reasonOf(ThrowingCallable call) {
    return catchThrowableOfType(RemoteException.class, call).reason();
  }
}
