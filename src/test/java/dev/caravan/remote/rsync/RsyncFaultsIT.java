package dev.caravan.remote.rsync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.caravan.contract.TestContent;
import dev.caravan.lab.Mount;
import dev.caravan.lab.SshServer;
import dev.caravan.lab.SshServer.Door;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.TextContent;
import dev.caravan.remote.sftp.Counted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Logins that are refused, lines that are cut, children that are killed, disks that are full. */
class RsyncFaultsIT {

  private static final ObjectKey KEY = new ObjectKey("a/b");
  private static final TestContent OLD = TestContent.of("the old version");
  private static final TestContent BIG = TestContent.ofSize(24 << 20, 7);
  private static final RsyncLimits QUICK =
      new RsyncLimits(Duration.ofMillis(50), Duration.ofSeconds(3), Duration.ofSeconds(2), 8 << 20);

  @TempDir static Path lab;
  @TempDir Path root;
  private static SshServer server;
  private Path tmp;
  private Remote remote;

  @BeforeAll
  static void startServer() {
    server = SshServer.startIn(lab);
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @BeforeEach
  void open() {
    server.start();
    tmp = root.resolve(".caravan/tmp");
    remote = setup().remote(QUICK);
  }

  @AfterEach
  void close() {
    remote.close();
    assertThat(children("rsync")).isEmpty();
    assertThat(children("ssh")).isEmpty();
  }

  private RsyncSetup setup() {
    return RsyncSetup.over(server.place(Door.SHELL, root));
  }

  @Test
  void aKeyThatIsNotLetInIsNamedByRsyncsOwnLogin() throws Exception {
    RsyncSetup stranger = setup().login(server.file("stranger"), server.file("known_hosts"));
    RemoteException e = carried(stranger, root);
    assertThat(e.reason()).isEqualTo(Cause.AUTHENTICATION);
    assertThat(e).hasMessageContaining("Permission denied").hasMessageContaining("let the key in");
    assertThat(root).isEmptyDirectory();
    try (Remote refused = stranger.remote()) {
      assertThat(causeOf(refused::probe)).isEqualTo(Cause.AUTHENTICATION);
    }
  }

  @Test
  void aServerThatIsNotTheKnownOneGetsNothing() throws Exception {
    Path none = Files.createFile(lab.resolve("known-none"));
    int before = logins();
    RsyncSetup unknown = setup().login(server.file("id"), none);
    RemoteException e = carried(unknown, root);
    assertThat(e.reason()).isEqualTo(Cause.TLS);
    assertThat(e).hasMessageContaining("known_hosts");
    try (Remote refused = unknown.remote()) {
      assertThat(causeOf(refused::probe)).isEqualTo(Cause.TLS);
    }
    assertThat(logins()).isEqualTo(before);
    assertThat(root).isEmptyDirectory();
  }

  @Test
  void aServerWithoutRsyncOrWithoutAShellIsSaidToBe() {
    for (Door door : List.of(Door.MD5_ONLY, Door.SFTP_ONLY)) {
      try (Remote without = RsyncSetup.over(server.place(door, root)).remote(QUICK)) {
        RemoteException e = failureOf(without::probe);
        assertThat(e.reason()).as("%s: %s", door, e.getMessage()).isEqualTo(Cause.NOT_THERE);
        assertThat(e).hasMessageContaining("rsync").hasMessageContaining("the server");
      }
    }
  }

  @Test
  void aMachineWithoutRsyncIsSaidToBe() {
    RsyncCarrier carrier = new RsyncCarrier(setup().settings(), Map.of("PATH", "/nowhere"), QUICK);
    RemoteException e = failureOf(carrier::probe);
    assertThat(e.reason()).isEqualTo(Cause.NOT_THERE);
    assertThat(e).hasMessageContaining("no rsync on the PATH");
  }

  @Test
  void aCutPutKeepsTheOldVersionAndTheNextOneGoesOnWithIt() throws Exception {
    remote.probe();
    remote.put(KEY, OLD);
    boolean[] cut = {false};
    Counted content =
        Counted.of(
            BIG,
            bytes -> {
              if (bytes > 18 << 20 && !cut[0]) {
                cut[0] = true;
                server.dropConnections();
              }
            });
    assertThat(causeOf(() -> remote.put(KEY, content))).isEqualTo(Cause.NETWORK);
    assertThat(cut[0]).isTrue();
    assertThat(root.resolve("a/b")).hasBinaryContent(OLD.bytes());
    assertThat(Files.size(left())).isGreaterThanOrEqualTo(16 << 20);

    Counted again = Counted.of(BIG.modified(BIG.modifiedAt()));
    Awaitility.await().ignoreExceptions().until(() -> remote.find(KEY).isPresent());
    remote.put(KEY, again);
    assertThat(again.bytesRead().get()).isLessThan(BIG.sizeBytes());
    assertThat(root.resolve("a/b")).hasBinaryContent(BIG.bytes());
    assertThat(Files.getLastModifiedTime(root.resolve("a/b")).toInstant())
        .isEqualTo(BIG.modifiedAt());
    assertThat(tmp).isEmptyDirectory();
  }

  @Test
  void aKilledChildFailsItsPutAlone() throws Exception {
    try (Remote slow = setup().bwlimit("2m").remote(QUICK)) {
      slow.probe();
      slow.put(KEY, OLD);
      CompletableFuture<RemoteException> put = putting(slow);
      ProcessHandle child = await("rsync");
      assertThat(child.destroyForcibly()).isTrue();
      assertThat(put.get(30, TimeUnit.SECONDS).reason()).isEqualTo(Cause.SERVER);
      assertThat(root.resolve("a/b")).hasBinaryContent(OLD.bytes());
      slow.put(KEY, TestContent.of("better"));
      assertThat(root.resolve("a/b")).hasContent("better");
    }
  }

  @Test
  void aLineOnWhichNothingMovesIsGivenUp() throws Exception {
    try (Remote slow = setup().bwlimit("2m").remote(QUICK)) {
      slow.probe();
      CompletableFuture<RemoteException> put = putting(slow);
      await("rsync");
      ProcessHandle line = await("ssh");
      signal("STOP", line);
      RemoteException e = put.get(30, TimeUnit.SECONDS);
      signal("CONT", line);
      assertThat(e.reason()).as(e.getMessage()).isEqualTo(Cause.NETWORK);
      assertThat(root.resolve("a")).doesNotExist();
    }
  }

  @Test
  void aCancelledPutEndsItsChildAndLeavesNothing() throws Exception {
    try (Remote slow = setup().bwlimit("1m").remote(QUICK)) {
      slow.probe();
      TestContent small = TestContent.ofSize(4 << 20, 3);
      List<RemoteException> failures = new ArrayList<>();
      Thread putting =
          new Thread(
              () ->
                  failures.add(
                      catchThrowableOfType(RemoteException.class, () -> slow.put(KEY, small))));
      putting.start();
      await("rsync");
      putting.interrupt();
      putting.join(10_000);
      assertThat(failures).singleElement().extracting(e -> e.reason()).isEqualTo(Cause.CANCELLED);
      assertThat(children("rsync")).isEmpty();
      assertThat(root.resolve("a")).doesNotExist();
      Awaitility.await().untilAsserted(() -> assertThat(tmp).isEmptyDirectory());
    }
  }

  @Test
  void oneThatCannotBeWrittenFailsWithoutTheOthersOfItsBatch() throws Exception {
    Path folder = Files.createDirectory(root.resolve("there"));
    Files.createDirectories(folder.resolve("n3/full"));
    ExecutorService threads = Executors.newFixedThreadPool(8);
    List<String> failed = new ArrayList<>();
    try (RsyncCarrier carrier = setup().carrier(QUICK)) {
      List<Future<Optional<RemoteException>>> all = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        String name = "n" + i;
        all.add(threads.submit(() -> carry(carrier, folder, name)));
      }
      for (int i = 0; i < 8; i++) {
        if (all.get(i).get().isPresent()) {
          failed.add("n" + i);
        }
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(failed).containsExactly("n3");
    assertThat(folder.resolve("n7")).hasContent("probe");
  }

  @Test
  void aFullDiskIsSaidToBeFullAndKeepsTheOldVersion() throws Exception {
    try (Mount disk = Mount.on(root, "disk")) {
      remote.probe();
      remote.put(KEY, OLD);
      RemoteException e = failureOf(() -> remote.put(KEY, BIG));
      assertThat(e.reason()).isEqualTo(Cause.FULL);
      assertThat(e).hasMessageContaining("No space left on device");
      assertThat(tmp).isEmptyDirectory();
      assertThat(root.resolve("a/b")).hasBinaryContent(OLD.bytes());
      remote.put(KEY, TestContent.of("there is room for this"));
      disk.makeReadOnly();
      assertThat(causeOf(() -> remote.put(KEY, OLD))).isEqualTo(Cause.READ_ONLY);
      disk.unmount();
      assertThat(causeOf(() -> remote.put(KEY, OLD))).isEqualTo(Cause.NOT_THERE);
      assertThat(root).isEmptyDirectory();
    }
  }

  private static Optional<RemoteException> carry(RsyncCarrier carrier, Path folder, String name)
      throws IOException {
    try {
      carrier.carry(new TextContent("probe"), KEY, folder.toString(), name, 0);
      return Optional.empty();
    } catch (RemoteException e) {
      return Optional.of(e);
    }
  }

  private static RemoteException carried(RsyncSetup setup, Path folder) throws IOException {
    try (RsyncCarrier carrier = setup.carrier(QUICK)) {
      RemoteException e = carry(carrier, folder, "name").orElseThrow();
      assertThat(e.getMessage()).doesNotContain("\n");
      return e;
    }
  }

  private static CompletableFuture<RemoteException> putting(Remote remote) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            remote.put(KEY, BIG);
            throw new CompletionException(new AssertionError("it was put"));
          } catch (RemoteException e) {
            return e;
          } catch (IOException e) {
            throw new CompletionException(e);
          }
        });
  }

  private static List<ProcessHandle> children(String program) {
    Predicate<ProcessHandle> named =
        child -> child.info().command().filter(path -> path.endsWith("/" + program)).isPresent();
    return ProcessHandle.current().descendants().filter(named).toList();
  }

  private static ProcessHandle await(String program) {
    return Awaitility.await()
        .pollInterval(Duration.ofMillis(20))
        .until(() -> children(program), found -> !found.isEmpty())
        .get(0);
  }

  private static void signal(String signal, ProcessHandle process) throws Exception {
    String pid = Long.toString(process.pid());
    assertThat(new ProcessBuilder("kill", "-" + signal, pid).start().waitFor()).isZero();
  }

  private Path left() throws IOException {
    try (Stream<Path> files = Files.list(tmp)) {
      return files
          .reduce(
              (a, b) -> {
                throw new AssertionError(a + " and " + b);
              })
          .orElseThrow();
    }
  }

  private static int logins() {
    return server.read("log").split("Accepted publickey", -1).length;
  }

  private static RemoteException failureOf(ThrowingCallable call) {
    RemoteException e = catchThrowableOfType(RemoteException.class, call);
    assertThat(e).isNotNull();
    assertThat(e.getMessage()).doesNotContain("\n").contains("'nas' at ");
    return e;
  }

  private static Cause causeOf(ThrowingCallable call) {
    return failureOf(call).reason();
  }
}
