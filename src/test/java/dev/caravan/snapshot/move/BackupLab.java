package dev.caravan.snapshot.move;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.event.StorePath;
import dev.caravan.event.WantedSums;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.TextContent;
import dev.caravan.remote.memory.MemoryRemote;
import dev.caravan.snapshot.claim.PrefixClaim;
import dev.caravan.snapshot.env.MoverEnvironment;
import dev.caravan.snapshot.env.MoverSettings;
import dev.caravan.snapshot.manifest.ManifestEntry;
import dev.caravan.snapshot.manifest.ManifestObject;
import dev.caravan.snapshot.manifest.ManifestReader;
import dev.caravan.store.StoreTree;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A folder of a hundred files, and a bucket in memory that it is backed up to. */
abstract class BackupLab {

  static final String NAME = "2026-11-21-032800";

  @TempDir Path source;
  final MemoryRemote remote = new MemoryRemote("bucket");
  final Map<String, String> env = new LinkedHashMap<>();
  final Map<ObjectKey, Instant> putAt = new ConcurrentHashMap<>();

  /** What puts recorded beside objects, where that is not what they hold. */
  final Map<ObjectKey, String> recorded = new ConcurrentHashMap<>();

  boolean checksNothing;
  boolean sweepRefused;
  int longestKey = 1024;
  final Set<ObjectKey> corruptOnce = ConcurrentHashMap.newKeySet();
  final Set<ObjectKey> blindOnceTo = ConcurrentHashMap.newKeySet();
  Duration bucketAhead = Duration.ZERO;
  MoverCounts counts = new MoverCounts();
  final LongAdder copiedOnWord = new LongAdder();

  @BeforeEach
  void fill() throws Exception {
    for (int i = 0; i < 100; i++) {
      write("d/f%02d".formatted(i), "content " + i);
    }
    Files.createDirectories(source.resolve("empty"));
  }

  void run() throws Exception {
    try (Backup backup = new Backup(world())) {
      assertThat(backup.open()).isTrue();
      Batches batches = backup.batches(backup.survey());
      while (batches.hasNext()) {
        backup.move(batches.next());
      }
      assertThat(batches.failure()).isEmpty();
      backup.finish();
      if (world().settings().safety().verify()) {
        verify(backup);
      }
      backup.seal();
    }
  }

  static void verify(Backup backup) throws Exception {
    try (Verification verification = backup.verification()) {
      for (Iterator<List<ManifestEntry>> each = verification.portions(); each.hasNext(); ) {
        verification.ask(each.next());
      }
      verification.end();
    }
  }

  MoverWorld world() {
    Map<String, String> all =
        new LinkedHashMap<>(
            Map.of(
                "AWS_ACCESS_KEY_ID", "key",
                "AWS_SECRET_ACCESS_KEY", "secret",
                "BUCKET_HOST", "localhost",
                "BUCKET_NAME", "bucket",
                "SOURCE_PATH", source.toString()));
    all.putAll(env);
    MoverSettings settings = MoverEnvironment.read(all).settings();
    Clock clock = Clock.systemUTC();
    return new MoverWorld(
        settings,
        "owner",
        "caravan test",
        new StoreTree(source, Path.of("/nonexistent/caravan"), clock),
        sorted(),
        new PrefixClaim(remote, "", () -> remote),
        counts,
        clock);
  }

  private Instant now() {
    return Instant.now().plus(bucketAhead);
  }

  private ObjectStat withRecord(ObjectStat stat) {
    return new ObjectStat(
        stat.key(),
        stat.sizeBytes(),
        stat.modifiedAt(),
        stat.etag(),
        stat.version(),
        Optional.ofNullable(recorded.get(stat.key())));
  }

  private ObjectStat listed(ObjectStat stat) {
    return new ObjectStat(
        stat.key(),
        stat.sizeBytes(),
        putAt.getOrDefault(stat.key(), now()),
        stat.etag(),
        stat.version(),
        Optional.empty());
  }

  /** S3 compares no SHA-256: it copies what is there, and its word says nothing of that. */
  private Optional<ObjectStat> copied(String how, ObjectStat from, ObjectKey to) throws Exception {
    ObjectStat there = remote.find(from.key()).orElseThrow();
    Optional<ObjectStat> copy = remote.copy(there, to);
    if (!how.equals("copyOnWord")) {
      return copy;
    }
    copiedOnWord.increment();
    return Optional.of(
        new ObjectStat(
            to, from.sizeBytes(), from.modifiedAt(), from.etag(), Optional.empty(), from.sha256()));
  }

  /** Lists as S3 does, with the times of puts; the memory has no order. */
  Remote sorted() {
    InvocationHandler handler =
        (self, method, arguments) -> {
          try {
            if (method.getName().equals("put")) {
              putAt.put((ObjectKey) arguments[0], now());
            } else if (method.getName().startsWith("copy")) {
              putAt.put((ObjectKey) arguments[1], now());
              return copied(method.getName(), (ObjectStat) arguments[0], (ObjectKey) arguments[1]);
            }
            if (method.getName().equals("refusal")) {
              boolean fits = ((StorePath) arguments[0]).utf8Length() <= longestKey;
              return fits ? Optional.empty() : Optional.of("it is too long");
            }
            if (sweepRefused && method.getName().equals("sweep")) {
              throw new RemoteException(RemoteException.Cause.PERMISSION, "no");
            }
            if (method.getName().equals("wantedSums")) {
              return WantedSums.md5(checksNothing);
            }
            if (method.getName().equals("put") && corruptOnce.remove(arguments[0])) {
              remote.put((ObjectKey) arguments[0], new TextContent("something else"));
              throw new RemoteException(RemoteException.Cause.CORRUPT, "planned");
            }
            if (method.getName().equals("find") && recorded.containsKey(arguments[0])) {
              return remote.find((ObjectKey) arguments[0]).map(this::withRecord);
            }
            if (method.getName().equals("find") && blindOnceTo.remove(arguments[0])) {
              return Optional.empty();
            }
            if (!method.getName().equals("list")) {
              return method.invoke(remote, arguments);
            }
            List<ObjectStat> all = new ArrayList<>();
            remote.list((String) arguments[0], all::add);
            all.sort((a, b) -> StorePath.compareUtf8(a.key().value(), b.key().value()));
            for (ObjectStat each : all) {
              ((Remote.Visitor) arguments[1]).visit(listed(each));
            }
            return null;
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        };
    return (Remote)
        Proxy.newProxyInstance(
            Remote.class.getClassLoader(), new Class<?>[] {Remote.class}, handler);
  }

  List<String> manifest(String folder) throws Exception {
    List<String> keys = new ArrayList<>();
    try (ManifestReader reader = ManifestObject.load(remote, folder).orElseThrow().open()) {
      for (Optional<ManifestEntry> e = reader.next(); e.isPresent(); e = reader.next()) {
        keys.add(e.get().path() + (e.get().isFolder() ? "/" : ""));
      }
    }
    return keys;
  }

  Set<String> keys() throws Exception {
    Set<String> keys = new TreeSet<>();
    remote.list("", stat -> keys.add(stat.key().value()));
    return keys;
  }

  void write(String path, String text) throws Exception {
    Path file = source.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
