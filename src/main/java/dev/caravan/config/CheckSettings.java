package dev.caravan.config;

import java.time.Duration;

/** What is checked by itself, a share each day. */
public record CheckSettings(
    @Setting(
            value =
                "Within this time every byte at every remote is read again, a share each day;"
                    + " 0s = never.",
            def = "0s")
        Duration cycle,
    @Setting(
            value = "How many files a day are restored to a scratch folder and compared; 0 = none.",
            def = "0",
            min = 0,
            max = 1_000)
        int drill) {}
