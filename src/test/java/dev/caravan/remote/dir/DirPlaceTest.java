package dev.caravan.remote.dir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.caravan.config.DirSettings;
import dev.caravan.contract.TestContent;
import dev.caravan.event.ObjectContent;
import dev.caravan.event.StorePath;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What lies where below the folder, what is cleared away, and what is never touched. */
class DirPlaceTest {

  private static final Instant NOW = Instant.parse("2026-05-06T23:30:00Z");
  private static final ObjectKey KEY = new ObjectKey("a/b/c");

  @TempDir Path base;
  private Path root;
  private Path outside;
  private Remote remote;

  @BeforeEach
  void open() throws Exception {
    root = Files.createDirectory(base.resolve("root"));
    outside = Files.createDirectory(base.resolve("outside"));
    remote = at(NOW, 1);
    remote.probe();
  }

  private Remote at(Instant now, long token) {
    Clock clock = Clock.fixed(now, ZoneOffset.UTC);
    return new DirRemote(new DirSettings("disk", root, false), clock, token);
  }

  @Test
  void anObjectIsThePlainFile() throws Exception {
    remote.put(KEY, TestContent.of("plain"));
    assertThat(root.resolve("a/b/c")).hasContent("plain");
    assertThat(Files.getLastModifiedTime(root.resolve("a/b/c")).toInstant())
        .isEqualTo(TestContent.of("").modifiedAt());
  }

  @Test
  void foldersThatBecameEmptyAreRemovedButNotTheRoot() throws Exception {
    remote.put(KEY, TestContent.of("x"));
    remote.put(new ObjectKey("a/d"), TestContent.of("x"));
    remote.move(Map.of(KEY, new ObjectKey(".caravan/trash/2026-05-06/a/b/c")));
    assertThat(root.resolve("a/b")).doesNotExist();
    remote.delete(List.of(new ObjectKey("a/d")));
    assertThat(root.resolve("a")).doesNotExist();
    remote.delete(List.of(new ObjectKey(".caravan/trash/2026-05-06/a/b/c")));
    assertThat(root.resolve(".caravan/trash")).doesNotExist();
    assertThat(root.resolve(".caravan/tmp")).isEmptyDirectory();
  }

  @Test
  void aFileInTheWayOfAFolderIsMovedToTheTrashOfTheDay() throws Exception {
    remote.put(new ObjectKey("a"), TestContent.of("first file"));
    remote.put(KEY, TestContent.of("x"));
    assertThat(root.resolve(".caravan/trash/2026-05-06/a")).hasContent("first file");
    remote.delete(List.of(KEY));
    remote.put(new ObjectKey("a"), TestContent.of("second file"));
    remote.put(KEY, TestContent.of("x"));
    assertThat(root.resolve(".caravan/trash/2026-05-06/a")).hasContent("first file");
    assertThat(root.resolve(".caravan/trash/2026-05-06/a~1")).hasContent("second file");
  }

  @Test
  void aFolderInTheWayOfAFileIsMovedToTheTrashOfTheDay() throws Exception {
    remote.put(KEY, TestContent.of("deep"));
    remote.put(new ObjectKey("a"), TestContent.of("file"));
    assertThat(root.resolve("a")).hasContent("file");
    assertThat(root.resolve(".caravan/trash/2026-05-06/a/b/c")).hasContent("deep");
    // What the planner asks for later finds it done.
    ObjectKey trashed = new ObjectKey(".caravan/trash/2026-05-06/a/b/c");
    assertThat(remote.move(Map.of(KEY, trashed))).isEmpty();
    assertThat(remote.find(trashed)).isPresent();
  }

  @Test
  void trashInTheWayOfTrashIsKeptBesideIt() throws Exception {
    ObjectKey first = new ObjectKey(".caravan/trash/2026-05-06/a");
    ObjectKey second = new ObjectKey(".caravan/trash/2026-05-06/a/b/c");
    remote.put(first, TestContent.of("first"));
    remote.put(KEY, TestContent.of("second"));
    assertThat(remote.move(Map.of(KEY, second))).isEmpty();
    assertThat(root.resolve(second.value())).hasContent("second");
    assertThat(root.resolve(first.value() + "~1")).hasContent("first");
  }

  @Test
  void linksLeadNowhere() throws Exception {
    Files.writeString(outside.resolve("secret"), "not yours");
    Files.createSymbolicLink(root.resolve("link"), outside);
    Files.createSymbolicLink(root.resolve("file"), outside.resolve("secret"));
    ObjectKey through = new ObjectKey("link/secret");
    assertThat(remote.find(through)).isEmpty();
    assertThat(remote.find(new ObjectKey("file"))).isEmpty();
    assertThat(causeOf(() -> remote.open(through, 0, -1))).isEqualTo(Cause.NO_SUCH_OBJECT);
    assertThat(causeOf(() -> remote.put(through, TestContent.of("mine"))))
        .isEqualTo(Cause.UNSUPPORTED);
    assertThat(remote.delete(List.of(through))).isEmpty();
    assertThat(remote.move(Map.of(through, new ObjectKey("taken")))).isEmpty();
    remote.put(KEY, TestContent.of("x"));
    assertThat(remote.move(Map.of(KEY, through)))
        .hasEntrySatisfying(KEY, e -> assertThat(e.reason()).isEqualTo(Cause.UNSUPPORTED));
    assertThat(keys()).containsExactly("a/b/c");

    remote.put(new ObjectKey("file"), TestContent.of("mine"));
    assertThat(root.resolve("file")).isRegularFile().hasContent("mine");
    assertThat(outside.resolve("secret")).hasContent("not yours");
    try (Stream<Path> left = Files.list(outside)) {
      assertThat(left).containsExactly(outside.resolve("secret"));
    }
  }

  @Test
  void aLinkInPlaceOfOurOwnFolderLeadsNowhereEither() throws Exception {
    Files.delete(root.resolve(".caravan/tmp"));
    Files.delete(root.resolve(".caravan"));
    Files.createSymbolicLink(root.resolve(".caravan"), outside);
    assertThat(causeOf(() -> remote.put(KEY, TestContent.of("x")))).isEqualTo(Cause.UNSUPPORTED);
    assertThat(causeOf(() -> remote.probe())).isEqualTo(Cause.UNSUPPORTED);
    assertThat(outside).isEmptyDirectory();
  }

  @Test
  void keysThatLeadOutAreRefused() {
    for (String key : List.of("../x", "a/../../x", "a//b", "a/.", "a/", "a\0b")) {
      assertThat(causeOf(() -> remote.put(new ObjectKey(key), TestContent.of("x"))))
          .isEqualTo(Cause.UNSUPPORTED);
      assertThat(causeOf(() -> remote.find(new ObjectKey(key)))).isEqualTo(Cause.UNSUPPORTED);
    }
    assertThat(outside).isEmptyDirectory();
  }

  @Test
  void namesThatNoFileSystemHoldsAreRefusedBeforehand() {
    assertThat(refusalOf("x/" + "n".repeat(256))).contains("255 bytes");
    assertThat(refusalOf("é".repeat(128))).contains("255 bytes");
    assertThat(refusalOf("d/".repeat(2_040) + "deep")).contains("path is longer");
    assertThat(refusalOf(".caravan/tmp/x")).contains("temporary");
    assertThat(refusalOf("‛C3‛A9")).contains("escape");
    assertThat(causeOf(() -> remote.put(new ObjectKey("n".repeat(256)), TestContent.of("x"))))
        .isEqualTo(Cause.UNSUPPORTED);
  }

  @Test
  void whatAKilledProcessLeftOfAKeyIsSweptAndNothingElse() throws Exception {
    Path tmp = root.resolve(".caravan/tmp");
    DirTemps killed = new DirTemps(99);
    Path ours = Files.createFile(killed.begin(tmp, KEY));
    Path others = Files.createFile(killed.begin(tmp, new ObjectKey("other")));
    Path beside = Files.createFile(killed.begin(Files.createDirectories(root.resolve("a/b")), KEY));
    assertThat(keys()).isEmpty();
    remote.sweep(KEY, Instant.now());
    assertThat(ours).doesNotExist();
    assertThat(beside).doesNotExist();
    assertThat(others).exists();
    at(Instant.now().plus(Duration.ofHours(2)), 2).sweep(KEY, Instant.now());
    assertThat(others).doesNotExist();
  }

  @Test
  void aLivePutIsNotSwept() throws Exception {
    List<Integer> swept = new ArrayList<>();
    TestContent content =
        TestContent.of("x")
            .onRead(
                () -> {
                  try {
                    remote.sweep(KEY, NOW);
                    swept.add(1);
                  } catch (RemoteException e) {
                    throw new AssertionError(e);
                  }
                });
    remote.put(KEY, content);
    assertThat(swept).isNotEmpty();
    assertThat(root.resolve("a/b/c")).hasContent("x");
  }

  @Test
  void bytesThatReadOtherwiseThanTheyWereWrittenAreNotStored() throws Exception {
    TestContent content = TestContent.ofSize(1_000, 1);
    Spoiled spoiled = new Spoiled(content, root.resolve(".caravan/tmp"));
    assertThat(causeOf(() -> remote.put(KEY, spoiled))).isEqualTo(Cause.CORRUPT);
    assertThat(spoiled.done).hasSize(1);
    assertThat(keys()).isEmpty();
    assertThat(root.resolve(".caravan/tmp")).isEmptyDirectory();
  }

  @Test
  void puttingIntoAFolderThatIsBeingEmptiedSucceeds() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    List<Callable<Integer>> loops = new ArrayList<>();
    for (int thread = 0; thread < 4; thread++) {
      ObjectKey mine = new ObjectKey("f/g/" + thread);
      loops.add(
          () -> {
            for (int i = 0; i < 100; i++) {
              remote.put(mine, TestContent.of("x" + i));
              assertThat(remote.find(mine)).isPresent();
              assertThat(remote.delete(List.of(mine))).isEmpty();
            }
            return 100;
          });
    }
    try {
      for (Future<Integer> loop : pool.invokeAll(loops)) {
        assertThat(loop.get()).isEqualTo(100);
      }
    } finally {
      pool.shutdownNow();
    }
    assertThat(root.resolve("f")).doesNotExist();
  }

  private List<String> keys() throws Exception {
    List<String> keys = new ArrayList<>();
    remote.list("", stat -> keys.add(stat.key().value()));
    return keys;
  }

  private String refusalOf(String path) {
    return remote.refusal(StorePath.of(path), 1).orElseThrow();
  }

  private static Cause causeOf(ThrowingCallable call) {
    RemoteException e = catchThrowableOfType(RemoteException.class, call);
    assertThat(e).isNotNull();
    assertThat(e.getMessage()).doesNotContain("\n");
    return e.reason();
  }

  /** Once all is read, flips a byte of what was written: a disk that does not keep its word. */
  private record Spoiled(TestContent content, Path tmp, List<Path> done) implements ObjectContent {
    Spoiled(TestContent content, Path tmp) {
      this(content, tmp, new ArrayList<>());
    }

    @Override
    public long sizeBytes() {
      return content.sizeBytes();
    }

    @Override
    public Instant modifiedAt() {
      return content.modifiedAt();
    }

    @Override
    public String sha256() {
      return content.sha256();
    }

    @Override
    public byte[] md5() {
      return content.md5();
    }

    @Override
    public InputStream open(long offset, long length) throws IOException {
      return new FilterInputStream(content.open(offset, length)) {
        @Override
        public void close() throws IOException {
          try (Stream<Path> temps = Files.list(tmp)) {
            Path temp = temps.findFirst().orElseThrow();
            byte[] bytes = Files.readAllBytes(temp);
            bytes[0] ^= 1;
            Files.write(temp, bytes);
            done.add(temp);
          }
        }
      };
    }

    @Override
    public void ensureUnchanged() {}
  }
}
