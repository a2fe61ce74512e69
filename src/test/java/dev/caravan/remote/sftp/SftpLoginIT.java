package dev.caravan.remote.sftp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.config.SftpSettings;
import dev.caravan.lab.Ports;
import dev.caravan.lab.SftpPlace;
import dev.caravan.lab.SshServer;
import dev.caravan.lab.SshServer.Door;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Clock;
import java.util.Map;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.PublicKeyEntryResolver;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is let in, which server is believed, and what is said when it is not so. */
class SftpLoginIT {

  @TempDir Path base;
  private final SshServer server = SshServer.shared();
  private Path home;
  private SftpPlace place;

  @BeforeEach
  void makeFolders() throws IOException {
    home = Files.createDirectories(base.resolve("home/.ssh")).getParent();
    place = server.place(Door.SHELL, Files.createDirectory(base.resolve("root")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"id", "id_rsa"})
  void aKeyOfEveryKindLogsIn(String name) throws Exception {
    assertThat(probe(place.keyFile(server.file(name)))).containsKey("checksum");
  }

  @Test
  void aKeyWithAPassphraseLogsIn() throws Exception {
    Path locked = server.file("id_locked");
    assertThat(probe(place.keyFile(locked, SshServer.PASSPHRASE))).containsKey("checksum");
    assertThat(refusal(place.keyFile(locked), Cause.AUTHENTICATION))
        .contains("id_locked")
        .contains("set key_passphrase");
    assertThat(refusal(place.keyFile(locked, "wr0ng-passphrase"), Cause.AUTHENTICATION))
        .contains("cannot be read with key_passphrase")
        .doesNotContain("wr0ng");
  }

  @Test
  void aKeyThatTheServerDoesNotKnowIsNamed() {
    assertThat(refusal(place.keyFile(server.file("stranger")), Cause.AUTHENTICATION))
        .contains("may not log in with the key")
        .contains("stranger");
  }

  @Test
  void aKeyThatIsNoneIsNamed() throws Exception {
    Path text = Files.writeString(base.resolve("text"), "not a key, but s3cret");
    assertThat(refusal(place.keyFile(text), Cause.AUTHENTICATION))
        .contains("private key")
        .doesNotContain("s3cret");
    assertThat(refusal(place.keyFile(base.resolve("nope")), Cause.AUTHENTICATION))
        .contains("is not there");
  }

  @Test
  void aWrongPasswordIsNotShown() {
    String user = place.settings().user();
    assertThat(refusal(place.password(user, "wr0ng-password"), Cause.AUTHENTICATION))
        .contains("may not log in with the password")
        .doesNotContain("wr0ng");
  }

  @Test
  void theUsualKeysAreTriedWhenNothingIsConfigured() throws Exception {
    assertThat(refusal(place.withoutCredentials(), Cause.AUTHENTICATION))
        .contains("neither key_file nor password is set");
    Files.copy(server.file("id_locked"), home.resolve(".ssh/id_rsa"));
    Files.copy(server.file("id"), home.resolve(".ssh/id_ed25519"));
    assertThat(probe(place.withoutCredentials())).containsKey("checksum");
  }

  @Test
  void aServerThatIsNotKnownIsNotTalkedTo() throws Exception {
    Path empty = Files.createFile(base.resolve("known_hosts"));
    assertThat(refusal(place.knownHosts(empty), Cause.TLS))
        .contains("the server is not in " + empty)
        .contains("SHA256:")
        .contains("ssh-keygen -l");
    assertThat(empty).isEmptyFile();
    assertThat(refusal(place.knownHosts(base.resolve("nope")), Cause.TLS)).contains("not there");
  }

  @Test
  void aServerWithAnotherKeyThanBeforeIsNotTalkedTo() throws Exception {
    String host = "[127.0.0.1]:" + server.port(Door.SHELL);
    String known = "not a line at all\n" + host + " " + server.read("stranger.pub");
    Path file = Files.writeString(base.resolve("known_hosts"), known);
    assertThat(refusal(place.knownHosts(file), Cause.TLS))
        .contains("another one is in " + file)
        .contains(fingerprint("hostkey.pub"));
    String both = known + host + " " + server.read("hostkey.pub");
    Files.writeString(file, both);
    assertThat(probe(place.knownHosts(file))).containsKey("checksum");
    Files.writeString(file, both + "@revoked * " + server.read("hostkey.pub"));
    assertThat(refusal(place.knownHosts(file), Cause.TLS)).contains("revokes");
  }

  @ParameterizedTest
  @ValueSource(strings = {"hostkey.pub", "hostkey_rsa.pub"})
  void theServerIsKnownByWhicheverOfItsKeysIsKnown(String key) throws Exception {
    String line = "[127.0.0.1]:" + server.port(Door.SHELL) + " " + server.read(key);
    Path file = Files.writeString(base.resolve("known_hosts"), line);
    assertThat(probe(place.knownHosts(file))).containsKey("checksum");
    assertThat(probe(place.hostKey(fingerprint(key)))).containsKey("checksum");
  }

  @Test
  void aServerWithoutTheKeyThatWasNamedIsNotTalkedTo() throws Exception {
    assertThat(refusal(place.hostKey(fingerprint("stranger.pub")), Cause.TLS))
        .contains("which is not storage.remotes[].host_key");
  }

  @Test
  void aServerThatCannotBeReachedIsNamed() throws Exception {
    int port = Ports.free();
    assertThat(refusal(place.host("127.0.0.1", port), Cause.NETWORK))
        .contains("127.0.0.1:" + port)
        .contains("refused");
    assertThat(refusal(place.host("no-such-host.invalid", 22), Cause.NETWORK))
        .contains("cannot be resolved");
  }

  @Test
  void aFolderThatIsNotThereIsNotMade() throws Exception {
    Path missing = base.resolve("mount/backup");
    assertThat(refusal(place.path(missing.toString()), Cause.NOT_THERE)).contains("not there");
    Path below = base.resolve("root/backup");
    assertThat(refusal(place.path(below.toString()), Cause.NOT_THERE)).contains("not there");
    assertThat(below).doesNotExist();
    Path file = Files.createFile(base.resolve("file"));
    assertThat(refusal(place.path(file.toString()), Cause.NOT_THERE)).contains("not a folder");
  }

  @Test
  void aFolderMayBeginInTheHomeOfTheUserOrBeALink() throws Exception {
    Path up = Path.of(System.getProperty("user.home")).relativize(base.resolve("root"));
    assertThat(probe(place.path(up.toString()))).containsKey("checksum");
    assertThat(probe(place.path("~/" + up))).containsKey("checksum");
    Files.createSymbolicLink(base.resolve("link"), base.resolve("root"));
    assertThat(probe(place.path(base.resolve("link").toString()))).containsKey("checksum");
  }

  private Map<String, String> probe(SftpPlace at) throws RemoteException {
    return probe(at.settings());
  }

  private Map<String, String> probe(SftpSettings settings) throws RemoteException {
    try (SftpRemote remote = new SftpRemote(settings, Clock.systemUTC(), home)) {
      return remote.probe();
    }
  }

  private String refusal(SftpPlace at, Cause cause) {
    RemoteException e = Failures.of(() -> probe(at));
    assertThat(e.reason()).as(e.getMessage()).isEqualTo(cause);
    return e.getMessage();
  }

  private String fingerprint(String name) throws Exception {
    PublicKey key =
        PublicKeyEntry.parsePublicKeyEntry(server.read(name))
            .resolvePublicKey(null, Map.of(), PublicKeyEntryResolver.FAILING);
    return HostKeys.fingerprint(key);
  }
}
