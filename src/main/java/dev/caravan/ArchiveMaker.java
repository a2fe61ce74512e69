package dev.caravan;

import dev.caravan.archive.ArchiveGauges;
import dev.caravan.archive.ArchiveMeters;
import dev.caravan.archive.ArchiveWorld;
import dev.caravan.archive.Archives;
import dev.caravan.archive.carry.Carrier;
import dev.caravan.archive.carry.ObjectCarrier;
import dev.caravan.archive.carry.TreeCarrier;
import dev.caravan.catalog.Catalog;
import dev.caravan.config.ArchiveSettings;
import dev.caravan.config.Settings;
import dev.caravan.event.EventBus;
import dev.caravan.sync.move.MirroredRemote;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.util.List;

/** Makes the archives, and tells them what they need to know of the rest. */
record ArchiveMaker(Settings settings, Catalog catalog, List<MirroredRemote> remotes, Clock clock) {

  Archives make(EventBus events, MeterRegistry meters) throws IOException {
    Archives made =
        new Archives(
            settings.archives(),
            new ArchiveWorld(
                catalog,
                events,
                new ArchiveMeters(meters),
                this::carrier,
                () -> Operations.newRunId(clock.instant()),
                clock));
    ArchiveGauges.register(made, meters, clock);
    return made;
  }

  private Carrier carrier(ArchiveSettings archive) {
    return archive
        .remote()
        .<Carrier>map(
            name ->
                remotes.stream()
                    .filter(each -> each.name().equals(name))
                    .findFirst()
                    .<Carrier>map(
                        each -> new ObjectCarrier(each.remote(), archive.remoteBasedir(), clock))
                    .orElseThrow())
        .orElseGet(() -> new TreeCarrier(archive));
  }
}
