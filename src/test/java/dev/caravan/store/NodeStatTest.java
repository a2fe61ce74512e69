package dev.caravan.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeStatTest {
  @TempDir Path folder;

  /** The tests are started with what the jar's manifest opens. */
  @Test
  void theQuickWaySaysWhatTheMapSays() throws IOException {
    assertThat(UnixFields.areOpen()).isTrue();
    Path file = Files.write(folder.resolve("file"), "five!".getBytes(UTF_8));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r-x-w---x"));
    Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2001-02-03T04:05:06.123456Z")));
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("nowhere"));

    for (Path each : new Path[] {file, link, folder, Path.of("/dev/null"), Path.of("/proc/1")}) {
      assertThat(NodeStat.of(each)).as("%s", each).isEqualTo(NodeStat.ofMap(each));
    }
    NodeStat stat = NodeStat.of(file);
    assertThat(stat.sizeBytes()).isEqualTo(5);
    assertThat(stat.modifiedNs()).isEqualTo(981_173_106_123_456_000L);
    assertThat(stat.mode()).isEqualTo(0100521);
    assertThat(stat.inode()).isEqualTo(Files.getAttribute(file, "unix:ino"));
    assertThat(stat.changedNs()).isGreaterThan(1_700_000_000_000_000_000L);
  }

  @Test
  void aNameThatIsNotThereIsToldAsSuch() {
    assertThatThrownBy(() -> NodeStat.of(folder.resolve("none")))
        .isInstanceOf(NoSuchFileException.class);
  }
}
