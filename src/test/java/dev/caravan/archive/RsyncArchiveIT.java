package dev.caravan.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.config.ArchiveSettings.DeleteClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real rsync, to a folder of this machine, as an archive without a server uses it. */
class RsyncArchiveIT {

  @TempDir Path folder;
  private ArchiveLab lab;

  @BeforeEach
  void setUp() throws Exception {
    lab = new ArchiveLab(folder);
  }

  @AfterEach
  void tearDown() throws Exception {
    lab.close();
  }

  private static List<Path> files(Path root) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(Files::isRegularFile).toList();
    }
  }

  @Test
  void fiftyGoOneStaysAndAllAreWritableForTheGroupAtTheDestination() throws Exception {
    lab.deleteAfter(Duration.ZERO, DeleteClock.COPIED).rsync("A", "ug+w");
    for (int i = 0; i < 51; i++) {
      Path file = lab.write("A/d/f" + i, "content " + i);
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
      lab.register("A", file, ArchiveLab.md5(file), "d/f" + i, i > 0);
    }
    lab.rounds("A", 2);
    assertThat(files(folder.resolve("data"))).containsExactly(folder.resolve("data/A/d/f0"));
    List<Path> copies = files(folder.resolve("at-A"));
    assertThat(copies).hasSize(51);
    for (Path copy : copies) {
      assertThat(Files.getPosixFilePermissions(copy))
          .contains(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OWNER_WRITE);
    }
    assertThat(folder.resolve("links")).as("what links lay in").isEmptyDirectory();
  }

  @Test
  void aCopyThatTakesTooLongIsEndedLeavesNoPartAndStarvesNoOther() throws Exception {
    lab.slow("200", Duration.ofSeconds(1)).rsync("A", "g+rwX,o+rX");
    Path big = lab.write("A/big", "x".repeat(3 << 20));
    long slow = lab.register("A", big, ArchiveLab.md5(big), "big", true);
    long small = lab.register("A", "small");
    lab.round("A");
    assertThat(lab.state(small)).isEqualTo("copied");
    assertThat(lab.row(slow).attempts()).isEqualTo(1);
    assertThat(lab.row(slow).reason().orElseThrow()).contains("copy_timeout");
    assertThat(lab.archive("A").hostFailures()).isZero();
    assertThat(folder.resolve("at-A/big")).doesNotExist();
    Awaitility.await("rsync takes its part away when it is ended")
        .atMost(Duration.ofSeconds(10))
        .until(() -> files(folder.resolve("at-A")), List.of(folder.resolve("at-A/small"))::equals);
    assertThat(big).exists();
  }
}
