package dev.caravan.config;

import java.net.URI;
import java.util.Optional;

/** Whom to tell. */
public record AlertSettings(
    @Setting("POST here after consecutive failures of one job, and once on recovery.")
        Optional<URI> webhookUrl,
    @Setting(value = "How many failures in a row raise an alert.", def = "3", min = 1)
        int maxConsecutiveErrors,
    @Setting("Dead-man ping: GET /start, the plain URL on success, /fail.")
        Optional<URI> pingUrl) {}
