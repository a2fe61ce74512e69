package dev.caravan.remote.flow;

import java.time.Duration;

/**
 * How hard a remote is worked at this moment.
 *
 * @param window calls that it bears at once, as far as is known
 * @param usual calls at once that it is given as long as it does not complain
 * @param ceiling most calls at once
 * @param inFlight calls under way
 * @param breaker {@code closed} as usual, {@code open} while it is left alone, {@code half_open}
 *     while one call finds out whether it works again
 * @param left how long it is left alone still; zero unless it is {@code open}
 */
public record FlowState(
    int window, int usual, int ceiling, int inFlight, String breaker, Duration left) {}
