package dev.caravan.remote.sftp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.contract.TestContent;
import dev.caravan.lab.AtOnce;
import dev.caravan.lab.Mount;
import dev.caravan.lab.SshServer;
import dev.caravan.lab.SshServer.Door;
import dev.caravan.remote.Backoff;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.RetryingRemote;
import dev.caravan.remote.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lines that are cut, servers that go away, disks that are full or pulled. */
class SftpFaultsIT {

  private static final ObjectKey KEY = new ObjectKey("a/b");
  private static final TestContent OLD = TestContent.of("the old version");
  private static final TestContent BIG = TestContent.ofSize(24 << 20, 7);

  @TempDir static Path lab;
  @TempDir Path root;
  private static SshServer server;
  private Path tmp;
  private SftpRemote remote;

  @BeforeAll
  static void startServer() {
    server = SshServer.startIn(lab);
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @BeforeEach
  void open() throws Exception {
    server.start();
    tmp = root.resolve(".caravan/tmp");
    remote = remote();
  }

  @AfterEach
  void close() {
    remote.close();
  }

  private SftpRemote remote() {
    return new SftpRemote(server.place(Door.SHELL, root).settings(), Clock.systemUTC());
  }

  @Test
  void aCutPutKeepsTheOldVersionAndTheNextOneGoesOnWithIt() throws Exception {
    remote.probe();
    remote.put(KEY, OLD);
    cutWhilePuttingBig();
    assertThat(remote.open(KEY, 0, -1).readAllBytes()).isEqualTo(OLD.bytes());
    long there = Files.size(left());
    assertThat(there).isGreaterThan(8 << 20);

    Counted again = Counted.of(BIG);
    remote.put(KEY, again);
    assertThat(again.bytesRead().get())
        .as("read of %d, of which %d were there", BIG.sizeBytes(), there)
        .isEqualTo(BIG.sizeBytes() - there + (1 << 20));
    assertThat(root.resolve("a/b")).hasBinaryContent(BIG.bytes());
    assertThat(tmp).isEmptyDirectory();
  }

  @Test
  void anotherProcessGoesOnWithWhatAKilledOneLeft() throws Exception {
    remote.probe();
    cutWhilePuttingBig();
    remote.close();
    remote = remote();
    remote.probe();
    Counted again = Counted.of(BIG);
    remote.put(KEY, again);
    assertThat(again.bytesRead().get()).isLessThan(BIG.sizeBytes());
    assertThat(root.resolve("a/b")).hasBinaryContent(BIG.bytes());
  }

  @Test
  void aSpoiledPartIsNotGoneOnWith() throws Exception {
    remote.probe();
    for (boolean end : new boolean[] {true, false}) {
      cutWhilePuttingBig();
      byte[] part = Files.readAllBytes(left());
      part[end ? part.length - 1 : 0] ^= 1;
      Files.write(left(), part);
      if (!end) {
        // Only the sum of the whole shows it; then nothing of it is left, and all is sent again.
        assertThat(causeOf(() -> remote.put(KEY, BIG))).isEqualTo(Cause.CORRUPT);
      }
      Counted again = Counted.of(BIG);
      remote.put(KEY, again);
      assertThat(again.bytesRead().get()).isGreaterThanOrEqualTo(BIG.sizeBytes());
      assertThat(root.resolve("a/b")).hasBinaryContent(BIG.bytes());
      assertThat(tmp).isEmptyDirectory();
    }
  }

  @Test
  void aPartOfAnotherVersionIsNotGoneOnWithAndGoes() throws Exception {
    remote.probe();
    cutWhilePuttingBig();
    TestContent other = TestContent.ofSize(BIG.sizeBytes(), 8);
    remote.put(KEY, other);
    assertThat(root.resolve("a/b")).hasBinaryContent(other.bytes());
    assertThat(tmp).isEmptyDirectory();
  }

  @Test
  void aPartThatNobodyGoesOnWithGoesAfterADay() throws Exception {
    remote.probe();
    cutWhilePuttingBig();
    remote.probe();
    assertThat(left()).exists();
    Clock later = Clock.offset(Clock.systemUTC(), Duration.ofHours(25));
    try (var next = new SftpRemote(server.place(Door.SHELL, root).settings(), later)) {
      next.probe();
    }
    assertThat(tmp).isEmptyDirectory();
  }

  @Test
  void whatIsLeftOfSmallFilesIsSweptButNotALivePut() throws Exception {
    remote.put(KEY, OLD);
    Path left = Files.createFile(tmp.resolve(".caravan-tmp-00000000000000ff-1-0123456789abcdef"));
    List<Integer> swept = new ArrayList<>();
    Counted content =
        Counted.of(
            OLD,
            bytes -> {
              try {
                remote.sweep(KEY, Instant.EPOCH);
                remote.probe();
                swept.add(1);
              } catch (RemoteException e) {
                throw new AssertionError(e);
              }
            });
    remote.put(KEY, content);
    assertThat(swept).isNotEmpty();
    assertThat(left).doesNotExist();
    assertThat(root.resolve("a/b")).hasBinaryContent(OLD.bytes());
  }

  @Test
  void aCutIsAFailureOfTheNetworkAndIsForgottenByTheNextCall() throws Exception {
    remote.put(KEY, OLD);
    server.dropConnections();
    assertThat(retrying().find(KEY)).isPresent();
    try (InputStream in = remote.open(KEY, 0, -1)) {
      server.dropConnections();
      assertThatThrownBy(in::readAllBytes)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("the connection was lost");
    }
    remote.put(KEY, BIG);
    assertThat(remote.find(KEY).orElseThrow().sha256()).contains(BIG.sha256());
  }

  @Test
  void aServerThatGoesAwayIsSaidToAndIsUsedAgainWhenItIsBack() throws Exception {
    remote.put(KEY, OLD);
    server.crash();
    for (ThrowingCallable call : calls()) {
      assertThat(causeOf(call)).isEqualTo(Cause.NETWORK);
    }
    server.start();
    assertThat(remote.find(KEY)).isPresent();
  }

  @Test
  void aThreadThatIsToldToStopLeavesNothing() throws Exception {
    remote.probe();
    Counted small = Counted.of(OLD, bytes -> Thread.currentThread().interrupt());
    assertThat(causeOf(() -> remote.put(KEY, small))).isEqualTo(Cause.CANCELLED);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(tmp).isEmptyDirectory();
    assertThat(root.resolve("a")).doesNotExist();
  }

  @Test
  void aCancelledPutOfABigFileIsGoneOnWithLater() throws Exception {
    remote.probe();
    Counted cancelled =
        Counted.of(
            BIG,
            bytes -> {
              if (bytes > 10 << 20) {
                throw new InterruptedIOException("the run was cancelled");
              }
            });
    assertThatThrownBy(() -> remote.put(KEY, cancelled)).hasMessage("the run was cancelled");
    assertThat(Files.size(left())).isGreaterThan(9 << 20);
    remote.put(KEY, BIG);
    assertThat(root.resolve("a/b")).hasBinaryContent(BIG.bytes());
  }

  @Test
  void manyPutsAtOnceShareAFewConnections() throws Exception {
    remote.probe();
    int before = logins();
    List<Callable<StoredObject>> puts = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      ObjectKey key = new ObjectKey("many/" + i);
      puts.add(() -> remote.put(key, TestContent.ofSize(300_000, key.hashCode())));
    }
    assertThat(AtOnce.run(40, puts)).hasSize(200).doesNotContainNull();
    assertThat(logins() - before).as("transfers: 8, four lines a session").isLessThan(4);
  }

  @Test
  void aFullDiskIsSaidToBeFullAndKeepsTheOldVersion() throws Exception {
    try (Mount disk = Mount.on(root, "disk")) {
      remote.probe();
      remote.put(KEY, OLD);
      RemoteException e = Failures.of(() -> remote.put(KEY, BIG));
      assertThat(e.reason()).isEqualTo(Cause.FULL);
      assertThat(e).hasMessageContaining("disk there is full");
      assertThat(tmp).isEmptyDirectory();
      assertThat(root.resolve("a/b")).hasBinaryContent(OLD.bytes());
      remote.put(KEY, TestContent.of("there is room for this"));
      disk.makeReadOnly();
      assertThat(causeOf(() -> remote.put(KEY, OLD))).isEqualTo(Cause.READ_ONLY);
      assertThat(remote.find(KEY)).isPresent();
    }
  }

  @Test
  void aPulledDiskIsNotTakenForAnEmptyOne() throws Exception {
    try (Mount disk = Mount.on(root, "disk")) {
      remote.probe();
      remote.put(KEY, OLD);
      disk.unmount();
      for (ThrowingCallable call : calls()) {
        assertThat(causeOf(call)).isEqualTo(Cause.NOT_THERE);
      }
      assertThat(root).isEmptyDirectory();
    }
  }

  private List<ThrowingCallable> calls() {
    return List.of(
        () -> remote.probe(),
        () -> remote.find(KEY),
        () -> remote.open(KEY, 0, -1),
        () -> remote.list("", stat -> {}),
        () -> remote.put(KEY, OLD),
        () -> remote.delete(List.of(KEY)),
        () -> remote.move(Map.of(KEY, new ObjectKey("c"))),
        () -> remote.sweep(KEY, Instant.EPOCH));
  }

  /** Whether the client knows of a cut at once is a matter of luck; that it learns of it is not. */
  private Remote retrying() {
    return new RetryingRemote(remote, Backoff.standard(new Random(1)));
  }

  private void cutWhilePuttingBig() throws Exception {
    boolean[] cut = {false};
    Counted content =
        Counted.of(
            BIG,
            bytes -> {
              if (bytes > 16 << 20 && !cut[0]) {
                cut[0] = true;
                server.dropConnections();
              }
            });
    assertThat(causeOf(() -> remote.put(KEY, content))).isEqualTo(Cause.NETWORK);
    assertThat(retrying().find(new ObjectKey("nothing"))).isEmpty();
  }

  private Path left() throws IOException {
    try (Stream<Path> files = Files.list(tmp)) {
      List<Path> left = files.toList();
      assertThat(left).hasSize(1);
      return left.get(0);
    }
  }

  private static int logins() {
    return server.read("log").split("Accepted publickey", -1).length;
  }

  private static Cause causeOf(ThrowingCallable call) {
    return Failures.of(call).reason();
  }
}
