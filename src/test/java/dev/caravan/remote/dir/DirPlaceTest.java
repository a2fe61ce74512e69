package dev.caravan.remote.dir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.caravan.config.DirSettings;
import dev.caravan.contract.TestContent;
import dev.caravan.event.StorePath;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
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
    Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
    remote = new DirRemote(new DirSettings("disk", root, false), clock, 1);
    remote.probe();
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
}
