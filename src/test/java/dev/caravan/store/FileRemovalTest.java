package dev.caravan.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.event.StorePath;
import dev.caravan.store.FileRemoval.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file leaves the disk only as the version that is meant, and nothing is ever replaced. */
class FileRemovalTest {

  private static final StorePath PATH = StorePath.of("d/f");

  @TempDir Path root;
  private Path file;
  private StoreTree tree;
  private FileRemoval removal;
  private FileStat meant;

  @BeforeEach
  void write() throws IOException {
    file = root.resolve("d/f");
    Files.createDirectories(file.getParent());
    Files.writeString(file, "first");
    tree = new StoreTree(root, root.resolve(".caravan"), Clock.systemUTC());
    removal = new FileRemoval(tree);
    meant = tree.stat(PATH).orElseThrow();
  }

  private List<String> names() throws IOException {
    try (Stream<Path> names = Files.list(file.getParent())) {
      return names.map(each -> each.getFileName().toString()).sorted().toList();
    }
  }

  /** As a removal leaves it whose process dies between its two steps. */
  private Path renamedAside() throws IOException {
    Path aside = file.resolveSibling(AtomicFile.asideName(meant.inode()));
    return Files.move(file, aside);
  }

  @Test
  void theVersionThatIsMeantGoesAndItsFolderStays() throws Exception {
    assertThat(removal.remove(meant)).isEqualTo(Outcome.REMOVED);
    assertThat(names()).isEmpty();
    assertThat(removal.remove(meant)).isEqualTo(Outcome.GONE);
  }

  @Test
  void aFileThatIsGoneIsSaidToBeGoneAlsoWhenItsFolderCannotBeMadeDurable() throws Exception {
    // An interrupt closes the channel that would make it so: as in a stop in the middle.
    Thread.currentThread().interrupt();
    assertThat(removal.remove(meant)).isEqualTo(Outcome.REMOVED);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(names()).isEmpty();
    assertThat(removal.isThere(PATH)).isFalse();
  }

  @Test
  void anythingElseUnderTheNameStays() throws Exception {
    Files.writeString(file, "other");
    assertThat(removal.remove(meant)).isEqualTo(Outcome.CHANGED);
    Files.delete(file);
    Files.createSymbolicLink(file, root);
    assertThat(removal.remove(meant)).isEqualTo(Outcome.CHANGED);
    Files.delete(file);
    Files.createDirectory(file);
    assertThat(removal.remove(meant)).isIn(Outcome.CHANGED, Outcome.GONE);
    assertThat(names()).containsExactly("f");
  }

  @Test
  void aFileThatTookTheInodeAndTheTimeButNotTheSizeStays() throws Exception {
    FileTime time = Files.getLastModifiedTime(file);
    Files.writeString(file, "longer than first");
    Files.setLastModifiedTime(file, time);
    assertThat(removal.remove(meant)).isEqualTo(Outcome.CHANGED);
    assertThat(file).hasContent("longer than first");
  }

  @Test
  void onlyALinkGoesWhereALinkIsMeant() throws Exception {
    assertThat(removal.removeLink(meant)).isEqualTo(Outcome.CHANGED);
    assertThat(file).hasContent("first");
    Path target = Files.move(file, root.resolve("target"));
    Files.createSymbolicLink(file, target);
    assertThat(removal.removeLink(meant)).isEqualTo(Outcome.REMOVED);
    assertThat(names()).isEmpty();
    assertThat(target).hasContent("first");
    assertThat(removal.removeLink(meant)).isEqualTo(Outcome.GONE);
  }

  @Test
  void whatLiesAsideIsPutBackAtTheNextStart() throws Exception {
    renamedAside();
    assertThat(removal.recover(meant)).contains(Outcome.CHANGED);
    assertThat(names()).containsExactly("f");
    assertThat(file).hasContent("first");
    assertThat(removal.recover(meant)).isEmpty();
  }

  @Test
  void whatLiesAsideOfANewFileIsTheOldVersionAndGoes() throws Exception {
    renamedAside();
    Files.writeString(file, "made anew");
    assertThat(removal.recover(meant)).contains(Outcome.REMOVED);
    assertThat(names()).containsExactly("f");
    assertThat(file).hasContent("made anew");
  }

  @Test
  void whatWasWrittenToWhileItLayAsideIsKeptBesideANewFile() throws Exception {
    Files.writeString(renamedAside(), "written by one who had it open");
    Files.writeString(file, "made anew");
    assertThat(removal.recover(meant)).contains(Outcome.KEPT_BESIDE);
    assertThat(file).hasContent("made anew");
    Path kept = file.resolveSibling("caravan-kept-" + meant.inode());
    assertThat(kept).hasContent("written by one who had it open");
    assertThat(names()).containsExactly("caravan-kept-" + meant.inode(), "f");
  }

  @Test
  void whatLiesInTheWayIsNotReplaced() throws Exception {
    Files.createFile(file.resolveSibling(AtomicFile.asideName(meant.inode())));
    assertThatThrownBy(() -> removal.remove(meant)).hasMessageContaining("in the way");
    assertThat(file).hasContent("first");
  }

  @Test
  void nothingOfCaravansOwnGoes() throws Exception {
    Files.createDirectories(root.resolve(".caravan"));
    Files.writeString(root.resolve(".caravan/store.id"), "id");
    FileStat own =
        NodeStat.of(root.resolve(".caravan/store.id")).at(StorePath.of(".caravan/store.id"));
    assertThatThrownBy(() -> removal.remove(own)).hasMessageContaining("Caravan's own folder");
  }
}
