package dev.caravan.snapshot.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.contract.TestContent;
import dev.caravan.lab.MadeSnapshot;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.memory.MemoryRemote;
import dev.caravan.snapshot.manifest.ManifestObject;
import dev.caravan.snapshot.verify.SnapshotVerify.Mode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SnapshotVerifyTest {
  @TempDir Path source;
  private final MemoryRemote remote = new MemoryRemote("memory");
  private final Map<String, String> differences = new ConcurrentHashMap<>();

  @BeforeEach
  void makeSnapshot() throws Exception {
    Files.createDirectory(source.resolve("d"));
    Files.writeString(source.resolve("d/a"), "aaaa");
    Files.writeString(source.resolve("d/b"), "bbbb");
    Files.writeString(source.resolve("c"), "");
    Files.createSymbolicLink(source.resolve("link"), Path.of("nowhere"));
    MadeSnapshot.of(source, remote, "s/");
  }

  @ParameterizedTest
  @EnumSource
  void allThatIsThereAndRightIsFine(Mode mode) throws Exception {
    SnapshotVerify verify = verify(mode);

    assertThat(differences).isEmpty();
    assertThat(verify.files()).isEqualTo(3);
    assertThat(verify.bytesRead()).isEqualTo(mode == Mode.FULL ? 8 : 0);
  }

  @ParameterizedTest
  @EnumSource
  void eachDifferenceIsNamed(Mode mode) throws Exception {
    remote.lose(new ObjectKey("s/c"));
    remote.put(new ObjectKey("s/d/a"), TestContent.of("AAAA"));
    remote.put(new ObjectKey("s/d/b"), TestContent.of("bbbbb"));

    SnapshotVerify verify = verify(mode);

    assertThat(differences).containsOnlyKeys("c", "d/a", "d/b");
    assertThat(verify.different()).isEqualTo(3);
    assertThat(differences.get("c")).contains("not there");
    assertThat(differences.get("d/a")).contains("SHA-256");
    assertThat(differences.get("d/b")).contains("5 bytes instead of 4");
  }

  @Test
  void onlyAFullLookSeesBytesThatChangedUnderTheirChecksum() throws Exception {
    TestContent lied = TestContent.of("aaaa");
    remote.faults().lieOnPut(1);
    remote.put(new ObjectKey("s/d/a"), lied);
    assertThat(remote.faults().happened()).isPositive();

    verify(Mode.FULL);

    assertThat(differences).containsOnlyKeys("d/a");
  }

  private SnapshotVerify verify(Mode mode) throws Exception {
    SnapshotVerify verify = new SnapshotVerify(remote, 3, differences::put);
    verify.run(ManifestObject.load(remote, "s/").orElseThrow(), "s/", mode);
    return verify;
  }
}
