package dev.caravan.alert;

import dev.caravan.event.Operation;
import dev.caravan.event.RunId;
import dev.caravan.event.RunState;
import java.util.Optional;

/**
 * A run came into a state.
 *
 * @param begun false when it ended before it began
 * @param atMillis when
 * @param error one line, why it did not succeed
 */
record RunNews(
    long seq,
    RunId run,
    Operation operation,
    RunState state,
    boolean begun,
    long atMillis,
    Optional<String> error) {}
