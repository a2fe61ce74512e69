package dev.caravan.archive;

import dev.caravan.catalog.Catalog;
import dev.caravan.event.EventBus;
import dev.caravan.event.RunId;
import java.time.Clock;
import java.util.function.Supplier;

/**
 * What archives work with.
 *
 * @param ids of new runs
 * @param clock also of the stamps of files, and of what the database says of time
 */
public record ArchiveWorld(
    Catalog catalog,
    EventBus events,
    ArchiveMeters meters,
    ArchiveHost host,
    Supplier<RunId> ids,
    Clock clock) {

  /** Now, in seconds since 1970, as the tables of SupRsync have it. */
  double seconds() {
    return clock.millis() / 1000.0;
  }
}
