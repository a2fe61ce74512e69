package dev.caravan.remote.flow;

import dev.caravan.event.Share;
import java.time.Duration;

/** The requests that a call is made of, under the same window and the same budget as calls. */
final class GateShare implements Share {

  private final Gate gate;
  private final RetryBudget budget;

  GateShare(Gate gate, RetryBudget budget) {
    this.gate = gate;
    this.budget = budget;
  }

  @Override
  public boolean takePlace() {
    return gate.takePlace();
  }

  @Override
  public void givePlace() {
    gate.givePlace();
  }

  @Override
  public boolean isCrowded() {
    return gate.isCrowded();
  }

  @Override
  public boolean again() {
    return budget.take();
  }

  @Override
  public void answered(boolean complaint) {
    gate.learn(
        Gate.Kind.WRITE,
        Gate.Pass.CALL,
        complaint ? Gate.Answer.BAD : Gate.Answer.GOOD,
        Duration.ZERO);
    if (!complaint) {
      budget.succeeded();
    }
  }
}
