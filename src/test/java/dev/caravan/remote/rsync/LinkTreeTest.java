package dev.caravan.remote.rsync;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a dead process left goes, and nothing that others can put there. */
class LinkTreeTest {

  /** No process can have this number. */
  private static final String DEAD = "caravan-links-999999999-";

  @TempDir Path parent;

  @Test
  void onlyFoldersThatAreOursAloneAreSwept() throws Exception {
    Path ours = left("ours", "rwx------");
    Path open = left("open", "rwxrwxrwx");
    Path target = left("target", "rwx------");
    Path elsewhere = Files.move(target, parent.resolve("elsewhere"));
    Path link = Files.createSymbolicLink(parent.resolve(DEAD + "link"), elsewhere);
    LinkTree.make(parent).close();
    assertThat(ours).doesNotExist();
    assertThat(open.resolve("tree/f")).exists();
    assertThat(link).isSymbolicLink();
    assertThat(elsewhere.resolve("tree/f")).exists();
  }

  private Path left(String name, String modes) throws Exception {
    Path folder = Files.createDirectory(parent.resolve(DEAD + name));
    Files.createDirectory(folder.resolve("tree"));
    Files.writeString(folder.resolve("tree/f"), "f");
    return Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(modes));
  }
}
