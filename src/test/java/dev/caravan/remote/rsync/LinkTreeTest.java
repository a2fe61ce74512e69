package dev.caravan.remote.rsync;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Links to what is sent lie where nobody else can look, and no longer than that takes. */
class LinkTreeTest {

  @TempDir Path parent;

  @Test
  void whatAKilledProcessLeftGoesAtTheStartAndNothingThatALinkLeadsTo() throws Exception {
    Path kept = Files.createDirectories(parent.resolve("kept/deep"));
    Path file = Files.writeString(kept.resolve("file"), "stays");
    Path place = parent.resolve("links");
    LinkTree left = new LinkFolder(place).makeTree();
    left.add("a/b", file);
    Files.createSymbolicLink(left.root().resolve("way out"), kept);
    assertThat(left.root()).isDirectory();
    Files.setPosixFilePermissions(place, PosixFilePermissions.fromString("rwxr-xr-x"));

    LinkFolder next = new LinkFolder(place);
    assertThat(place).isEmptyDirectory();
    assertThat(file).hasContent("stays");
    try (LinkTree tree = next.makeTree()) {
      tree.add("a/b", file);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(place)))
          .isEqualTo("rwx------");
    }
    assertThat(place).isEmptyDirectory();
    assertThat(file).hasContent("stays");
  }
}
