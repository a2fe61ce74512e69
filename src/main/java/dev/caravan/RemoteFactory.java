package dev.caravan;

import dev.caravan.catalog.Catalog;
import dev.caravan.config.CamelSettings;
import dev.caravan.config.DirSettings;
import dev.caravan.config.RcloneSettings;
import dev.caravan.config.RemoteSettings;
import dev.caravan.config.RsyncSettings;
import dev.caravan.config.S3Settings;
import dev.caravan.config.SftpSettings;
import dev.caravan.config.StorageSettings;
import dev.caravan.remote.Backoff;
import dev.caravan.remote.MeteredRemote;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RateLimit;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RetryingRemote;
import dev.caravan.remote.ThrottledRemote;
import dev.caravan.remote.UploadJournal;
import dev.caravan.remote.camel.CamelProducer;
import dev.caravan.remote.camel.CamelRemote;
import dev.caravan.remote.dir.DirRemote;
import dev.caravan.remote.flow.Controls;
import dev.caravan.remote.flow.FlowRemote;
import dev.caravan.remote.flow.Room;
import dev.caravan.remote.rclone.RcloneRemote;
import dev.caravan.remote.rsync.RsyncCarrier;
import dev.caravan.remote.s3.S3Remote;
import dev.caravan.remote.sftp.SftpRemote;
import dev.caravan.sync.move.MirroredRemote;
import dev.caravan.upload.CatalogParts;
import io.micrometer.core.instrument.MeterRegistry;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Makes the configured remotes, each wrapped in retry, limits and metering. */
final class RemoteFactory {

  private final Catalog catalog;
  private final MeterRegistry meters;
  private final Clock clock;
  private final Supplier<CamelProducer> producers;

  /**
   * @param producers makes what sends to the operator's own endpoints
   */
  RemoteFactory(
      Catalog catalog, MeterRegistry meters, Clock clock, Supplier<CamelProducer> producers) {
    this.catalog = catalog;
    this.meters = meters;
    this.clock = clock;
    this.producers = producers;
  }

  List<MirroredRemote> make(StorageSettings storage) {
    return storage.remotes().stream().map(each -> wrapped(each, storage)).toList();
  }

  private MirroredRemote wrapped(RemoteSettings settings, StorageSettings storage) {
    Remote metered = new MeteredRemote(bare(settings), meters, (name, direction, bytes) -> {});
    RateLimit limit =
        new RateLimit(
            storage.bandwidth(), Clock.system(ZoneId.systemDefault()), RemoteFactory::sleep);
    FlowRemote flow =
        new FlowRemote(new ThrottledRemote(metered, limit), room(settings, storage))
            .metered(meters);
    Backoff backoff = Backoff.standard(new SecureRandom());
    return new MirroredRemote(
        new RetryingRemote(flow, backoff, flow.budget(), flow.readBudget()),
        new Controls(flow, limit));
  }

  /** Only S3 is given more than the usual: a server of files has fewer hands, and a login each. */
  private static Room room(RemoteSettings settings, StorageSettings storage) {
    int most = settings instanceof S3Settings s3 ? s3.transfers() : storage.transfers();
    return new Room(Math.min(storage.transfers(), most), most);
  }

  private static void sleep(Duration duration) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(duration.toNanos());
  }

  private Remote bare(RemoteSettings settings) {
    if (settings instanceof S3Settings s3) {
      return new S3Remote(s3, new CatalogJournal(catalog, s3.name(), clock), clock);
    }
    if (settings instanceof CamelSettings camel) {
      return new CamelRemote(camel, producers.get());
    }
    if (settings instanceof RcloneSettings rclone) {
      return new RcloneRemote(rclone, clock);
    }
    if (settings instanceof DirSettings dir) {
      return new DirRemote(dir, clock);
    }
    if (settings instanceof SftpSettings sftp) {
      return new SftpRemote(sftp, clock);
    }
    if (settings instanceof RsyncSettings rsync) {
      return rsync(rsync);
    }
    throw new IllegalStateException("No provider for " + settings.provider());
  }

  /** rsync carries the files; all else it cannot do is done as for a remote without it. */
  private Remote rsync(RsyncSettings rsync) {
    RsyncCarrier carrier = new RsyncCarrier(rsync);
    return rsync
        .server()
        .<Remote>map(server -> new SftpRemote(server, clock, carrier))
        .orElseGet(() -> new DirRemote(rsync.folder(), clock, carrier));
  }

  /** Notes in the catalog uploads that would leave something behind, and how far they come. */
  private record CatalogJournal(Catalog catalog, String remote, Clock clock)
      implements UploadJournal {
    @Override
    public Optional<UploadJournal.Parts> parts() {
      return Optional.of(new CatalogParts(catalog));
    }

    @Override
    public void begun(ObjectKey key) {
      catalog.commit(
          session ->
              catalog
                  .remotes()
                  .find(session, remote)
                  .ifPresent(
                      row ->
                          catalog
                              .uploads()
                              .recordBegun(session, row.id(), key.value(), clock.millis())));
    }

    @Override
    public void ended(ObjectKey key) {
      catalog.submit(
          session ->
              catalog
                  .remotes()
                  .find(session, remote)
                  .ifPresent(row -> catalog.uploads().recordEnded(session, row.id(), key.value())));
    }
  }
}
