package dev.caravan.dgraph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.export.ExportRow;
import dev.caravan.catalog.export.ExportState;
import dev.caravan.config.DgraphSettings;
import dev.caravan.config.read.ConfigReader;
import dev.caravan.dgraph.files.Vault;
import dev.caravan.dgraph.proxy.ExportProxy;
import dev.caravan.event.EventBus;
import dev.caravan.event.ObjectContent;
import dev.caravan.event.RunId;
import dev.caravan.event.RunState;
import dev.caravan.lab.FakeAlpha;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.memory.MemoryRemote;
import dev.caravan.store.FileStat;
import dev.caravan.store.StoreTree;
import dev.caravan.upload.CatalogParts;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;

/**
 * A client, the proxy, a fake Alpha and a bucket in memory, with the steps of the routes taken one
 * after the other when a test waits for something.
 */
final class DgraphWorld implements AutoCloseable {

  static final String EXPORT =
      "mutation { export(input: {format: \"rdf\"}) { response { code message } taskId } }";

  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final Path folder;
  private final List<String> sets;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final MemoryRemote remote;
  private final Trusted server;
  private final FakeAlpha alpha;
  private final MeterRegistry meters = new SimpleMeterRegistry();
  private Catalog catalog;
  private Exports exports;
  private DgraphSteps steps;
  private Bringing bringing;
  private Proving proving;
  private Cleaning cleaning;
  private ExportProxy proxy;

  DgraphWorld(Path folder, FakeAlpha.Generation generation, String... more) throws IOException {
    this(folder, new MemoryRemote("dgraph"), new Trusted(), generation, more);
  }

  private DgraphWorld(
      Path folder,
      MemoryRemote remote,
      Trusted server,
      FakeAlpha.Generation generation,
      String... more)
      throws IOException {
    this.folder = folder;
    this.remote = remote;
    this.server = server;
    this.alpha = FakeAlpha.in(Files.createDirectories(folder.resolve("export")), generation);
    this.sets =
        new ArrayList<>(
            List.of(
                "dgraph.bucket_name=b",
                "dgraph.crypto_key=0123456789abcdef0123456789abcdef",
                "dgraph.port=0",
                "dgraph.upstream=" + alpha.uri(),
                "dgraph.towatch=" + alpha.exports(),
                "dgraph.poll=100ms",
                "dgraph.settle=50ms"));
    sets.addAll(List.of(more));
    begin();
  }

  /** Another Alpha and another Caravan, with the same bucket. */
  DgraphWorld twin(Path other) throws IOException {
    return new DgraphWorld(other, remote, server, FakeAlpha.Generation.ASYNCHRONOUS);
  }

  /** The bucket does not heed conditions any more. */
  void heedless() {
    server.heeds = false;
  }

  private DgraphSettings settings() {
    ConfigReader.Result read = new ConfigReader(Map.of(), folder).read(Optional.empty(), sets);
    assertThat(read.problems()).isEmpty();
    return read.settings().orElseThrow().dgraph();
  }

  private void begin() throws IOException {
    Path state = Files.createDirectories(folder.resolve("state"));
    catalog = Catalog.open(state);
    Clock clock = Clock.systemUTC();
    DgraphSettings settings = settings();
    exports =
        new Exports(
            new ExportWorld(
                settings,
                catalog,
                new StoreTree(settings.towatch(), state, clock),
                new Vault(remote, server),
                new CatalogParts(catalog),
                new EventBus(clock),
                new ExportMeters(meters),
                () -> new RunId(UUID.randomUUID().toString()),
                clock));
    steps = new DgraphSteps(Optional.of(exports));
    bringing = new Bringing(exports);
    proving = new Proving(exports);
    cleaning = new Cleaning(exports);
    proxy = new ExportProxy(settings, exports, clock);
    proxy.start();
  }

  /** What memory cannot do is taken for done; claims are not counted among the objects. */
  private static final class Trusted implements Vault.Server {
    private final Set<ObjectKey> claims = ConcurrentHashMap.newKeySet();
    private volatile boolean heeds = true;

    @Override
    public Optional<String> encryption(ObjectKey key) {
      return Optional.of("AES256");
    }

    @Override
    public boolean create(ObjectKey key, ObjectContent content) {
      return claims.add(key) || !heeds;
    }

    @Override
    public boolean isEnforced(Map<String, String> facts) {
      return true;
    }
  }

  /** Ends and begins again, with what is in the catalog and nothing else. */
  void restart(String... more) throws IOException {
    end();
    sets.addAll(List.of(more));
    begin();
  }

  private void end() {
    proxy.close();
    exports.close();
    catalog.close();
  }

  FakeAlpha alpha() {
    return alpha;
  }

  MemoryRemote remote() {
    return remote;
  }

  int port() {
    return proxy.port();
  }

  URI proxied(String path) {
    return URI.create("http://127.0.0.1:" + proxy.port() + path);
  }

  /** Asks for an export, through the proxy; returns its task's id. */
  String export() {
    return export(EXPORT);
  }

  String export(String query, String... headers) {
    post("application/graphql", query, headers);
    return alpha.lastTask();
  }

  HttpResponse<String> post(String type, String body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(proxied("/admin")).header("Content-Type", type);
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return send(request.POST(HttpRequest.BodyPublishers.ofString(body)).build());
  }

  HttpResponse<String> send(HttpRequest request) {
    try {
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** How many runs are counted that ended so. */
  long runs(RunState state) {
    return (long)
        meters
            .get("caravan.runs")
            .tags("operation", "export", "state", state.label())
            .counter()
            .count();
  }

  /** What is on record, the oldest first. */
  List<ExportRow> rows() {
    List<ExportRow> rows = new ArrayList<>(exports.page(Optional.empty(), Long.MAX_VALUE, 100));
    Collections.reverse(rows);
    return rows;
  }

  ExportRow row(int number) {
    return rows().get(number - 1);
  }

  Exports exports() {
    return exports;
  }

  /** Takes steps until the export is in this state. */
  ExportRow await(int number, ExportState state) {
    AtomicReference<ExportRow> row = new AtomicReference<>();
    Awaitility.await("export " + number + " " + state)
        .atMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              step();
              row.set(row(number));
              return row.get().state() == state;
            });
    return row.get();
  }

  /** Takes steps until a try to bring the export's files has failed. */
  ExportRow awaitFailedTry(int number) {
    Awaitility.await("a failed try of export " + number)
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              step();
              return row(number).attempts() > 0;
            });
    return row(number);
  }

  /** Takes steps until what is on record of the export says this. */
  ExportRow awaitMessage(int number, String words) {
    Awaitility.await(words)
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              step();
              return row(number).error().orElse("").contains(words);
            });
    return row(number);
  }

  /** Takes steps until nothing is to be done at once. */
  void step() throws IOException, InterruptedException {
    for (long id : steps.due()) {
      try {
        step(id);
      } catch (IOException e) {
        // As the routes do with what goes wrong before a try begins.
        exports.delay(id, Bringing.message(e));
      } finally {
        exports.release(id);
      }
    }
  }

  private void step(long id) throws IOException, InterruptedException {
    ExportRow row = exports.ask(exports.find(id).orElseThrow());
    if (!DgraphSteps.isReady(row)) {
      steps.settle(row);
      return;
    }
    Optional<ExportRun> run = bringing.begin(row);
    if (run.isPresent()) {
      try {
        bringing.reserve(run.get());
        for (FileStat file : run.get().files()) {
          bringing.send(run.get(), file);
        }
        proving.verify(run.get());
        proving.seal(run.get());
        cleaning.clean(run.get());
      } catch (IOException | RemoteException | RuntimeException e) {
        run.get().fail(e);
      }
      bringing.end(run.get());
    }
  }

  /** The keys of all objects. */
  TreeSet<String> keys() {
    TreeSet<String> keys = new TreeSet<>();
    try {
      remote.list("", stat -> keys.add(stat.key().value()));
    } catch (RemoteException e) {
      throw new IllegalStateException(e);
    }
    return keys;
  }

  byte[] object(String key) throws Exception {
    try (InputStream in = remote.open(new ObjectKey(key), 0, -1)) {
      return in.readAllBytes();
    }
  }

  @Override
  public void close() {
    end();
    alpha.close();
  }
}
