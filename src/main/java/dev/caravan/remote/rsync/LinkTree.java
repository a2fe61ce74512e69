package dev.caravan.remote.rsync;

import dev.caravan.event.PathNames;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * A folder with links to the files that are to be sent, laid out as they are to lie at the
 * destination: so rsync reads files from wherever they are and gives them other names. For one
 * thread at a time.
 */
public final class LinkTree implements AutoCloseable {

  private static final String PREFIX = "links-";
  private static final String LIST = "list";
  private static final String TREE = "tree";

  /** Folders at the destination are made with these, and chmod changes them. */
  private static final Set<PosixFilePermission> FOLDERS =
      PosixFilePermissions.fromString("rwxr-xr-x");

  private final Path folder;
  private final ByteArrayOutputStream names = new ByteArrayOutputStream();
  private int files;

  private LinkTree(Path folder) {
    this.folder = folder;
  }

  /** Makes an empty one in a folder that nobody else may look into. */
  static LinkTree make(Path parent) throws IOException {
    LinkTree made = new LinkTree(Files.createTempDirectory(parent, PREFIX));
    makeFolder(made.root());
    return made;
  }

  /**
   * Adds a file.
   *
   * @param name below the destination, in text form; must lead to a place below it
   * @throws FileSystemException when a file and a folder of one name would meet
   */
  public void add(String name, Path file) throws IOException {
    Path link = PathNames.resolve(root(), name);
    Path parent = link.getParent();
    if (parent != null) {
      makeFolders(parent);
    }
    if (Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
      throw new FileAlreadyExistsException(name);
    }
    Files.createSymbolicLink(link, file);
    names.writeBytes(PathNames.bytesOf(name));
    names.write(0);
    files++;
  }

  public boolean isEmpty() {
    return files == 0;
  }

  private void makeFolders(Path wanted) throws IOException {
    if (Files.isDirectory(wanted, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Path parent = wanted.getParent();
    if (parent != null && parent.startsWith(root())) {
      makeFolders(parent);
    }
    makeFolder(wanted);
  }

  private static void makeFolder(Path wanted) throws IOException {
    Files.createDirectory(wanted);
    // Whatever the umask says: these are what the folders at the destination begin with.
    Files.setPosixFilePermissions(wanted, FOLDERS);
  }

  /** Where the links lie. */
  Path root() {
    return folder.resolve(TREE);
  }

  /** Writes the names, each ended by a NUL, and says where. */
  Path list() throws IOException {
    return writeList(LIST, names.toByteArray());
  }

  /** Writes a list beside the tree, and says where. */
  Path writeList(String name, byte[] bytes) throws IOException {
    Path list = folder.resolve(name);
    Files.write(list, bytes);
    return list;
  }

  /** Takes the links away; never what they lead to. */
  @Override
  public void close() {
    remove(folder);
  }

  /** Takes a file, a link or a folder with all that is in it away; never what a link leads to. */
  static void remove(Path entry) {
    try {
      if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
        try (DirectoryStream<Path> below = Files.newDirectoryStream(entry)) {
          for (Path each : below) {
            remove(each);
          }
        }
      }
      Files.deleteIfExists(entry);
    } catch (IOException e) {
      // Another user's, or someone else removes it as well: it is in nobody's way.
    }
  }
}
