package dev.caravan.remote.sftp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.contract.TestContent;
import dev.caravan.lab.SftpPlace;
import dev.caravan.lab.SshServer;
import dev.caravan.lab.SshServer.Door;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.StoredObject.Proof;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.apache.sshd.common.file.virtualfs.VirtualFileSystemFactory;
import org.apache.sshd.server.keyprovider.SimpleGeneratorHostKeyProvider;
import org.apache.sshd.sftp.server.SftpSubsystemFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What servers allow differs; what is stored does not, and how it was proven is said. */
class SftpServersIT {

  private static final ObjectKey KEY = new ObjectKey("a/b");
  private static final TestContent SMALL = TestContent.ofSize(1_000, 1);
  private static final TestContent LARGE = TestContent.ofSize(2_000_000, 2);

  @TempDir Path root;

  @Test
  void aServerWithAShellComputesTheSumsOfLargerFiles() throws Exception {
    try (SftpRemote remote = at(Door.SHELL)) {
      assertThat(remote.probe()).containsEntry("checksum", "sha256sum at the server");
      assertThat(remote.probe()).containsEntry("rename", "atomic").containsKey("free_bytes");
      assertThat(remote.put(KEY, LARGE).proof()).isEqualTo(Proof.SERVER_CHECKED);
      assertThat(remote.put(KEY, SMALL).proof()).isEqualTo(Proof.READ_BACK);
      assertThat(remote.wantedSums(2 << 20).md5()).isFalse();
    }
  }

  @Test
  void whereThereIsOnlyMd5sumThatIsCompared() throws Exception {
    try (SftpRemote remote = at(Door.MD5_ONLY)) {
      assertThat(remote.probe()).containsEntry("checksum", "md5sum at the server");
      assertThat(remote.wantedSums(2 << 20).md5()).isTrue();
      assertThat(remote.wantedSums(1_000).md5()).isFalse();
      assertThat(remote.put(KEY, LARGE).proof()).isEqualTo(Proof.SERVER_CHECKED);
      assertThat(remote.find(KEY).orElseThrow().sha256()).contains(LARGE.sha256());
    }
  }

  @Test
  void whereThereIsNoShellEverythingIsReadBack() throws Exception {
    try (SftpRemote remote = at(Door.SFTP_ONLY)) {
      assertThat(remote.probe()).containsEntry("checksum", "read back");
      assertThat(remote.put(KEY, LARGE).proof()).isEqualTo(Proof.READ_BACK);
    }
  }

  @Test
  void withoutAnyExtensionObjectsAreReplacedInTwoSteps() throws Exception {
    try (SftpRemote remote = at(Door.PLAIN)) {
      assertThat(remote.probe())
          .containsEntry("rename", "in two steps")
          .doesNotContainKey("free_bytes");
      remote.put(KEY, SMALL);
      remote.put(KEY, LARGE);
      assertThat(read(remote, KEY)).isEqualTo(LARGE.bytes());
      remote.put(new ObjectKey("a"), SMALL);
      assertThat(read(remote, new ObjectKey("a"))).isEqualTo(SMALL.bytes());
      ObjectKey other = new ObjectKey("c");
      remote.put(other, LARGE);
      assertThat(remote.move(Map.of(new ObjectKey("a"), other))).isEmpty();
      assertThat(read(remote, other)).isEqualTo(SMALL.bytes());
      ObjectStat found = remote.find(other).orElseThrow();
      assertThat(remote.copy(found, new ObjectKey("copy"))).isEmpty();
      assertThat(root.resolve(".caravan/tmp")).isEmptyDirectory();
    }
  }

  @Test
  void whatMayOnlyBeReadIsReadAndTheRestIsRefused() throws Exception {
    try (SftpRemote writer = at(Door.SHELL)) {
      writer.put(KEY, SMALL);
    }
    try (SftpRemote remote = at(Door.READ_ONLY)) {
      assertThat(Failures.of(remote::probe).reason()).isEqualTo(Cause.PERMISSION);
      assertThat(Failures.of(() -> remote.put(KEY, LARGE)).reason()).isEqualTo(Cause.PERMISSION);
      Map<ObjectKey, RemoteException> failed = remote.delete(List.of(KEY));
      assertThat(failed).hasEntrySatisfying(KEY, e -> isRefused(e));
      failed = remote.move(Map.of(KEY, new ObjectKey("c")));
      assertThat(failed).hasEntrySatisfying(KEY, e -> isRefused(e));
      assertThat(read(remote, KEY)).isEqualTo(SMALL.bytes());
      assertThat(remote.find(KEY)).isPresent();
    }
  }

  private static void isRefused(RemoteException e) {
    assertThat(e.reason()).isEqualTo(Cause.PERMISSION);
    assertThat(e).hasMessageContaining("read and write there");
  }

  @Test
  void aServerWithoutSftpIsSaidToHaveNone() throws Exception {
    var server = embedded();
    server.setSubsystemFactories(List.of());
    server.start();
    try (SftpRemote remote = remote(embeddedPlace(server))) {
      RemoteException e = Failures.of(remote::probe);
      assertThat(e.reason()).isEqualTo(Cause.NOT_THERE);
      assertThat(e).hasMessageContaining("does not offer SFTP");
    } finally {
      server.stop(true);
    }
  }

  @Test
  void anotherProgramThanOpenSshLetsInWithAPassword() throws Exception {
    var server = embedded();
    server.start();
    try (SftpRemote remote = remote(embeddedPlace(server))) {
      assertThat(remote.probe()).containsEntry("checksum", "read back");
      remote.put(KEY, LARGE);
      remote.put(KEY, SMALL);
      assertThat(root.resolve("a/b")).hasBinaryContent(SMALL.bytes());
      assertThat(read(remote, KEY)).isEqualTo(SMALL.bytes());
      assertThat(remote.find(KEY).orElseThrow().sha256()).contains(SMALL.sha256());
      assertThat(remote.delete(List.of(KEY))).isEmpty();
      assertThat(root.resolve("a")).doesNotExist();
    } finally {
      server.stop(true);
    }
  }

  @Test
  void filesHaveThePermissionsOfTheirOriginals() throws Exception {
    try (SftpRemote remote = at(Door.SHELL)) {
      for (String mode : List.of("rw-------", "rw-r-----", "rwxr-xr-x")) {
        remote.put(KEY, new Permitted(SMALL, PosixFilePermissions.fromString(mode)));
        assertThat(
                PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("a/b"))))
            .isEqualTo(mode);
      }
      remote.put(KEY, new Permitted(SMALL, PosixFilePermissions.fromString("---------")));
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("a/b"))))
          .as("what its owner must be able to do")
          .isEqualTo("rw-------");
    }
  }

  private org.apache.sshd.server.SshServer embedded() {
    var server = org.apache.sshd.server.SshServer.setUpDefaultServer();
    server.setHost("127.0.0.1");
    server.setKeyPairProvider(new SimpleGeneratorHostKeyProvider());
    server.setPasswordAuthenticator(
        (user, password, session) -> user.equals("me") && password.equals("open sesame"));
    server.setSubsystemFactories(List.of(new SftpSubsystemFactory()));
    server.setFileSystemFactory(new VirtualFileSystemFactory(root));
    return server;
  }

  private SftpPlace embeddedPlace(org.apache.sshd.server.SshServer server) throws Exception {
    var key = server.getKeyPairProvider().loadKeys(null).iterator().next().getPublic();
    return SshServer.shared()
        .place(Door.SHELL, Path.of("/"))
        .host("127.0.0.1", server.getPort())
        .hostKey(HostKeys.fingerprint(key))
        .password("me", "open sesame");
  }

  private SftpRemote at(Door door) {
    return remote(SshServer.shared().place(door, root));
  }

  private static SftpRemote remote(SftpPlace place) {
    return new SftpRemote(place.settings(), Clock.systemUTC());
  }

  private static byte[] read(SftpRemote remote, ObjectKey key) throws Exception {
    try (InputStream in = remote.open(key, 0, -1)) {
      return in.readAllBytes();
    }
  }
}
