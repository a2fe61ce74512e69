package dev.caravan.remote.flow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.remote.flow.Breaker.State;
import dev.caravan.remote.flow.Breaker.Verdict;
import org.junit.jupiter.api.Test;

class BreakerTest {

  private static final long SECOND = 1_000_000_000L;

  private final Breaker breaker = new Breaker(3);

  private void fail(int times, long now) {
    for (int i = 0; i < times; i++) {
      breaker.bad(false, now, 0);
    }
  }

  @Test
  void failuresWithSuccessesInBetweenAreNoReason() {
    for (int i = 0; i < 100; i++) {
      fail(2, 0);
      breaker.good(false);
    }
    assertThat(breaker.ask(0)).isEqualTo(Verdict.PASS);
  }

  @Test
  void afterManyInARowTheRemoteIsLeftAloneForAWhileThatDoubles() {
    fail(3, 0);
    assertThat(breaker.ask(SECOND - 1)).isEqualTo(Verdict.REFUSE);
    long now = SECOND;
    for (int wait : new int[] {2, 4, 8, 8, 8}) {
      assertThat(breaker.ask(now)).isEqualTo(Verdict.PROBE);
      breaker.bad(true, now, 0);
      assertThat(breaker.leftNanos(now)).isEqualTo(wait * SECOND);
      now += wait * SECOND;
    }
  }

  @Test
  void oneCallFindsOutAndTheOthersWaitForIt() {
    fail(3, 0);
    assertThat(breaker.ask(SECOND)).isEqualTo(Verdict.PROBE);
    assertThat(breaker.ask(SECOND)).isEqualTo(Verdict.WAIT);
    assertThat(breaker.good(true)).isTrue();
    assertThat(breaker.ask(SECOND)).isEqualTo(Verdict.PASS);
  }

  @Test
  void whatWasSentBeforeItOpenedDoesNotCloseIt() {
    fail(3, 0);
    assertThat(breaker.good(false)).isFalse();
    assertThat(breaker.ask(SECOND / 2)).isEqualTo(Verdict.REFUSE);
    assertThat(breaker.ask(SECOND)).isEqualTo(Verdict.PROBE);
    assertThat(breaker.good(false)).isFalse();
    assertThat(breaker.ask(SECOND)).isEqualTo(Verdict.WAIT);
  }

  @Test
  void aProbeThatLastsDoesNotHoldUpAllTheOthers() {
    fail(3, 0);
    assertThat(breaker.ask(SECOND)).isEqualTo(Verdict.PROBE);
    assertThat(breaker.ask(10 * SECOND)).isEqualTo(Verdict.WAIT);
    assertThat(breaker.ask(11 * SECOND)).isEqualTo(Verdict.PROBE);
    assertThat(breaker.ask(11 * SECOND)).isEqualTo(Verdict.WAIT);
  }

  @Test
  void aProbeThatWasCancelledLeavesItToAnother() {
    fail(3, 0);
    breaker.ask(SECOND);
    breaker.unknown(true, SECOND);
    assertThat(breaker.ask(SECOND)).isEqualTo(Verdict.PROBE);
  }

  @Test
  void whatWasUnderWayWhenItOpenedDoesNotPutTheNextLookOff() {
    fail(3, 0);
    fail(5, SECOND / 2);
    assertThat(breaker.leftNanos(SECOND / 2)).isEqualTo(SECOND / 2);
    assertThat(breaker.state()).isEqualTo(State.OPEN);
  }

  @Test
  void aLongerPauseThatTheRemoteAskedForIsKept() {
    fail(2, 0);
    breaker.bad(false, 0, 20 * SECOND);
    assertThat(breaker.ask(19 * SECOND)).isEqualTo(Verdict.REFUSE);
    assertThat(breaker.ask(20 * SECOND)).isEqualTo(Verdict.PROBE);
  }

  @Test
  void whoHasAReasonToFindOutNeedNotWait() {
    fail(3, 0);
    assertThat(breaker.ask(1)).isEqualTo(Verdict.REFUSE);
    breaker.tryAgain(1);
    assertThat(breaker.ask(1)).isEqualTo(Verdict.PROBE);
    breaker.bad(true, 2, 60 * SECOND);
    breaker.tryAgain(3);
    assertThat(breaker.ask(3)).as("the remote asked for a minute").isEqualTo(Verdict.REFUSE);
    assertThat(breaker.ask(2 + 60 * SECOND)).isEqualTo(Verdict.PROBE);
  }
}
