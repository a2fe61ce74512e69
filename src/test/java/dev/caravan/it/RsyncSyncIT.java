package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.config.SftpSettings;
import dev.caravan.lab.SshServer;
import dev.caravan.lab.SshServer.Door;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The built jar mirrors a store by rsync: every name, time and permission, and across kills. */
class RsyncSyncIT {

  @TempDir Path folder;
  private final long seed = Long.getLong("caravan.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private CaravanSetup caravan;

  @BeforeEach
  void setUp() {
    caravan = CaravanSetup.in(folder).mirror();
  }

  @Test
  void aTreeIsMirroredWithItsNamesTimesAndPermissions() throws Exception {
    toServer("compression: true");
    Trees.zoo(caravan.store());
    Trees.rawZoo(caravan.store());
    Trees.many(caravan.store().resolve("many"), 200, 3_000, seed);
    file("private", 100, "rw-------", "2026-03-01T12:34:56.123456789Z");
    file("shared", 0, "rwxr-xr-x", "1999-12-31T23:59:59.999999999Z");
    file("big", 6 << 20, "r--r-----", "2107-01-01T00:00:00.000000001Z");
    assertGood(caravan.cli("sync"));
    assertMirrored();
    for (String name : List.of("private", "shared")) {
      assertThat(mode(caravan.remote(), name)).isEqualTo(mode(caravan.store(), name));
      assertThat(time(caravan.remote(), name)).isEqualTo(time(caravan.store(), name));
    }
    assertThat(mode(caravan.remote(), "big")).as("its owner may write").isEqualTo("rw-r-----");
    assertThat(time(caravan.remote(), "big")).isEqualTo(time(caravan.store(), "big"));
    // Trees are compared to the second elsewhere, and here to the nanosecond.
    assertThat(Trees.snapshot(caravan.remote()))
        .containsAllEntriesOf(Trees.snapshot(caravan.store()));

    Files.delete(caravan.store().resolve("private"));
    Files.move(caravan.store().resolve("many"), caravan.store().resolve("moved"));
    for (int cycle = 0; cycle < 2; cycle++) {
      assertGood(caravan.cli("sync"));
    }
    assertMirrored();
  }

  @Test
  void permissionsAreChangedAsTheOperatorWantsThem() throws Exception {
    toServer("chmod: u=rwX,g=rX,o=");
    file("open", 10, "rw-rw-rw-", "2026-03-01T12:34:56Z");
    file("closed", 10, "rwx------", "2026-03-01T12:34:56Z");
    assertGood(caravan.cli("sync"));
    assertThat(mode(caravan.remote(), "open")).isEqualTo("rw-r-----");
    assertThat(mode(caravan.remote(), "closed")).isEqualTo("rwxr-x---");
  }

  @Test
  void aFolderOfThisMachineIsMirroredToo() throws Exception {
    configure("path: %s".formatted(caravan.remote()));
    Trees.zoo(caravan.store());
    Trees.rawZoo(caravan.store());
    assertGood(caravan.cli("sync"));
    assertMirrored();
  }

  @Test
  void aSyncThatIsKilledAgainAndAgainIsFinishedByTheNext() throws Exception {
    toServer("bwlimit: 20m");
    Trees.many(caravan.store(), 100, 20_000, seed);
    for (int kill = 0; kill < 3; kill++) {
      byte[] big = new byte[20 << 20];
      random.nextBytes(big);
      Trees.write(caravan.store().resolve("big-" + kill % 2 + ".bin"), big);
      Trees.many(caravan.store().resolve("round-" + kill), 40, 9_000, seed + kill);
      try (CaravanProcess sync = caravan.launched("sync")) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2_000 + random.nextInt(2_000)));
        sync.kill9();
      }
    }
    Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> ours().isEmpty());
    for (int cycle = 0; cycle < 2; cycle++) {
      assertGood(caravan.cli("sync"));
    }
    assertMirrored();
    try (Stream<Path> left = Files.list(caravan.remote().resolve(".caravan/tmp"))) {
      assertThat(left).as("seed %d", seed).isEmpty();
    }
    try (Stream<Path> left = Files.list(folder.resolve("tmp"))) {
      assertThat(left.map(Path::toString)).noneMatch(name -> name.contains("caravan-rsync-"));
    }
  }

  /** Processes that were started for this test's store, whoever is their parent by now. */
  private List<String> ours() {
    String mark = folder.resolve("tmp").toString();
    return ProcessHandle.allProcesses()
        .flatMap(process -> process.info().arguments().stream())
        .filter(arguments -> Arrays.stream(arguments).anyMatch(word -> word.contains(mark)))
        .map(arguments -> String.join(" ", arguments))
        .filter(line -> line.contains("rsync") && !line.contains("caravan.jar"))
        .toList();
  }

  private void file(String name, int size, String mode, String time) throws IOException {
    Path file = caravan.store().resolve(name);
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    Trees.write(file, bytes);
    Files.setLastModifiedTime(file, FileTime.from(Instant.parse(time)));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }

  private static String mode(Path tree, String name) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(tree.resolve(name)));
  }

  private static FileTime time(Path tree, String name) throws IOException {
    return Files.getLastModifiedTime(tree.resolve(name));
  }

  private void toServer(String more) throws IOException {
    SftpSettings s = SshServer.shared().place(Door.SHELL, caravan.remote()).settings();
    configure(
        """
        host: %s@%s
              port: %d
              path: %s
              key_file: %s
              known_hosts: %s
              %s
        """
            .formatted(
                s.user(),
                s.host(),
                s.port(),
                s.path(),
                s.keyFile().orElseThrow(),
                s.knownHosts().orElseThrow(),
                more));
  }

  private void configure(String remote) throws IOException {
    Files.createDirectories(folder.resolve("tmp"));
    caravan.jvm("-Djava.io.tmpdir=" + folder.resolve("tmp"));
    caravan.config(
        """
        store:
          path: %s
          settle: 0s
        storage:
          remotes:
            - provider: rsync
              name: nas
              %s
        """
            .formatted(caravan.store(), remote));
  }

  private void assertGood(Outcome sync) {
    assertThat(sync.exitCode()).as("seed %d: %s", seed, sync).isZero();
    assertThat(sync.complaints()).isEmpty();
  }

  private void assertMirrored() throws IOException {
    Mirrored.assertEqual(caravan.store(), caravan.remote());
  }
}
