package dev.caravan.snapshot.move;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.contract.TestContent;
import dev.caravan.event.StorePath;
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
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Backups to a remote in memory, step by step. */
class BackupTest {

  private static final String NAME = "2026-11-21-032800";

  @TempDir Path source;
  private final MemoryRemote remote = new MemoryRemote("bucket");
  private final Map<String, String> env = new LinkedHashMap<>();
  private MoverCounts counts = new MoverCounts();
  private final Clock now = Clock.systemUTC();
  private boolean sweepRefused;
  private int longestKey = 1024;

  @BeforeEach
  void fill() throws Exception {
    for (int i = 0; i < 100; i++) {
      write("d/f%02d".formatted(i), "content " + i);
    }
    Files.createDirectories(source.resolve("empty"));
  }

  @Test
  void aMirrorSendsWhatIsNewAndMovesWhatIsGoneToTheTrash() throws Exception {
    run();
    assertThat(counts.uploaded()).isEqualTo(100);
    Files.delete(source.resolve("d/f00"));
    write("e", "new");
    counts = new MoverCounts();
    run();
    assertThat(counts.uploaded()).isEqualTo(1);
    assertThat(keys()).contains("e").doesNotContain("d/f00");
    assertThat(keys()).anyMatch(key -> key.matches("\\.caravan/trash/.*/d/f00"));
    assertThat(manifest("")).contains("d/", "e", "empty/").doesNotContain("d/f00").hasSize(102);
  }

  @Test
  void whatAMirrorLostIsSentAgain() throws Exception {
    run();
    remote.delete(List.of(new ObjectKey("d/f07")));
    counts = new MoverCounts();
    run();
    assertThat(counts.uploaded()).isEqualTo(1);
    assertThat(keys()).contains("d/f07");
  }

  @Test
  void aMirrorThatKeepsStaysAWholeOne() throws Exception {
    run();
    env.put("DELETE_EXTRANEOUS", "false");
    for (int i = 0; i < 60; i++) {
      Files.delete(source.resolve("d/f%02d".formatted(i)));
    }
    run();
    assertThat(keys()).contains("d/f00");
    assertThat(manifest("")).contains("d/f00").hasSize(102);
    for (int i = 60; i < 100; i++) {
      Files.delete(source.resolve("d/f%02d".formatted(i)));
    }
    Files.delete(source.resolve("d"));
    write("d", "a file now");
    run();
    assertThat(manifest("")).as("nothing lies below a file").containsExactly("d", "empty/");
  }

  @Test
  void aShrunkenOrEmptySourceHaltsBeforeAnythingIsChanged() throws Exception {
    run();
    Set<String> held = keys();
    for (int i = 0; i < 21; i++) {
      Files.delete(source.resolve("d/f%02d".formatted(i)));
    }
    assertThatThrownBy(this::run)
        .isInstanceOf(HaltException.class)
        .hasMessageContaining("21 of the 100 files");
    assertThat(keys()).isEqualTo(held);
    env.put("MAX_DELETE", "30");
    run();
    assertThat(keys()).doesNotContain("d/f00");
  }

  @Test
  void aSourceThatVanishesMeanwhileStopsAtTheLimit() throws Exception {
    run();
    try (Backup backup = new Backup(world())) {
      backup.open();
      Survey survey = backup.survey();
      for (int i = 0; i < 100; i++) {
        Files.delete(source.resolve("d/f%02d".formatted(i)));
      }
      Batches batches = backup.batches(survey);
      while (batches.hasNext()) {
        backup.move(batches.next());
      }
      assertThat(batches.failure().orElseThrow()).isInstanceOf(HaltException.class);
    }
    assertThat(keys().stream().filter(key -> key.startsWith("d/")).count()).isGreaterThan(79);
  }

  @Test
  void theNextSnapshotIsCopiedByTheServer() throws Exception {
    env.put("ADD_TIMESTAMP_PREFIX", "true");
    env.put("BACKUP_TIMESTAMP", "2026-11-20-032800");
    run();
    counts = new MoverCounts();
    env.put("BACKUP_TIMESTAMP", NAME);
    write("d/f05", "changed!");
    run();
    assertThat(counts.uploaded()).isEqualTo(1);
    assertThat(counts.copied()).isEqualTo(99);
    assertThat(manifest(NAME + "/")).hasSize(102);
    assertThat(keys()).contains(NAME + "/d/f05", "2026-11-20-032800/d/f05");
  }

  @Test
  void anAttemptThatWasCutOffIsTakenUpAndTidied() throws Exception {
    env.put("ADD_TIMESTAMP_PREFIX", "true");
    env.put("BACKUP_TIMESTAMP", NAME);
    try (Backup backup = new Backup(world())) {
      backup.open();
      Batches batches = backup.batches(backup.survey());
      while (batches.hasNext()) {
        backup.move(batches.next());
      }
    }
    Files.delete(source.resolve("d/f00"));
    counts = new MoverCounts();
    run();
    assertThat(counts.view().get("resumed")).isEqualTo(99);
    assertThat(keys()).doesNotContain(NAME + "/d/f00").contains(NAME + "/d/f01");
    try (Backup again = new Backup(world())) {
      assertThat(again.open()).as("something to do").isFalse();
    }
  }

  @Test
  void whatLiesInAnothersPrefixIsLeftAlone() throws Exception {
    run();
    remote.put(new ObjectKey(".caravan/prefixes/theirs"), new TextContent("another\n"));
    remote.put(new ObjectKey("theirs/x"), new TextContent("x"));
    write("theirs/x", "mine");
    env.put("SKIP_UNREADABLE", "true");
    assertThatThrownBy(this::run)
        .isInstanceOf(IncompleteException.class)
        .hasMessageContaining("belongs to the backups of another source");
    assertThat(remote.open(new ObjectKey("theirs/x"), 0, -1)).hasContent("x");
  }

  @Test
  void whatAMirrorHadWhenItsPrefixBecameAnothersStaysInItsManifest() throws Exception {
    run();
    remote.put(new ObjectKey(".caravan/prefixes/d"), new TextContent("another\n"));
    assertThatThrownBy(this::run).isInstanceOf(IncompleteException.class);
    assertThat(manifest("")).contains("d/", "d/f00").hasSize(102);
  }

  @Test
  void noPrefixWithinShutsAFolderOutOfASnapshot() throws Exception {
    remote.put(new ObjectKey(".caravan/prefixes/d"), new TextContent("another\n"));
    env.put("ADD_TIMESTAMP_PREFIX", "true");
    env.put("BACKUP_TIMESTAMP", NAME);
    run();
    assertThat(manifest(NAME + "/")).contains("d/f00").hasSize(102);
  }

  @Test
  void rcloneIsKeptFromWhatIsNotThisSources() throws Exception {
    run();
    for (String key :
        List.of(
            "told/x",
            "untold/.caravan/store.id",
            "untold/x",
            "2020-01-01-000000/of the upstream image",
            "2020-02-02-000000/mine",
            ".caravan/snapshots/2020-03-03-000000",
            ".caravan/prefixes/told")) {
      remote.put(new ObjectKey(key), new TextContent("x"));
    }
    write("2020-02-02-000000/mine", "a dump");
    write("nested/.caravan/store.id", "a store of its own");
    remote.put(new ObjectKey("nested/.caravan/store.id"), new TextContent("x"));
    assertThat(RemoteSurvey.of(world()).others())
        .containsExactly("2020-01-01-000000", "2020-03-03-000000", "told", "untold");
    RemoteSurvey.putManifestAside(world());
    assertThat(ManifestObject.load(remote, "")).isEmpty();

    write("untold/mine", "mine");
    assertThatThrownBy(() -> RemoteSurvey.of(world()))
        .isInstanceOf(HaltException.class)
        .hasMessageContaining("'untold'");
    Files.delete(source.resolve("untold/mine"));
    Files.delete(source.resolve("untold"));
    for (int i = 0; i < 21; i++) {
      Files.delete(source.resolve("d/f%02d".formatted(i)));
    }
    assertThatThrownBy(() -> RemoteSurvey.of(world()))
        .isInstanceOf(HaltException.class)
        .hasMessageContaining("21 of the 102 files");
  }

  @Test
  void attemptsThatNeverBecomeCompleteDoNotPileUp() throws Exception {
    env.put("ADD_TIMESTAMP_PREFIX", "true");
    FileTime old = FileTime.from(now.instant().minus(Duration.ofHours(25)));
    for (int i = 0; i < 100; i++) {
      // The memory has this for the time at which they were put.
      Files.setLastModifiedTime(source.resolve("d/f%02d".formatted(i)), old);
    }
    for (String name : List.of("2026-11-19-032800", "2026-11-20-032800", NAME)) {
      env.put("BACKUP_TIMESTAMP", name);
      try (Backup backup = new Backup(world())) {
        backup.open();
        Batches batches = backup.batches(backup.survey());
        while (batches.hasNext()) {
          backup.move(batches.next());
        }
      }
    }
    ObjectKey record = new ObjectKey(".caravan/snapshots/" + NAME);
    remote.put(record, TestContent.of("x").modified(now.instant()));
    Set<String> held = keys();
    new Expiry(world()).runIncomplete(NAME + "/");
    assertThat(keys()).as("no rule").isEqualTo(held);
    env.put("RETENTION_KEEP_LAST", "7");
    ObjectKey fresh = new ObjectKey("2026-11-20-032800/fresh");
    remote.put(fresh, TestContent.of("x").modified(now.instant()));
    new Expiry(world()).runIncomplete(NAME + "/");
    assertThat(keys())
        .noneMatch(key -> key.contains("2026-11-19"))
        .as("written to a moment ago")
        .contains("2026-11-20-032800/d/f00", ".caravan/snapshots/2026-11-20-032800")
        .contains(NAME + "/d/f00");
    remote.delete(List.of(fresh));
    new Expiry(world()).runIncomplete(NAME + "/");
    assertThat(keys()).noneMatch(key -> key.contains("2026-11-20")).contains(NAME + "/d/f00");
  }

  @Test
  void keysThatMayNotLookForPartsSendBigFilesAllTheSame() throws Exception {
    write("big", "x".repeat(17 << 20));
    env.put("RCLONE_MULTI_THREAD_CUTOFF", "16M");
    sweepRefused = true;
    run();
    assertThat(keys()).contains("big");
  }

  @Test
  void aKeyThatIsTooLongForTheTrashLiesThereUnderItsHash() throws Exception {
    run();
    Files.delete(source.resolve("d/f00"));
    longestKey = ".caravan/trash/2026-11-21/d/f00".length();
    run();
    assertThat(keys())
        .doesNotContain("d/f00")
        .anyMatch(key -> key.matches("\\.caravan/trash/[0-9-]+/[0-9a-f]{64}"));
  }

  private void run() throws Exception {
    try (Backup backup = new Backup(world())) {
      assertThat(backup.open()).isTrue();
      Batches batches = backup.batches(backup.survey());
      while (batches.hasNext()) {
        backup.move(batches.next());
      }
      assertThat(batches.failure()).isEmpty();
      backup.seal();
    }
  }

  private MoverWorld world() {
    Map<String, String> all =
        new LinkedHashMap<>(
            Map.of(
                "AWS_ACCESS_KEY_ID", "key",
                "AWS_SECRET_ACCESS_KEY", "secret",
                "BUCKET_HOST", "localhost",
                "BUCKET_NAME", "bucket",
                "SOURCE_PATH", source.toString()));
    all.putAll(env);
    MoverSettings settings = MoverEnvironment.read(all).settings().orElseThrow();
    Clock clock = now;
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

  /** Lists as S3 does; the memory has no order. */
  private Remote sorted() {
    InvocationHandler handler =
        (self, method, arguments) -> {
          try {
            if (method.getName().equals("refusal")) {
              boolean fits = ((StorePath) arguments[0]).utf8Length() <= longestKey;
              return fits ? Optional.empty() : Optional.of("it is too long");
            }
            if (sweepRefused && method.getName().equals("sweep")) {
              throw new RemoteException(RemoteException.Cause.PERMISSION, "no");
            }
            if (!method.getName().equals("list")) {
              return method.invoke(remote, arguments);
            }
            List<ObjectStat> all = new ArrayList<>();
            remote.list((String) arguments[0], all::add);
            all.sort((a, b) -> StorePath.compareUtf8(a.key().value(), b.key().value()));
            for (ObjectStat each : all) {
              ((Remote.Visitor) arguments[1]).visit(each);
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

  private List<String> manifest(String folder) throws Exception {
    List<String> keys = new ArrayList<>();
    try (ManifestReader reader = ManifestObject.load(remote, folder).orElseThrow().open()) {
      for (Optional<ManifestEntry> e = reader.next(); e.isPresent(); e = reader.next()) {
        keys.add(e.get().path() + (e.get().isFolder() ? "/" : ""));
      }
    }
    return keys;
  }

  private Set<String> keys() throws Exception {
    Set<String> keys = new TreeSet<>();
    remote.list("", stat -> keys.add(stat.key().value()));
    return keys;
  }

  private void write(String path, String text) throws Exception {
    Path file = source.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
