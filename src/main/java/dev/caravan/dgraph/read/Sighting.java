package dev.caravan.dgraph.read;

import java.util.List;
import java.util.Optional;

/**
 * An export that an answer told of.
 *
 * @param taskId hexadecimal with {@code 0x}, or decimal, as the Alpha wrote it; empty when the
 *     export was over by then, or when the client did not ask for it
 * @param files the Alpha named, below its export folder; empty when the answer named none
 * @param over the export was over when the answer came
 * @param format {@code rdf} or {@code json}
 * @param destination where the Alpha brings the files itself, without any secret
 */
public record Sighting(
    Optional<String> taskId,
    List<String> files,
    boolean over,
    String format,
    Optional<String> destination) {}
