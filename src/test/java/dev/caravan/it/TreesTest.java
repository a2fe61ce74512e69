package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreesTest {

  @TempDir Path folder;

  @Test
  void theZooIsMadeAndEqualsItself() throws Exception {
    Trees.zoo(folder.resolve("a"));
    Trees.rawZoo(folder.resolve("a"));
    Trees.zoo(folder.resolve("b"));
    Trees.rawZoo(folder.resolve("b"));
    var a = Trees.snapshot(folder.resolve("a"));
    assertThat(a)
        .hasSizeGreaterThan(40)
        .containsKeys("bad%FF", "new%0Aline", "x".repeat(255), "empty", "%C3(");
    assertThat(Trees.differences(a, Trees.snapshot(folder.resolve("b")))).isEmpty();
  }

  @Test
  void aLostAFurtherAndAChangedFileAreDifferences() throws Exception {
    Trees.many(folder.resolve("a"), 5, 10, 7);
    Trees.many(folder.resolve("b"), 5, 10, 7);
    var before = Trees.snapshot(folder.resolve("a"));
    Files.delete(folder.resolve("b/d000/f00001.bin"));
    Files.writeString(folder.resolve("b/d000/f00002.bin"), "0123456789");
    Files.writeString(folder.resolve("b/d000/f00003.bin"), "0");
    Files.writeString(folder.resolve("b/new"), "0");
    assertThat(Trees.differences(before, Trees.snapshot(folder.resolve("b"))))
        .containsExactly(
            "missing: d000/f00001.bin",
            "content: d000/f00002.bin",
            "size: d000/f00003.bin 10 is 1",
            "extra: new");
  }

  @Test
  void caravansOwnFolderIsNoPartOfATree() throws Exception {
    Trees.write(folder.resolve("a/.caravan/trash/x"), "x");
    Trees.write(folder.resolve("a/b/.caravan/kept"), "x");
    assertThat(Trees.snapshot(folder.resolve("a"))).containsOnlyKeys("b/.caravan/kept");
  }

  @Test
  void aSparseFileTakesNoRoom() throws Exception {
    Path file = folder.resolve("sparse");
    Trees.sparse(file, 5L << 30);
    assertThat(Files.size(file)).isEqualTo(5L << 30);
    assertThat((int) Files.getAttribute(file, "unix:nlink")).isEqualTo(1);
  }

  @Test
  void removingKeepsTheRootWhenAsked() throws Exception {
    Trees.zoo(folder.resolve("a"));
    Trees.rawZoo(folder.resolve("a"));
    Trees.remove(folder.resolve("a"), true);
    assertThat(folder.resolve("a")).isEmptyDirectory();
    Trees.remove(folder.resolve("a"), false);
    assertThat(folder.resolve("a")).doesNotExist();
  }
}
