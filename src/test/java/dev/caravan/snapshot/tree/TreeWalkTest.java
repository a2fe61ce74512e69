package dev.caravan.snapshot.tree;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.event.NameZoo;
import dev.caravan.event.PathNames;
import dev.caravan.event.StorePath;
import dev.caravan.store.FileStat.Kind;
import dev.caravan.store.Filters;
import dev.caravan.store.StoreTree;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeWalkTest {
  @TempDir Path root;

  @Test
  void foldersComeRightBeforeWhatLiesInThem() throws Exception {
    Files.createDirectories(root.resolve("a/b/empty"));
    Files.writeString(root.resolve("a/b/x"), "12345");
    Files.writeString(root.resolve("a.txt"), "");
    Files.writeString(root.resolve("a0"), "");

    assertThat(walk())
        .extracting(entry -> entry.path().value())
        .containsExactly("a.txt", "a", "a/b", "a/b/empty", "a/b/x", "a0");
  }

  @Test
  void anEntrySaysWhatTheFileSystemSays() throws Exception {
    Path file = Files.writeString(root.resolve("f"), "12345");
    Files.setAttribute(file, "unix:mode", 04751);
    Instant time = Instant.parse("2001-09-09T01:46:40.123456789Z");
    Files.setLastModifiedTime(file, FileTime.from(time));

    TreeEntry.Found found = (TreeEntry.Found) walk().get(0);

    assertThat(found.kind()).isEqualTo(Kind.FILE);
    assertThat(found.stat().sizeBytes()).isEqualTo(5);
    assertThat(found.permissions()).isEqualTo(04751);
    assertThat(found.uid()).isEqualTo(Files.getAttribute(file, "unix:uid"));
    assertThat(found.gid()).isEqualTo(Files.getAttribute(file, "unix:gid"));
    assertThat(Instant.EPOCH.plusNanos(found.stat().modifiedNs())).isEqualTo(time);
  }

  @Test
  void linksAreNotFollowedAndKeepTheirTarget() throws Exception {
    Files.createDirectories(root.resolve("folder/below"));
    link("to-folder", Path.of("folder"));
    link("up", Path.of("../../etc/passwd"));
    link("absolute", Path.of("/etc/passwd"));
    link("loop", Path.of("loop"));
    Path latin = PathNames.resolve(Path.of("/"), "latin \u201BE9");
    link("raw", Path.of("/").relativize(latin));

    assertThat(walk())
        .filteredOn(entry -> ((TreeEntry.Found) entry).kind() == Kind.SYMLINK)
        .extracting(
            entry -> entry.path() + " " + ((TreeEntry.Found) entry).linkTarget().orElseThrow())
        .containsExactly(
            "absolute /etc/passwd",
            "loop loop",
            "raw latin \u201BE9",
            "to-folder folder",
            "up ../../etc/passwd");
    assertThat(walk()).hasSize(7);
  }

  @Test
  void everyNameComesInTheOrderOfItsKey() throws Exception {
    for (String name : NameZoo.NAMES) {
      Path folder = Files.createDirectory(PathNames.resolve(root, name));
      Files.writeString(PathNames.resolve(folder, name), name);
    }

    List<String> keys =
        walk().stream().map(entry -> entry.path() + (isFolder(entry) ? "/" : "")).toList();

    assertThat(keys).hasSize(2 * NameZoo.NAMES.size());
    Comparator<String> byBytes = StorePath::compareUtf8;
    assertThat(keys).isSortedAccordingTo(byBytes);
  }

  @Test
  void whatHasNoContentIsAProblemAndTheWalkGoesOn() throws Exception {
    try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.bind(UnixDomainSocketAddress.of(root.resolve("m.sock")));
      Files.writeString(root.resolve("a"), "");
      Files.writeString(root.resolve("z"), "");

      List<TreeEntry> entries = walk();

      assertThat(entries)
          .extracting(entry -> entry.path().value())
          .containsExactly("a", "m.sock", "z");
      assertThat(entries.get(1)).isInstanceOf(TreeEntry.Problem.class);
    }
  }

  @Test
  void caravansOwnFolderIsLeftOut() throws Exception {
    Files.createDirectories(root.resolve(".caravan/x"));
    Files.createDirectories(root.resolve("a/.caravan"));

    assertThat(walk()).extracting(entry -> entry.path().value()).containsExactly("a", "a/.caravan");
  }

  private static boolean isFolder(TreeEntry entry) {
    return entry instanceof TreeEntry.Found found && found.kind() == Kind.FOLDER;
  }

  private void link(String name, Path to) throws IOException {
    Path link = Files.createSymbolicLink(root.resolve(name), to);
    assertThat(Files.exists(link, LinkOption.NOFOLLOW_LINKS)).isTrue();
  }

  private List<TreeEntry> walk() {
    StoreTree tree = new StoreTree(root, root.resolve(".caravan"), Clock.systemUTC());
    List<TreeEntry> all = new ArrayList<>();
    try (TreeWalk walk = TreeWalk.open(tree, Filters.all())) {
      for (Optional<TreeEntry> next = walk.next(); next.isPresent(); next = walk.next()) {
        all.add(next.get());
      }
    }
    return all;
  }
}
