package dev.caravan.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.archive.queue.QueueRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of a folder that nobody registers. The clock stands where the files' own times are. */
class WatchedFolderTest {

  @TempDir Path folder;
  private Path root;
  private ArchiveLab lab;
  private ArchiveDesk desk;
  private WatchedFolder watched;

  @BeforeEach
  void setUp() throws Exception {
    root = Files.createDirectories(folder.resolve("watched"));
    lab = new ArchiveLab(folder).watch(root);
    desk = lab.desk("A");
    watched = new WatchedFolder(lab.settings("A"), desk, lab.clock);
  }

  @AfterEach
  void tearDown() throws Exception {
    desk.close();
    lab.close();
  }

  private void write(String name, String text) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    Files.setLastModifiedTime(file, FileTime.from(lab.clock.instant()));
  }

  private List<String> registered() throws Exception {
    return lab.texts("SELECT remote_path FROM supersync_v0 ORDER BY remote_path");
  }

  @Test
  void aFileThatIsQuietIsRegisteredOnceUnderItsPathAndThenCopied() throws Exception {
    write("x/a", "1");
    watched.gather();
    assertThat(registered()).as("it is too young").isEmpty();
    lab.clock.advance(Duration.ofSeconds(61));
    write("b", "2");
    watched.gather();
    assertThat(registered()).containsExactly("x/a");
    lab.clock.advance(Duration.ofSeconds(61));
    watched.gather();
    watched.gather();
    assertThat(registered()).containsExactly("b", "x/a");
    lab.round("A");
    assertThat(lab.at("A", "x/a")).hasContent("1");
    assertThat(lab.at("A", "b")).hasContent("2");
  }

  @Test
  void aFileWithAnOldTimeThatCameJustNowIsNotMissed() throws Exception {
    watched.gather();
    write("moved", "here with its old time");
    Files.setLastModifiedTime(root.resolve("moved"), FileTime.fromMillis(1_000));
    watched.gather();
    assertThat(registered()).containsExactly("moved");
  }

  @Test
  void whatWasDeletedAfterItsCopyAndComesAgainIsRegisteredAgain() throws Exception {
    write("a", "1");
    lab.clock.advance(Duration.ofSeconds(61));
    watched.gather();
    desk.add(
        new ArchiveDesk.Wish(
            root.resolve("a").toString(),
            "a",
            java.util.OptionalDouble.empty(),
            java.util.Optional.empty(),
            true));
    assertThat(registered()).containsExactly("a");
    lab.sql("UPDATE supersync_v0 SET removed = 5");
    write("a", "1");
    lab.clock.advance(Duration.ofSeconds(61));
    watched.gather();
    assertThat(registered()).containsExactly("a", "a");
    assertThat(desk.isThere(root.resolve("a").toString())).isTrue();
  }

  @Test
  void aFolderThatIsNotThereIsAFaultUntilItIs() throws Exception {
    Files.delete(root);
    watched.gather();
    assertThat(watched.fault()).get().asString().contains("watched", "cannot be read");
    write("a", "1");
    lab.clock.advance(Duration.ofSeconds(61));
    watched.gather();
    assertThat(watched.fault()).isEmpty();
    assertThat(registered()).containsExactly("a");
  }

  @Test
  void oneFileThatCannotBeRegisteredIsNamedAndTheOthersAre() throws Exception {
    write("a", "1");
    write("b", "2");
    lab.register("A", "b");
    lab.clock.advance(Duration.ofSeconds(61));
    watched.gather();
    assertThat(watched.fault()).get().asString().contains("'b'", "other content");
    assertThat(registered()).containsExactly("a", "b");
    List<QueueRow> rows = lab.archive("A").queue().listAtLocal(root.resolve("a").toString());
    assertThat(rows).hasSize(1);
  }
}
