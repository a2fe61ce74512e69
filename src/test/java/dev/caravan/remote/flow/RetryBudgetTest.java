package dev.caravan.remote.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class RetryBudgetTest {

  private long now;
  private final RetryBudget budget = new RetryBudget(80, () -> now);

  /** Five tries as the retries make them, a share of which fails; how many requests that makes. */
  private long requests(int calls, double failing) {
    Random random = new Random(11);
    long requests = 0;
    for (int i = 0; i < calls; i++) {
      boolean good = false;
      for (int attempt = 1; attempt <= 5 && !good; attempt++) {
        requests++;
        good = random.nextDouble() >= failing;
        if (!good && !budget.take()) {
          break;
        }
      }
      if (good) {
        budget.succeeded();
      }
    }
    return requests;
  }

  @Test
  void aThirdThatFailsIsTriedAgainAsOftenAsItTakes() {
    assertThat(requests(4_000, 0.3)).isLessThan(6_000);
    assertThat(budget.refused()).isZero();
  }

  @Test
  void whenMostFailsTheTriesStayBelowHalfAsManyMore() {
    assertThat(requests(4_000, 0.8)).isLessThan(6_000);
    assertThat(budget.refused()).isPositive();
  }

  @Test
  void whatWasUsedUpComesBackWithTime() {
    while (budget.take()) {
      // until nothing is left
    }
    now += 3_000_000_000L;
    assertThat(budget.take()).isTrue();
  }
}
