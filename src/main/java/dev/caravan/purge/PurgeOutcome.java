package dev.caravan.purge;

import dev.caravan.config.ByteSize;
import dev.caravan.event.Counted;
import dev.caravan.event.RunState;
import java.util.Optional;

/**
 * What a purge came to.
 *
 * @param error why it did not simply succeed, in one line
 */
record PurgeOutcome(RunState state, Optional<String> error) {

  static PurgeOutcome of(PurgeRun run, boolean stopping) {
    if (run.failure().isPresent()) {
      return new PurgeOutcome(RunState.FAILED, run.failure());
    }
    if (run.halt().isPresent()) {
      return new PurgeOutcome(RunState.HALTED, run.halt());
    }
    if (run.book().isCancelled()) {
      return stopping
          ? new PurgeOutcome(RunState.INTERRUPTED, Optional.of("Caravan was stopped"))
          : new PurgeOutcome(RunState.CANCELLED, Optional.of("Cancelled"));
    }
    long missing = run.space().shortBytes();
    if (missing > 0) {
      return new PurgeOutcome(RunState.PARTIAL, Optional.of(shortfall(run, missing)));
    }
    if (!run.space().isGiven() && run.kept().isAnyAgainstWish()) {
      return new PurgeOutcome(
          RunState.PARTIAL, Optional.of("Some files stay: " + run.kept().byReason()));
    }
    return new PurgeOutcome(RunState.SUCCEEDED, Optional.empty());
  }

  private static String shortfall(PurgeRun run, long missing) {
    return "%s are free, %s (%d bytes) less than the %s that should be; %s"
        .formatted(
            ByteSize.format(run.space().freeBytes()),
            ByteSize.format(missing),
            missing,
            ByteSize.format(run.space().bytes()),
            run.kept().number() == 0
                ? "the store holds no file that could leave"
                : "%s kept: %s"
                    .formatted(Counted.of(run.kept().number(), "file"), run.kept().byReason()));
  }
}
