package dev.caravan.archive.make;

import dev.caravan.archive.ArchiveGauges;
import dev.caravan.archive.ArchiveHost;
import dev.caravan.archive.ArchiveMeters;
import dev.caravan.archive.ArchiveWorld;
import dev.caravan.archive.Archives;
import dev.caravan.archive.carry.Carriers;
import dev.caravan.catalog.Catalog;
import dev.caravan.config.Settings;
import dev.caravan.event.EventBus;
import dev.caravan.event.RunId;
import dev.caravan.remote.Remote;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/** The archives of a process: there are none before {@link #open}, and none without a daemon. */
public final class ArchiveMaker implements AutoCloseable {

  private final Settings settings;
  private final World world;
  private final Supplier<RunId> ids;
  private final Links links;
  private volatile Optional<Archives> archives = Optional.empty();

  /** What all of Caravan works with. */
  public record World(Catalog catalog, EventBus events, MeterRegistry meters, Clock clock) {}

  /**
   * What the rest of the process does for archives.
   *
   * @param remotes the configured remotes, by their names
   * @param holds what a person wants of everything, or of the remote of this name
   * @param alerts returns once an alert is on record to be told to people
   */
  public record Links(
      Function<String, Remote> remotes,
      Function<Optional<String>, ArchiveHost.Hold> holds,
      Consumer<Map<String, Object>> alerts) {}

  /**
   * @param ids of new runs
   */
  public ArchiveMaker(Settings settings, World world, Supplier<RunId> ids, Links links) {
    this.settings = settings;
    this.world = world;
    this.ids = ids;
    this.links = links;
  }

  /**
   * Opens them, ends what a dead process left, and looks at what can be looked at.
   *
   * @throws IOException when a database cannot be used
   */
  public Archives open() throws IOException {
    Carriers carriers =
        new Carriers(links.remotes(), settings.store().stateFolder(), world.clock());
    ArchiveHost host = new ArchiveHost(carriers::of, links.holds(), links.alerts());
    Archives opened =
        new Archives(
            settings.archives(),
            new ArchiveWorld(
                world.catalog(),
                world.events(),
                new ArchiveMeters(world.meters()),
                host,
                ids,
                world.clock()));
    ArchiveGauges.register(opened, world.meters());
    archives = Optional.of(opened);
    opened.enrol();
    return opened;
  }

  /** Asks the round that this run is of to end; false when no archive is at it. */
  public boolean cancel(RunId id) {
    return archives.filter(all -> all.cancel(id)).isPresent();
  }

  /** Asks every round that is under way to end. */
  public void cancelAll() {
    archives.ifPresent(Archives::cancelAll);
  }

  /** True while a round is under way, of the archives of this remote or of any. */
  public boolean isBusy(Optional<String> remote) {
    return archives.filter(all -> all.isBusy(remote)).isPresent();
  }

  /** Which archives have not worked for long. */
  public List<String> worries() {
    return archives.map(Archives::worries).orElse(List.of());
  }

  /** Lets nothing more begin, and ends what is under way. */
  public void stop() {
    archives.ifPresent(Archives::stop);
  }

  @Override
  public void close() {
    archives.ifPresent(Archives::close);
  }
}
