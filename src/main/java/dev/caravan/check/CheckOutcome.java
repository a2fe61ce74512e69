package dev.caravan.check;

import dev.caravan.event.RunState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a check came to.
 *
 * @param error why it did not simply succeed, in one line
 */
record CheckOutcome(RunState state, Optional<String> error) {

  static CheckOutcome of(CheckRun run, boolean stopping) {
    if (run.failure().isPresent()) {
      return new CheckOutcome(RunState.FAILED, run.failure());
    }
    if (run.book().isCancelled()) {
      return stopping
          ? new CheckOutcome(RunState.INTERRUPTED, Optional.of("Caravan was stopped"))
          : new CheckOutcome(RunState.CANCELLED, Optional.of("Cancelled"));
    }
    List<String> unchecked = unchecked(run);
    Findings findings = run.findings();
    if (findings.differences() == 0 && findings.unknown() == 0 && unchecked.isEmpty()) {
      return new CheckOutcome(RunState.SUCCEEDED, Optional.empty());
    }
    List<String> said = new ArrayList<>();
    if (findings.differences() > 0 || findings.unknown() > 0) {
      said.add(found(findings));
    }
    said.addAll(unchecked);
    // What could not be looked at may be equal or not: without a difference, nothing is known.
    boolean failed = findings.differences() == 0 && !unchecked.isEmpty();
    return new CheckOutcome(
        failed ? RunState.FAILED : RunState.PARTIAL, Optional.of(String.join("; ", said)));
  }

  private static List<String> unchecked(CheckRun run) {
    List<String> unchecked = new ArrayList<>();
    run.local().refused().ifPresent(why -> unchecked.add("the store could not be checked: " + why));
    for (RemoteCheck remote : run.getRemotes()) {
      remote
          .fault()
          .ifPresent(
              e ->
                  unchecked.add(
                      "remote '%s' could not be checked: %s"
                          .formatted(remote.name(), e.getMessage())));
    }
    return unchecked;
  }

  private static String found(Findings findings) {
    String repaired =
        findings.repaired() > 0 ? ", %d of them mended".formatted(findings.repaired()) : "";
    return findings.byReason() + repaired + "; see the run's items";
  }
}
