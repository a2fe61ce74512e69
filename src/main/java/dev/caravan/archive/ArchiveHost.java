package dev.caravan.archive;

import dev.caravan.archive.carry.Carrier;
import dev.caravan.config.ArchiveSettings;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What archives need of the process around them.
 *
 * @param carriers makes what carries an archive's files
 * @param holds what a person wants at this moment of everything, or of the remote of this name
 * @param alerts returns once an alert is on record to be told to people
 */
public record ArchiveHost(
    Function<ArchiveSettings, Carrier> carriers,
    Function<Optional<String>, Hold> holds,
    Consumer<Map<String, Object>> alerts) {

  /** What a person wants. */
  public enum Hold {
    /** It works. */
    NONE,
    /** Nothing new is begun; the batch under way is finished. */
    PAUSED,
    /** Nothing new is begun, and the batch under way is broken off. */
    STOPPED
  }
}
