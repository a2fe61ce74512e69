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
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;

/**
 * A folder with links to the files that are to be sent, laid out as they are to lie at the
 * destination: so rsync reads files from wherever they are and gives them other names. For one
 * thread at a time.
 */
public final class LinkTree implements AutoCloseable {

  private static final String PREFIX = "caravan-links-";
  private static final String LIST = "list";
  private static final String TREE = "tree";

  /** Folders at the destination are made with these, and chmod changes them. */
  private static final Set<PosixFilePermission> FOLDERS =
      PosixFilePermissions.fromString("rwxr-xr-x");

  /** As temporary folders are made. */
  private static final Set<PosixFilePermission> OURS_ALONE =
      PosixFilePermissions.fromString("rwx------");

  private final Path folder;
  private final ByteArrayOutputStream names = new ByteArrayOutputStream();
  private int files;

  private LinkTree(Path folder) {
    this.folder = folder;
  }

  /**
   * Makes an empty one.
   *
   * @param parent such as the folder for temporary files; what a process that died left there goes
   */
  public static LinkTree make(Path parent) throws IOException {
    long pid = ProcessHandle.current().pid();
    LinkTree made = new LinkTree(Files.createTempDirectory(parent, PREFIX + pid + "-"));
    sweep(parent, Files.getOwner(made.folder));
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

  private static void sweep(Path parent, UserPrincipal we) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(parent, PREFIX + "*")) {
      for (Path entry : entries) {
        String[] words = entry.getFileName().toString().substring(PREFIX.length()).split("-", -1);
        if (words[0].matches("[0-9]{1,9}")
            && ProcessHandle.of(Long.parseLong(words[0])).isEmpty()
            && isOurs(entry, we)) {
          remove(entry);
        }
      }
    }
  }

  /** Into a folder that is ours alone nobody else can put a way out of it while it is removed. */
  private static boolean isOurs(Path entry, UserPrincipal we) {
    try {
      PosixFileAttributes found =
          Files.readAttributes(entry, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      return found.isDirectory()
          && found.owner().equals(we)
          && found.permissions().equals(OURS_ALONE);
    } catch (IOException e) {
      return false;
    }
  }

  private static void remove(Path entry) {
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
