package dev.caravan.config;

import java.time.Duration;

/** The run history. */
public record RunsSettings(
    @Setting(value = "How long ended runs are kept; failed runs stay.", def = "90d")
        Duration keep) {}
