package dev.caravan.catalog;

/**
 * A refusal that waits for a person.
 *
 * @param kind such as {@code max_delete}
 * @param message what was refused, why, and what to do
 * @param approved true once a person agreed; it is carried out by the next run
 */
public record HaltRow(
    long id, String runId, String kind, String message, long begunMillis, boolean approved) {}
