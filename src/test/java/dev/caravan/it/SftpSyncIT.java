package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.config.SftpSettings;
import dev.caravan.lab.SshServer;
import dev.caravan.lab.SshServer.Door;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The built jar mirrors a store over SFTP: every name, across kills, and says what is wrong. */
class SftpSyncIT {

  @TempDir Path folder;
  private final long seed = Long.getLong("caravan.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private CaravanSetup caravan;

  @BeforeEach
  void setUp() {
    caravan = CaravanSetup.in(folder).mirror();
  }

  @Test
  void aTreeWithEveryKindOfNameIsMirroredAndProven() throws Exception {
    configure(Door.SHELL);
    Trees.zoo(caravan.store());
    Trees.rawZoo(caravan.store());
    Trees.many(caravan.store().resolve("many"), 300, 3_000, seed);
    Path secret = caravan.store().resolve("private");
    Trees.write(secret, "for my eyes");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    Outcome sync = caravan.cli("sync");
    assertThat(sync.exitCode()).as("seed %d: %s", seed, sync).isZero();
    assertThat(sync.complaints()).isEmpty();
    assertMirrored();
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(caravan.remote().resolve("private"))))
        .isEqualTo("rw-------");

    Files.move(caravan.store().resolve("many"), caravan.store().resolve("moved"));
    Files.delete(secret);
    // A deletion is carried on only after it was seen twice.
    for (int cycle = 0; cycle < 2; cycle++) {
      Outcome next = caravan.cli("sync");
      assertThat(next.exitCode()).as("seed %d: %s", seed, next).isZero();
    }
    assertMirrored();
    try (Stream<Path> trash = Files.walk(caravan.remote().resolve(".caravan/trash"))) {
      assertThat(trash.filter(Files::isRegularFile).map(Path::getFileName).map(Path::toString))
          .contains("private");
    }
    for (String mode : List.of("size", "hash", "full")) {
      Outcome equal = caravan.cli("check", "--mode", mode);
      assertThat(equal.exitCode()).as("seed %d: %s", seed, equal).isZero();
    }
  }

  @Test
  void aSyncThatIsKilledAgainAndAgainIsFinishedByTheNext() throws Exception {
    configure(Door.SFTP_ONLY);
    Trees.many(caravan.store(), 400, 20_000, seed);
    for (int kill = 0; kill < 6; kill++) {
      byte[] big = new byte[20 << 20];
      random.nextBytes(big);
      Trees.write(caravan.store().resolve("big-" + kill % 2 + ".bin"), big);
      Trees.many(caravan.store().resolve("round-" + kill), 40, 9_000, seed + kill);
      try (CaravanProcess sync = caravan.launched("sync")) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1_500 + random.nextInt(2_500)));
        sync.kill9();
      }
    }
    for (int cycle = 0; cycle < 2; cycle++) {
      Outcome sync = caravan.cli("sync");
      assertThat(sync.exitCode()).as("seed %d: %s", seed, sync).isZero();
    }
    assertMirrored();
    assertThat(leftovers()).as("seed %d", seed).isEmpty();
  }

  @Test
  void aServerThatIsNotTheKnownOneGetsNothing() throws Exception {
    configure(Door.SHELL);
    Trees.write(caravan.store().resolve("a"), "not for strangers");
    Path none = Files.createFile(folder.resolve("known_hosts"));
    Outcome sync = caravan.set("storage.remotes[0].known_hosts=" + none).cli("sync");
    assertThat(sync.exitCode()).as("%s", sync).isEqualTo(1);
    assertThat(sync.err()).contains("the server is not in " + none).doesNotContain("\tat ");
    assertThat(caravan.remote()).isEmptyDirectory();
  }

  private void configure(Door door) {
    SftpSettings sftp = SshServer.shared().place(door, caravan.remote()).settings();
    caravan.config(
        """
        store:
          path: %s
          settle: 0s
        storage:
          remotes:
            - provider: sftp
              name: nas
              host: %s
              port: %d
              user: %s
              path: %s
              key_file: %s
              known_hosts: %s
        """
            .formatted(
                caravan.store(),
                sftp.host(),
                sftp.port(),
                sftp.user(),
                sftp.path(),
                sftp.keyFile().orElseThrow(),
                sftp.knownHosts().orElseThrow()));
  }

  private void assertMirrored() throws IOException {
    Mirrored.assertEqual(caravan.store(), caravan.remote());
  }

  private List<String> leftovers() throws IOException {
    try (Stream<Path> files = Files.list(caravan.remote().resolve(".caravan/tmp"))) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
