package dev.caravan.dgraph.make;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.export.ExportFiles;
import dev.caravan.config.DgraphSettings;
import dev.caravan.config.Settings;
import dev.caravan.config.StoreSettings;
import dev.caravan.config.check.Loopback;
import dev.caravan.dgraph.DgraphSteps;
import dev.caravan.dgraph.ExportMeters;
import dev.caravan.dgraph.ExportWorld;
import dev.caravan.dgraph.Exports;
import dev.caravan.dgraph.files.ExportFetch;
import dev.caravan.dgraph.files.Vault;
import dev.caravan.dgraph.proxy.ExportProxy;
import dev.caravan.event.EventBus;
import dev.caravan.event.ObjectContent;
import dev.caravan.event.RunId;
import dev.caravan.remote.Backoff;
import dev.caravan.remote.MeteredRemote;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RetryingRemote;
import dev.caravan.remote.UploadJournal;
import dev.caravan.remote.s3.S3Patience;
import dev.caravan.remote.s3.S3Remote;
import dev.caravan.store.StoreTree;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The proxy for Dgraph's exports and what follows them, where a bucket for them is configured. */
public final class DgraphMaker implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.dgraph");

  private final Optional<Parts> parts;

  private record Parts(
      Exports exports, ExportProxy proxy, Vault vault, Optional<String> exposure) {}

  /**
   * What it is made of.
   *
   * @param parts the record by which uploads that were cut off are gone on with
   */
  public record World(
      Settings settings,
      Catalog catalog,
      EventBus events,
      MeterRegistry meters,
      Clock clock,
      UploadJournal.Parts parts) {}

  /**
   * Opens nothing yet.
   *
   * @param ids names runs
   */
  public DgraphMaker(World world, Supplier<RunId> ids) {
    ExportMeters meters = new ExportMeters(world.meters());
    this.parts =
        world.settings().dgraph().isWanted()
            ? Optional.of(make(world, meters, ids))
            : Optional.empty();
  }

  private static Parts make(World world, ExportMeters meters, Supplier<RunId> ids) {
    DgraphSettings dgraph = world.settings().dgraph();
    StoreSettings store = world.settings().store();
    ExportFiles files = new ExportFiles(world.catalog());
    UploadJournal journal = new Journal(files, world.parts(), world.clock());
    Vault vault = vault(dgraph, journal, world.meters(), world.clock());
    Exports exports =
        new Exports(
            new ExportWorld(
                dgraph,
                world.catalog(),
                new StoreTree(dgraph.towatch(), store.stateFolder(), world.clock()),
                vault,
                world.parts(),
                world.events(),
                meters,
                ids,
                world.clock()));
    ExportProxy proxy = new ExportProxy(dgraph, exports, world.clock());
    return new Parts(exports, proxy, vault, exposure(dgraph));
  }

  /** What a person should know of who reaches the Alpha through the proxy; empty when nothing. */
  static Optional<String> exposure(DgraphSettings dgraph) {
    return Loopback.is(dgraph.host()) || dgraph.authToken().isPresent() || dgraph.user().isPresent()
        ? Optional.empty()
        : Optional.of(
            ("the proxy listens on %s: for the Alpha every client now has this machine's address,"
                    + " so its IP whitelist keeps nobody out; set a token or ACL at the Alpha, let"
                    + " only known hosts through to the port, or listen on 127.0.0.1")
                .formatted(dgraph.host()));
  }

  /**
   * Brings exports back from S3, without a daemon and without a record.
   *
   * @param names of folders or objects
   * @param to the folder for them
   * @param told is told of each file, a line each
   * @return how many files came
   * @throws IOException when a file cannot be written, or is not what was stored
   */
  public static int fetch(
      DgraphSettings dgraph, List<String> names, Path to, Consumer<String> told, Clock clock)
      throws IOException, RemoteException {
    int files = 0;
    try (Vault vault = vault(dgraph, new NoJournal(), new SimpleMeterRegistry(), clock)) {
      ExportFetch fetch = new ExportFetch(vault.remote(), to, told);
      for (String name : names) {
        files += fetch.fetch(name);
      }
    }
    return files;
  }

  /** Nothing is uploaded. */
  private static final class NoJournal implements UploadJournal {
    @Override
    public void begun(ObjectKey key) {}

    @Override
    public void ended(ObjectKey key) {}
  }

  /** The bucket that is configured, with retries around it. */
  private static Vault vault(
      DgraphSettings dgraph, UploadJournal journal, MeterRegistry meters, Clock clock) {
    S3Patience patience = S3Patience.of(dgraph.responseTimeout(), dgraph.idleTimeout());
    S3Remote bucket = new S3Remote(dgraph.s3(), journal, clock, patience);
    Remote metered = new MeteredRemote(bucket, meters, (name, direction, bytes) -> {});
    return new Vault(
        new RetryingRemote(metered, Backoff.standard(new SecureRandom())), new Server(bucket));
  }

  /** What only a bucket on S3 can do. */
  private record Server(S3Remote bucket) implements Vault.Server {
    @Override
    public Optional<String> encryption(ObjectKey key) throws RemoteException {
      return bucket.customerEncryption(key);
    }

    @Override
    public boolean create(ObjectKey key, ObjectContent content) throws RemoteException {
      try {
        return bucket.create(key, content);
      } catch (IOException e) {
        throw new IllegalStateException("A content in memory cannot be read", e);
      }
    }
  }

  /** Notes uploads that would leave parts behind before they begin, and how far they come. */
  private record Journal(ExportFiles files, UploadJournal.Parts record, Clock clock)
      implements UploadJournal {
    @Override
    public Optional<UploadJournal.Parts> parts() {
      return Optional.of(record);
    }

    @Override
    public void begun(ObjectKey key) {
      files.recordUpload(key.value(), clock.millis());
    }

    @Override
    public void ended(ObjectKey key) {
      files.recordUploadEnd(key.value());
    }
  }

  /** Empty where no bucket for exports is configured. */
  public Optional<Exports> exports() {
    return parts.map(Parts::exports);
  }

  /** What the routes call. */
  public DgraphSteps steps() {
    return new DgraphSteps(exports());
  }

  /** Why exports are not brought as they should be; empty when all is well. */
  public List<String> worries() {
    return parts.map(each -> each.exports().worries()).orElse(List.of());
  }

  /** Begins to listen. */
  public void start() {
    if (parts.isPresent()) {
      int port = parts.get().proxy().start();
      LOG.info("proxy    port {} for Dgraph -> {}", port, parts.get().vault().identity());
      parts.get().exposure().ifPresent(LOG::warn);
    }
  }

  @Override
  public void close() {
    parts.ifPresent(
        each -> {
          each.proxy().close();
          each.exports().close();
        });
  }
}
