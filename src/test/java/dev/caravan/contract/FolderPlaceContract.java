package dev.caravan.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.caravan.event.StorePath;
import dev.caravan.lab.AtOnce;
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
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Of a remote that is a folder, here or at a server: what lies where in it, what is cleared away,
 * and what beside it is never touched.
 */
public abstract class FolderPlaceContract {

  protected static final Instant NOW = Instant.parse("2026-05-06T23:30:00Z");
  protected static final ObjectKey KEY = new ObjectKey("a/b/c");

  @TempDir Path base;
  protected Path root;
  protected Path outside;
  protected Remote remote;

  /** The remote whose folder is {@code root}. */
  protected abstract Remote remoteIn(Path root, Clock clock) throws Exception;

  /** A modification time as this kind of remote keeps it. */
  protected abstract Instant kept(Instant modifiedAt);

  /** What each of its failures names. */
  protected abstract String name();

  /** How often four threads each put and delete. */
  protected abstract int rounds();

  @BeforeEach
  final void open() throws Exception {
    root = Files.createDirectory(base.resolve("root"));
    outside = Files.createDirectory(base.resolve("outside"));
    remote = remoteIn(root, Clock.fixed(NOW, ZoneOffset.UTC));
    remote.probe();
  }

  @AfterEach
  final void close() {
    remote.close();
  }

  @Test
  final void anObjectIsThePlainFile() throws Exception {
    remote.put(KEY, TestContent.of("plain"));
    assertThat(root.resolve("a/b/c")).hasContent("plain");
    assertThat(Files.getLastModifiedTime(root.resolve("a/b/c")).toInstant())
        .isEqualTo(kept(TestContent.of("").modifiedAt()));
  }

  @Test
  final void foldersThatBecameEmptyAreRemovedButNotTheRoot() throws Exception {
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
  final void linksLeadNowhere() throws Exception {
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
    List<String> keys = new ArrayList<>();
    remote.list("", stat -> keys.add(stat.key().value()));
    assertThat(keys).containsExactly("a/b/c");

    remote.put(new ObjectKey("file"), TestContent.of("mine"));
    assertThat(root.resolve("file")).isRegularFile().hasContent("mine");
    assertThat(outside.resolve("secret")).hasContent("not yours");
    try (Stream<Path> left = Files.list(outside)) {
      assertThat(left).containsExactly(outside.resolve("secret"));
    }
  }

  @Test
  final void keysThatLeadOutAreRefused() {
    for (String key : List.of("../x", "a/../../x", "a//b", "a/.", "a/", "a\0b")) {
      ObjectKey bad = new ObjectKey(key);
      assertThat(causeOf(() -> remote.put(bad, TestContent.of("x")))).isEqualTo(Cause.UNSUPPORTED);
      assertThat(causeOf(() -> remote.find(bad))).isEqualTo(Cause.UNSUPPORTED);
    }
    assertThat(outside).isEmptyDirectory();
  }

  @Test
  final void namesThatNoFileSystemHoldsAreRefusedBeforehand() {
    assertThat(refusalOf("x/" + "n".repeat(256))).contains("255 bytes");
    assertThat(refusalOf("d/".repeat(2_040) + "deep")).contains("path is longer");
    assertThat(refusalOf(".caravan/tmp/x")).contains("temporary");
    ObjectKey tooLong = new ObjectKey("n".repeat(256));
    assertThat(causeOf(() -> remote.put(tooLong, TestContent.of("x"))))
        .isEqualTo(Cause.UNSUPPORTED);
  }

  @Test
  final void puttingIntoAFolderThatIsBeingEmptiedSucceeds() throws Exception {
    List<Callable<Integer>> loops = new ArrayList<>();
    for (int thread = 0; thread < 4; thread++) {
      ObjectKey mine = new ObjectKey("f/g/" + thread);
      loops.add(
          () -> {
            for (int i = 0; i < rounds(); i++) {
              remote.put(mine, TestContent.of("x" + i));
              assertThat(remote.find(mine)).isPresent();
              assertThat(remote.delete(List.of(mine))).isEmpty();
            }
            return rounds();
          });
    }
    assertThat(AtOnce.run(4, loops)).hasSize(4).containsOnly(rounds());
    assertThat(root.resolve("f")).doesNotExist();
  }

  protected final String refusalOf(String path) {
    return remote.refusal(StorePath.of(path), 1).orElseThrow();
  }

  /** Why it failed; what it says is one line that names the remote. */
  protected final Cause causeOf(ThrowingCallable call) {
    RemoteException e = catchThrowableOfType(RemoteException.class, call);
    assertThat(e).isNotNull();
    assertThat(e.getMessage()).doesNotContain("\n").contains(name());
    return e.reason();
  }
}
