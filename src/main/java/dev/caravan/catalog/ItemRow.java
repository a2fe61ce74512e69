package dev.caravan.catalog;

import java.util.Optional;

/**
 * What a run did, or would do, to one file.
 *
 * @param path in the text form of a store path; a folder where a whole folder is meant
 * @param remote absent when no single remote is meant
 * @param action such as {@code upload}
 * @param reason such as {@code new}
 * @param state {@code planned}, {@code done}, {@code skipped} or {@code failed}
 * @param sizeBytes -1 when it has none
 * @param message why, for what did not go well
 */
public record ItemRow(
    long seq,
    String path,
    Optional<String> remote,
    String action,
    String reason,
    String state,
    long sizeBytes,
    Optional<String> message) {}
