package dev.caravan.remote.rsync;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * The folder that link trees are made in: this process's alone, and of nobody else's to look into.
 * What an earlier process left there when it was killed goes at the start.
 */
public final class LinkFolder {

  private static final Set<PosixFilePermission> OURS_ALONE =
      PosixFilePermissions.fromString("rwx------");

  private final Path folder;

  /**
   * @param folder is made when it is first used; no other process may use it at the same time
   */
  public LinkFolder(Path folder) {
    this.folder = folder;
    sweep();
  }

  /** Where it is, for people. */
  public Path path() {
    return folder;
  }

  /** An empty tree; the caller closes it. */
  public LinkTree makeTree() throws IOException {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OURS_ALONE));
    }
    return LinkTree.make(folder);
  }

  private void sweep() {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (DirectoryStream<Path> left = Files.newDirectoryStream(folder)) {
      Files.setPosixFilePermissions(folder, OURS_ALONE);
      for (Path each : left) {
        LinkTree.remove(each);
      }
    } catch (IOException e) {
      // Where it cannot be used, the first batch says so.
    }
  }
}
