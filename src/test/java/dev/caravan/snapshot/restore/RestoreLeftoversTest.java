package dev.caravan.snapshot.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.contract.TestContent;
import dev.caravan.lab.MadeSnapshot;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.memory.MemoryRemote;
import dev.caravan.snapshot.manifest.ManifestObject;
import dev.caravan.store.AtomicFile;
import dev.caravan.store.place.Leftovers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a restore that was killed leaves in the volume. */
class RestoreLeftoversTest {

  private static final String FOLDER = "2026-11-21-032800/";

  @TempDir Path folder;
  private final MemoryRemote remote = new MemoryRemote("memory");
  private Path source;
  private Path to;
  private Path outside;

  @BeforeEach
  void makeFolders() throws IOException {
    source = Files.createDirectory(folder.resolve("source"));
    to = folder.resolve("to");
    outside = Files.createDirectory(folder.resolve("outside"));
  }

  @Test
  void whatAKilledRestoreLeftUnfinishedIsDeletedAndNothingElse() throws Exception {
    Files.createDirectories(source.resolve("a/b"));
    Files.writeString(source.resolve("a/b/file"), "x");
    MadeSnapshot.of(source, remote, FOLDER);
    Files.createDirectories(to.resolve("a/b"));
    Files.createDirectories(to.resolve("mine"));
    Files.writeString(to.resolve(".caravan-123.part"), "torn");
    Files.writeString(to.resolve("a/b/.caravan-456.part"), "torn");
    Files.createSymbolicLink(to.resolve("a/.caravan-789.part"), outside);
    List<String> others =
        List.of(
            "a/b/.caravan-x.part", "a/b/.caravan-1.aside", "a/b/x.part", "mine/.caravan-1.part");
    for (String other : others) {
      Files.writeString(to.resolve(other), "not ours");
    }
    Files.createDirectories(to.resolve("a/.caravan-5.part/below"));
    letTimePassSince(to.resolve("mine/.caravan-1.part"));

    RestoreReport report = restore();

    assertThat(report.leftovers()).isEqualTo(3);
    assertThat(to.resolve("a/b/file")).hasContent("x");
    assertThat(to.resolve(".caravan-123.part")).doesNotExist();
    assertThat(to.resolve("a/b/.caravan-456.part")).doesNotExist();
    assertThat(Files.exists(to.resolve("a/.caravan-789.part"), LinkOption.NOFOLLOW_LINKS))
        .isFalse();
    assertThat(outside).isDirectory();
    assertThat(others).allSatisfy(other -> assertThat(to.resolve(other)).hasContent("not ours"));
    assertThat(to.resolve("a/.caravan-5.part/below")).isDirectory();
    assertThat(restore().leftovers()).isZero();
  }

  @Test
  void aFolderWithoutAManifestIsTidiedAsWell() throws Exception {
    remote.put(new ObjectKey(FOLDER + "a/b.txt"), TestContent.of("text"));
    Files.createDirectories(to.resolve("a"));
    letTimePassSince(Files.writeString(to.resolve("a/.caravan-1.part"), "torn"));

    RestoreReport report = new RestoreReport(new Silent());
    new SnapshotRestore(remote, to, 1, report, Clock.systemUTC())
        .runPlain(FOLDER, Optional.empty());

    assertThat(to.resolve("a").toFile().list()).containsExactly("b.txt");
    assertThat(report.leftovers()).isEqualTo(1);
  }

  @Test
  void whatSomebodyIsAtWorkOnIsNotDeleted() throws Exception {
    Files.createDirectories(to);
    Leftovers before = Leftovers.before(to);
    try (AtomicFile other = AtomicFile.begin(to.resolve("other"))) {
      assertThat(before.sweep(to)).isZero();
      other.commit();
    }
    assertThat(to.resolve("other")).exists();
  }

  /** Until the clock of the file system, which ticks slowly, shows another time. */
  private void letTimePassSince(Path file) throws IOException {
    Object then = Files.getAttribute(file, "unix:ctime");
    Path now = outside.resolve("now");
    do {
      Files.deleteIfExists(now);
      Files.createFile(now);
    } while (Files.getAttribute(now, "unix:ctime").equals(then));
    Files.delete(now);
  }

  private RestoreReport restore() throws Exception {
    RestoreReport report = new RestoreReport(new Silent());
    ManifestObject manifest = ManifestObject.load(remote, FOLDER).orElseThrow();
    new SnapshotRestore(remote, to, 4, report, Clock.systemUTC())
        .run(manifest, FOLDER, Optional.empty());
    assertThat(report.problems()).isZero();
    return report;
  }

  /** Everything is counted. */
  private static final class Silent implements RestoreReport.Listener {
    @Override
    public void problem(String path, String cause) {}

    @Override
    public void note(String path, String what) {}
  }
}
