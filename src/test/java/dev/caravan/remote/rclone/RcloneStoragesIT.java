package dev.caravan.remote.rclone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.config.S3Settings;
import dev.caravan.contract.TestContent;
import dev.caravan.lab.Mount;
import dev.caravan.lab.Ports;
import dev.caravan.lab.S3Server;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.StoredObject.Proof;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Storages that are unlike those that the whole contract is held against. */
class RcloneStoragesIT {

  private static final ObjectKey KEY = new ObjectKey("a/file");
  private static final ObjectKey TRASH = new ObjectKey(".caravan/trash/2026-01-02/a/file");

  private static final String PASSWORD = "test password";

  /** The same, as {@code rclone obscure} writes it. */
  private static final String OBSCURED = "IdUTQBcQuZUTyMXnWLkwv1WJB4Doq1n-LaLLK1Y";

  @TempDir Path folder;

  @Test
  void piecesOfAFileAreOneFile() throws Exception {
    RcloneSetup setup = RcloneSetup.in(folder, "pieces:");
    setup.config(
        "[pieces]\ntype = chunker\nremote = %s\nchunk_size = 1Mi\n"
            .formatted(folder.resolve("far")));
    try (RcloneRemote remote = setup.open()) {
      assertThat(remote.probe()).containsEntry("storage", "pieces");
      assertRoundTrip(remote);
    }
  }

  @Test
  void overSshAFileIsReplacedWhole() throws Exception {
    int port = Ports.free();
    Process server =
        new ProcessBuilder(
                "rclone",
                "serve",
                "sftp",
                folder.toString(),
                "--addr=127.0.0.1:" + port,
                "--user=me",
                "--pass=" + PASSWORD)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> isOpen(port));
      RcloneSetup setup = RcloneSetup.in(folder, "ssh:far").readBack();
      setup.config(
          "[ssh]\ntype = sftp\nhost = 127.0.0.1\nport = %d\nuser = me\npass = %s\n"
              .formatted(port, OBSCURED));
      try (RcloneRemote remote = setup.open()) {
        assertThat(remote.probe()).containsKey("checksum");
        assertRoundTrip(remote);
      }
    } finally {
      server.destroy();
    }
  }

  @Test
  void withoutAHashAndWithoutReadingBackOnlyTheSizeIsKnown() throws Exception {
    RcloneSetup setup = RcloneSetup.in(folder, "safe:");
    setup.config(
        "[safe]\ntype = crypt\nremote = %s\npassword = %s\n"
            .formatted(folder.resolve("far"), OBSCURED));
    try (RcloneRemote remote = setup.open()) {
      assertThat(remote.probe()).containsEntry("checksum", "none, only sizes are compared");
      assertThat(remote.put(KEY, TestContent.of("x")).proof()).isEqualTo(Proof.SIZE_ONLY);
    }
  }

  @Test
  void aDiskThatIsNotMountedDoesNotLookEmptied() throws Exception {
    Path far = folder.resolve("far");
    RcloneSetup setup = RcloneSetup.in(folder, "disk:" + far).config("[disk]\ntype = local\n");
    try (RcloneRemote remote = setup.open()) {
      remote.probe();
      remote.put(KEY, TestContent.of("x"));
      Trees.delete(far);
      assertGone(() -> remote.find(KEY));
      assertGone(() -> remote.list("", stat -> {}));
      assertGone(() -> remote.list("a/", stat -> {}));
      assertThat(remote.delete(List.of(KEY)).get(KEY).reason()).isEqualTo(Cause.NOT_THERE);
      assertThat(remote.move(Map.of(KEY, TRASH)).get(KEY).reason()).isEqualTo(Cause.NOT_THERE);
    }
  }

  @Test
  void aFullDiskIsSaidToBeFullAndKeepsTheOldVersion() throws Exception {
    Path far = Files.createDirectory(folder.resolve("far"));
    RcloneSetup setup = RcloneSetup.in(folder, "disk:" + far).config("[disk]\ntype = local\n");
    TestContent old = TestContent.of("the old version");
    try (Mount disk = Mount.on(far, "disk");
        RcloneRemote remote = setup.open()) {
      remote.probe();
      remote.put(KEY, old);
      assertThatThrownBy(() -> remote.put(KEY, TestContent.ofSize(24 << 20, 7)))
          .isInstanceOfSatisfying(
              RemoteException.class, e -> assertThat(e.reason()).isEqualTo(Cause.FULL));
      assertThat(read(remote, KEY)).isEqualTo(old.bytes());
      assertThat(listing(remote)).containsExactly(KEY);
      disk.makeReadOnly();
      assertThatThrownBy(() -> remote.put(KEY, TestContent.of("there is room for this")))
          .isInstanceOfSatisfying(
              RemoteException.class, e -> assertThat(e.reason()).isEqualTo(Cause.READ_ONLY));
    }
  }

  @Test
  void wrongCredentialsAreNotATroubleThatPassesAndAreNotShown() throws Exception {
    S3Settings bucket = S3Server.CEPH.newBucket().settings();
    String wrong = "wrong" + S3Server.SECRET_KEY.reveal().substring(5);
    String config = RcloneS3IT.config(bucket).replace(S3Server.SECRET_KEY.reveal(), wrong);
    RcloneSetup setup = RcloneSetup.in(folder, "lab:" + bucket.bucket()).config(config);
    try (RcloneRemote remote = setup.open()) {
      assertThatThrownBy(remote::probe)
          .isInstanceOfSatisfying(
              RemoteException.class,
              e -> assertThat(e.reason()).isIn(Cause.AUTHENTICATION, Cause.PERMISSION))
          .hasMessageNotContaining(wrong)
          .hasMessageNotContaining("\n");
      assertThatThrownBy(() -> remote.put(KEY, TestContent.of("x")))
          .isInstanceOfSatisfying(
              RemoteException.class, e -> assertThat(e.reason().isTransient()).isFalse());
    }
  }

  private static void assertGone(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            RemoteException.class, e -> assertThat(e.reason()).isEqualTo(Cause.NOT_THERE));
  }

  /** Puts, replaces, moves and deletes a file of three pieces. */
  private static void assertRoundTrip(RcloneRemote remote) throws Exception {
    TestContent first = TestContent.ofSize(100, 1);
    TestContent second = TestContent.ofSize((3 << 20) + 7, 2);
    remote.put(KEY, first);
    assertThat(remote.put(KEY, second).proof()).isNotEqualTo(Proof.SIZE_ONLY);
    assertThat(read(remote, KEY)).isEqualTo(second.bytes());
    assertThat(listing(remote)).containsExactly(KEY);
    assertThat(remote.move(Map.of(KEY, TRASH))).isEmpty();
    assertThat(listing(remote)).containsExactly(TRASH);
    assertThat(read(remote, TRASH)).isEqualTo(second.bytes());
    assertThat(remote.delete(List.of(TRASH))).isEmpty();
    assertThat(listing(remote)).isEmpty();
  }

  private static byte[] read(RcloneRemote remote, ObjectKey key) throws Exception {
    try (var in = remote.open(key, 0, -1)) {
      return in.readAllBytes();
    }
  }

  private static List<ObjectKey> listing(RcloneRemote remote) throws RemoteException {
    List<ObjectKey> keys = new ArrayList<>();
    remote.list("", stat -> keys.add(stat.key()));
    return keys;
  }

  private static boolean isOpen(int port) {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }
}
