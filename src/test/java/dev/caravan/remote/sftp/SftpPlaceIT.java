package dev.caravan.remote.sftp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.contract.TestContent;
import dev.caravan.event.StorePath;
import dev.caravan.lab.SshServer;
import dev.caravan.lab.SshServer.Door;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException.Cause;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What lies where below the folder, what is cleared away, and what is never touched. */
class SftpPlaceIT {

  private static final Instant NOW = Instant.parse("2026-05-06T23:30:00Z");
  private static final ObjectKey KEY = new ObjectKey("a/b/c");

  @TempDir Path base;
  private Path root;
  private Path outside;
  private SftpRemote remote;

  @BeforeEach
  void open() throws Exception {
    root = Files.createDirectory(base.resolve("root"));
    outside = Files.createDirectory(base.resolve("outside"));
    Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
    remote = new SftpRemote(SshServer.shared().place(Door.SHELL, root).settings(), clock);
    remote.probe();
  }

  @AfterEach
  void close() {
    remote.close();
  }

  @Test
  void anObjectIsThePlainFile() throws Exception {
    remote.put(KEY, TestContent.of("plain"));
    assertThat(root.resolve("a/b/c")).hasContent("plain");
    assertThat(Files.getLastModifiedTime(root.resolve("a/b/c")).toInstant())
        .isEqualTo(TestContent.of("").modifiedAt().truncatedTo(ChronoUnit.SECONDS));
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
    remote.put(KEY, TestContent.of("again"));
    assertThat(root.resolve("a/b/c")).hasContent("again");
  }

  @Test
  void whatIsInTheWayIsMovedToTheTrashOfTheDay() throws Exception {
    remote.put(new ObjectKey("a"), TestContent.of("first file"));
    remote.put(KEY, TestContent.of("deep"));
    assertThat(root.resolve(".caravan/trash/2026-05-06/a")).hasContent("first file");
    remote.put(new ObjectKey("a"), TestContent.of("second file"));
    assertThat(root.resolve("a")).hasContent("second file");
    assertThat(root.resolve(".caravan/trash/2026-05-06/a~1/b/c")).hasContent("deep");
    remote.put(KEY, TestContent.of("deep again"));
    assertThat(root.resolve("a/b/c")).hasContent("deep again");
    assertThat(root.resolve(".caravan/trash/2026-05-06/a~2")).hasContent("second file");
  }

  @Test
  void linksLeadNowhere() throws Exception {
    Files.writeString(outside.resolve("secret"), "not yours");
    Files.createSymbolicLink(root.resolve("link"), outside);
    Files.createSymbolicLink(root.resolve("file"), outside.resolve("secret"));
    ObjectKey through = new ObjectKey("link/secret");
    assertThat(remote.find(through)).isEmpty();
    assertThat(remote.find(new ObjectKey("file"))).isEmpty();
    assertThat(Failures.of(() -> remote.open(through, 0, -1)).reason())
        .isEqualTo(Cause.NO_SUCH_OBJECT);
    assertThat(Failures.of(() -> remote.put(through, TestContent.of("mine"))).reason())
        .isEqualTo(Cause.UNSUPPORTED);
    assertThat(remote.delete(List.of(through))).isEmpty();
    assertThat(remote.move(Map.of(through, new ObjectKey("taken")))).isEmpty();
    remote.put(KEY, TestContent.of("x"));
    assertThat(remote.move(Map.of(KEY, through)))
        .hasEntrySatisfying(KEY, e -> assertThat(e.reason()).isEqualTo(Cause.UNSUPPORTED));
    List<String> keys = new ArrayList<>();
    remote.list("", stat -> keys.add(stat.key().value()));
    assertThat(keys).containsExactly("a/b/c");

    remote.put(new ObjectKey("file"), TestContent.of("mine"));
    assertThat(root.resolve("file")).isRegularFile().hasContent("mine");
    assertThat(outside.resolve("secret")).hasContent("not yours");
  }

  @Test
  void keysThatLeadOutAreRefused() {
    for (String key :
        List.of("../x", "a/../../x", "a//b", "a/.", "a/", "a\0b", "\u201BC3\u201BA9")) {
      ObjectKey bad = new ObjectKey(key);
      assertThat(Failures.of(() -> remote.put(bad, TestContent.of("x"))).reason())
          .isEqualTo(Cause.UNSUPPORTED);
      assertThat(Failures.of(() -> remote.find(bad)).reason()).isEqualTo(Cause.UNSUPPORTED);
    }
    assertThat(outside).isEmptyDirectory();
  }

  @Test
  void namesThatNoServerHoldsAreRefusedBeforehand() {
    assertThat(refusalOf("x/" + "n".repeat(256))).contains("255 bytes");
    assertThat(refusalOf("d/".repeat(2_040) + "deep")).contains("path is longer");
    assertThat(refusalOf(".caravan/tmp/x")).contains("temporary");
    ObjectKey tooLong = new ObjectKey("n".repeat(256));
    assertThat(Failures.of(() -> remote.put(tooLong, TestContent.of("x"))).reason())
        .isEqualTo(Cause.UNSUPPORTED);
  }

  @Test
  void noShellEverSeesAName() throws Exception {
    for (String name : List.of("$(touch pwned)", "`touch pwned`", "a; touch pwned", "-h", "x\ny")) {
      TestContent content = TestContent.ofSize(1_200_000, name.hashCode());
      ObjectKey key = new ObjectKey("dir '\" $(touch pwned)/" + name);
      remote.put(key, content);
      assertThat(remote.find(key).orElseThrow().sha256()).contains(content.sha256());
    }
    assertThat(Path.of(System.getProperty("user.home"), "pwned")).doesNotExist();
    assertThat(root.resolve("pwned")).doesNotExist();
  }

  @Test
  void puttingIntoAFolderThatIsBeingEmptiedSucceeds() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    List<Callable<Integer>> loops = new ArrayList<>();
    for (int thread = 0; thread < 4; thread++) {
      ObjectKey mine = new ObjectKey("f/g/" + thread);
      loops.add(
          () -> {
            for (int i = 0; i < 50; i++) {
              remote.put(mine, TestContent.of("x" + i));
              assertThat(remote.find(mine)).isPresent();
              assertThat(remote.delete(List.of(mine))).isEmpty();
            }
            return 50;
          });
    }
    try {
      for (Future<Integer> loop : pool.invokeAll(loops)) {
        assertThat(loop.get()).isEqualTo(50);
      }
    } finally {
      pool.shutdownNow();
    }
    assertThat(root.resolve("f")).doesNotExist();
  }

  private String refusalOf(String path) {
    return remote.refusal(StorePath.of(path), 1).orElseThrow();
  }
}
