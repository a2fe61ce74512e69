package dev.caravan.catalog;

import dev.caravan.event.Operation;
import dev.caravan.event.RunId;
import dev.caravan.event.RunState;
import dev.caravan.event.Trigger;
import java.util.Optional;

/**
 * One run of the history.
 *
 * @param startedMillis 0 while it is queued
 * @param endedMillis 0 until it ended
 * @param error one line, why it did not succeed
 * @param report progress, counts, remotes and log tail, as a JSON object
 */
public record RunRow(
    RunId id,
    Operation operation,
    Trigger trigger,
    RunState state,
    boolean dryRun,
    long requestedMillis,
    long startedMillis,
    long endedMillis,
    Optional<String> error,
    String report) {}
