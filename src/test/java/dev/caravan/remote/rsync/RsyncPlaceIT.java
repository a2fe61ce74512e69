package dev.caravan.remote.rsync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.contract.TestContent;
import dev.caravan.event.PathNames;
import dev.caravan.lab.AtOnce;
import dev.caravan.lab.SshServer;
import dev.caravan.lab.SshServer.Door;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.remote.StoredObject;
import dev.caravan.remote.StoredObject.Proof;
import dev.caravan.remote.sftp.Permitted;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What lies at the remote, and where it may lie. */
class RsyncPlaceIT {

  private static final ObjectKey KEY = new ObjectKey("a/b");
  private static final String ODD = "it's \"odd\" $HOME `id`; ls \\ \u00e9\u4e2d";

  @TempDir Path root;

  private RsyncSetup over(String path) {
    return RsyncSetup.over(SshServer.shared().place(Door.SHELL, root).path(path).transfers(64));
  }

  @Test
  void theFolderMayHaveAnyName() throws Exception {
    String raw = root + "/" + ODD + " \u201bFF\n";
    Path folder = Files.createDirectory(PathNames.resolve(Path.of("/"), raw.substring(1)));
    Path here = Files.createDirectory(root.resolve("here, " + ODD));
    for (RsyncSetup setup : List.of(over(raw), RsyncSetup.local(here))) {
      try (Remote remote = setup.remote()) {
        assertThat(remote.probe()).containsKey("rsync");
        remote.put(KEY, TestContent.of("content"));
      }
    }
    assertThat(folder.resolve("a/b")).hasContent("content");
    assertThat(here.resolve("a/b")).hasContent("content");
  }

  @Test
  void timesAndPermissionsAreTheFilesOwnHoweverBigItIs() throws Exception {
    RsyncLimits segments =
        new RsyncLimits(
            Duration.ofMillis(50), Duration.ofMinutes(1), Duration.ofSeconds(2), 2 << 20);
    Instant time = Instant.parse("2107-03-01T12:34:56.123456789Z");
    for (RsyncSetup setup : List.of(over(root.toString()), RsyncSetup.local(root).compressed())) {
      for (int size : new int[] {0, 1000, (4 << 20) + 1, 17 << 20}) {
        TestContent content = TestContent.ofSize(size, 5).modified(time);
        Permitted permitted = new Permitted(content, PosixFilePermissions.fromString("r-xr-x--x"));
        try (Remote remote = setup.remote(segments)) {
          remote.probe();
          StoredObject stored = remote.put(KEY, permitted);
          assertThat(stored.proof()).isIn(Proof.SERVER_CHECKED, Proof.READ_BACK);
        }
        Path file = root.resolve("a/b");
        assertThat(file).hasBinaryContent(content.bytes());
        assertThat(Files.getLastModifiedTime(file).toInstant()).isEqualTo(time);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
            .isEqualTo("rwxr-x--x");
      }
    }
  }

  @Test
  void theOperatorMayChangePermissionsAndLimitTheRate() throws Exception {
    try (Remote remote = over(root.toString()).chmod("g+w,o=").bwlimit("4m").remote()) {
      remote.probe();
      TestContent content = TestContent.ofSize(8 << 20, 5);
      long since = System.nanoTime();
      remote.put(KEY, new Permitted(content, PosixFilePermissions.fromString("rw-r--r--")));
      assertThat(Duration.ofNanos(System.nanoTime() - since)).isGreaterThan(Duration.ofSeconds(1));
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("a/b"))))
          .isEqualTo("rw-rw----");
    }
  }

  @Test
  void manyPutsAtOnceShareAFewChildrenAndOneLogin() throws Exception {
    try (Remote remote = over(root.toString()).remote()) {
      remote.probe();
      int logins = count("Accepted publickey");
      int sessions = count("Starting session: command");
      List<Callable<StoredObject>> puts = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        ObjectKey key = new ObjectKey("many/" + i);
        puts.add(() -> remote.put(key, TestContent.ofSize(3_000, key.hashCode())));
      }
      assertThat(AtOnce.run(64, puts)).hasSize(400).doesNotContainNull();
      assertThat(count("Starting session: command") - sessions).isBetween(2, 60);
      assertThat(count("Accepted publickey") - logins).as("four lines a session").isLessThan(17);
    }
  }

  @Test
  void statusAndIdentitySayWhatItIs() throws Exception {
    try (Remote there = over(root.toString()).remote();
        Remote here = RsyncSetup.local(root).remote()) {
      assertThat(there.provider()).isEqualTo("rsync");
      assertThat(there.identity()).startsWith("rsync://").endsWith(root.toString());
      assertThat(here.identity()).isEqualTo("rsync:" + root);
      Map<String, String> facts = there.probe();
      assertThat(facts.get("rsync")).matches("[34]\\..*");
      assertThat(facts).containsKeys("server", "checksum", "free_bytes");
      assertThat(here.probe()).containsKeys("rsync", "file_system", "free_bytes");
    }
  }

  private static int count(String words) {
    return SshServer.shared().read("log").split(words, -1).length;
  }
}
