package dev.caravan.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.event.StorePath;
import dev.caravan.store.room.DiskSpace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreTreeTest {
  @TempDir Path folder;
  private Path root;
  private StoreTree tree;

  @BeforeEach
  void makeTree() throws IOException {
    root = Files.createDirectory(folder.resolve("store"));
    tree = new StoreTree(root, root.resolve(".caravan"), Clock.systemUTC());
  }

  @Test
  void whatIsNotThereIsEmpty() throws Exception {
    Files.createDirectories(root.resolve("folder"));
    Files.createFile(root.resolve("file"));

    assertThat(tree.stat(StorePath.of("x"))).isEmpty();
    assertThat(tree.stat(StorePath.of("x/y/z"))).isEmpty();
    assertThat(tree.stat(StorePath.of("folder"))).isEmpty();
    assertThat(tree.stat(StorePath.of("file/x"))).isEmpty();
    assertThat(tree.stat(StorePath.of("file/x/y"))).isEmpty();
    assertThat(tree.stat(StorePath.of("file"))).isPresent();
  }

  @Test
  void aLinkIsSeenAsALink() throws Exception {
    Files.createSymbolicLink(root.resolve("link"), folder);

    assertThat(tree.stat(StorePath.of("link")).orElseThrow().kind())
        .isEqualTo(FileStat.Kind.SYMLINK);
  }

  @Test
  void noLinkLeadsOutOfTheStore() throws Exception {
    Files.createFile(folder.resolve("outside"));
    Files.createDirectory(root.resolve("a"));
    Files.createSymbolicLink(root.resolve("a/link"), folder);
    Files.createSymbolicLink(root.resolve("a/file"), folder.resolve("outside"));
    StorePath through = StorePath.of("a/link/outside");

    assertThatThrownBy(() -> tree.stat(through)).isInstanceOf(SymlinkedPathException.class);
    assertThatThrownBy(() -> tree.open(through)).isInstanceOf(SymlinkedPathException.class);
    assertThatThrownBy(() -> tree.makeFoldersFor(through))
        .isInstanceOf(SymlinkedPathException.class);
    assertThatThrownBy(() -> tree.makeFoldersFor(StorePath.of("a/link/new/x")))
        .isInstanceOf(SymlinkedPathException.class);
    assertThatThrownBy(() -> tree.open(StorePath.of("a/file"))).isInstanceOf(IOException.class);
    assertThat(folder.resolve("new")).doesNotExist();
  }

  @Test
  void aNameTooLongForAnyFileSystemIsAnError() {
    assertThatThrownBy(() -> tree.stat(StorePath.of("n".repeat(256))))
        .isInstanceOf(IOException.class);
  }

  @Test
  void foldersAreMadeButNotInCaravansOwn() throws Exception {
    assertThat(tree.makeFoldersFor(StorePath.of("a/b/c"))).isEqualTo(root.resolve("a/b/c"));
    assertThat(root.resolve("a/b")).isDirectory();
    assertThatThrownBy(() -> tree.makeFoldersFor(StorePath.of(".caravan/store.id")))
        .hasMessageContaining("Caravan's own folder");
    assertThat(tree.isReserved(StorePath.of(".caravanserai/x"))).isFalse();
  }

  @Test
  void spaceIsThatOfTheDisk() throws Exception {
    DiskSpace space = tree.space();

    assertThat(space.totalBytes()).isEqualTo(Files.getFileStore(root).getTotalSpace());
    assertThat(space.freeBytes()).isPositive().isLessThan(space.totalBytes());
  }

  @Test
  void aStateFolderAroundTheStoreIsRefused() {
    assertThatThrownBy(() -> new StoreTree(root, folder, Clock.systemUTC()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("set store.state to another");
  }
}
