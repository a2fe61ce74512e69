package dev.caravan.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.event.StorePath;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir Path folder;

  @Test
  void nothingIsVisibleBeforeTheCommit() throws Exception {
    Path target = folder.resolve("target");
    try (AtomicFile file = AtomicFile.begin(target)) {
      file.write(new byte[] {1, 2, 3});

      assertThat(target).doesNotExist();
      assertThat(names()).singleElement().matches(AtomicFile::isTemporary);
      file.commit();
    }
    assertThat(target).hasBinaryContent(new byte[] {1, 2, 3});
    assertThat(names()).containsExactly("target");
  }

  @Test
  void whatIsNotCommittedLeavesNothing() throws Exception {
    try (AtomicFile file = AtomicFile.begin(folder.resolve("target"))) {
      file.write(new byte[100]);
    }
    assertThat(names()).isEmpty();
  }

  @Test
  void timeAndPermissionsAreSetToTheNanosecond() throws Exception {
    Path target = folder.resolve("target");
    long modifiedNs = 1_700_000_000_123_456_789L;
    try (AtomicFile file = AtomicFile.begin(target).modifiedAt(modifiedNs).mode(0104640)) {
      file.write(new byte[1]);
      file.commit();
    }
    NodeStat stat = NodeStat.of(target);
    assertThat(stat.mode() & 07777).isEqualTo(0640);
    assertThat(stat.modifiedNs()).isEqualTo(modifiedNs);
  }

  @Test
  void whatSomebodyElseDidToAFileShows() throws Exception {
    Path target = folder.resolve("target");
    StorePath path = StorePath.of("target");
    try (AtomicFile file = AtomicFile.begin(target).modifiedAt(1_000_000_000L)) {
      file.write(new byte[] {1});
      file.commitNew();
      assertThat(file.look(path)).contains(NodeStat.of(target).at(path));

      Files.write(target, new byte[] {2});
      assertThat(file.look(path)).as("written to").isEmpty();
      Files.setLastModifiedTime(target, FileTime.from(1, TimeUnit.SECONDS));
      assertThat(file.look(path)).as("nothing but the status change time differs").isPresent();
      Files.move(target, folder.resolve("other"));
      assertThat(file.look(path)).as("gone").isEmpty();
      Files.write(target, new byte[] {1});
      Files.setLastModifiedTime(target, FileTime.from(1, TimeUnit.SECONDS));
      assertThat(file.look(path)).as("replaced").isEmpty();
    }
  }

  @Test
  void permissionsAreTheUsualOnesOtherwise() throws Exception {
    AtomicFile.write(folder.resolve("target"), new byte[0]);
    Path usual = Files.createFile(folder.resolve("usual"));

    assertThat(Files.getPosixFilePermissions(folder.resolve("target")))
        .isEqualTo(Files.getPosixFilePermissions(usual));
  }

  @Test
  void whatIsPrivateIsNobodyElsesToRead() throws Exception {
    Path target = folder.resolve("target");
    try (AtomicFile file = AtomicFile.beginPrivate(target).mode(0644)) {
      assertThat(NodeStat.of(file.path()).mode() & 0777).isEqualTo(0600);
      file.commit();
    }
    assertThat(NodeStat.of(target).mode() & 0777).isEqualTo(0644);
  }

  @Test
  void ofManyEachAppearsThatCanAndNothingElseIsLeft() throws Exception {
    Files.createDirectories(folder.resolve("gone"));
    AtomicFile.write(folder.resolve("b"), new byte[] {9});
    List<AtomicFile> files = new ArrayList<>();
    for (String name : List.of("a", "b", "gone/c", "d")) {
      AtomicFile file = AtomicFile.begin(folder.resolve(name)).modifiedAt(1_000_000_000L);
      file.write(name.getBytes(UTF_8));
      files.add(file);
    }
    assertThat(folder.resolve("a")).doesNotExist();
    Files.delete(files.get(2).path());
    Files.delete(folder.resolve("gone"));

    Map<AtomicFile, IOException> faults = AtomicFile.commitAllNew(files);
    for (AtomicFile file : files) {
      file.close();
    }

    assertThat(faults).containsOnlyKeys(files.get(1), files.get(2));
    assertThat(faults.get(files.get(1))).isInstanceOf(FileAlreadyExistsException.class);
    assertThat(names()).containsExactlyInAnyOrder("a", "b", "d");
    assertThat(folder.resolve("a")).hasContent("a");
    assertThat(folder.resolve("b")).hasBinaryContent(new byte[] {9});
    assertThat(Files.getLastModifiedTime(folder.resolve("d")).toMillis()).isEqualTo(1_000);
  }

  @Test
  void commitReplacesAndCommitNewRefuses() throws Exception {
    Path target = folder.resolve("target");
    AtomicFile.write(target, new byte[] {1});
    AtomicFile.write(target, new byte[] {2});
    try (AtomicFile file = AtomicFile.begin(target)) {
      file.write(new byte[] {3});

      assertThatThrownBy(file::commitNew).isInstanceOf(FileAlreadyExistsException.class);
    }
    assertThat(target).hasBinaryContent(new byte[] {2});
    assertThat(names()).containsExactly("target");
  }

  @Test
  void commitNewMakesOneNameOnly() throws Exception {
    Path target = folder.resolve("target");
    try (AtomicFile file = AtomicFile.begin(target)) {
      file.write(new byte[] {3});
      file.commitNew();
    }
    assertThat(names()).containsExactly("target");
    assertThat(Files.getAttribute(target, "unix:nlink")).isEqualTo(1);
  }

  @Test
  void aReaderSeesTheOldOrTheNewWhole() throws Exception {
    Path target = folder.resolve("target");
    AtomicFile.write(target, filled(0));
    AtomicBoolean done = new AtomicBoolean();
    Thread writer =
        new Thread(
            () -> {
              try {
                for (int i = 1; i < 60; i++) {
                  AtomicFile.write(target, filled(i));
                }
              } catch (IOException e) {
                throw new IllegalStateException(e);
              } finally {
                done.set(true);
              }
            });
    writer.start();
    while (!done.get()) {
      byte[] read = Files.readAllBytes(target);
      assertThat(read).isEqualTo(filled(read[0]));
    }
    writer.join();
    assertThat(Files.readAllBytes(target)).isEqualTo(filled(59));
  }

  @Test
  void aMissingFolderIsAnError() {
    assertThatThrownBy(() -> AtomicFile.begin(folder.resolve("no/target")))
        .isInstanceOf(NoSuchFileException.class);
  }

  private static byte[] filled(int value) {
    byte[] bytes = new byte[50_000 + value * 1000];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(path -> path.getFileName().toString()).toList();
    }
  }
}
