package dev.caravan.sqlite;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.stream.Stream;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.util.LibraryLoaderUtil;

/**
 * Loads the driver's native library so that it leaves no file. The driver unpacks it into the
 * temporary folder and deletes it when the process ends, which one that is killed does not: a
 * megabyte stays each time, and each start looks at all of them. In a folder of its own it can be
 * deleted as soon as it is loaded. It is unpacked here, for the driver compares what it wrote with
 * the jar byte by byte, which takes a tenth of a second of a cold start; and because a temporary
 * folder is often mounted {@code noexec}, from which nothing can be loaded.
 */
final class NativeLibrary {

  /** The driver's own word for where it unpacks; what a person says there is kept to. */
  private static final String FOLDER = "org.sqlite.tmpdir";

  /** Its word for where the library lies, so that nothing is unpacked. */
  private static final String PATH = "org.sqlite.lib.path";

  private static boolean loaded;

  private NativeLibrary() {}

  /**
   * Does so once: from the folder that a person named, else from the temporary one or, where that
   * cannot be, from the folder of the database.
   *
   * @throws NativeLibraryException when there is none that it can be loaded from
   */
  static synchronized void load(Path database) throws NativeLibraryException {
    if (loaded || System.getProperty(PATH) != null) {
      return;
    }
    if (SQLiteJDBCLoader.class.getResource(packed()) == null) {
      return; // No machine that the jar knows: the driver looks among those of the system.
    }
    StringJoiner refusals = new StringJoiner(", nor ");
    for (Path folder : places(database)) {
      try {
        loadFrom(folder);
        loaded = true;
        return;
      } catch (IOException e) {
        refusals.add("from " + folder + " (" + reasonOf(e) + ")");
      }
    }
    throw new NativeLibraryException(
        "The library of SQLite cannot be loaded %s: name a folder that may hold programs with -D%s"
            .formatted(refusals, FOLDER));
  }

  private static List<Path> places(Path database) {
    String told = System.getProperty(FOLDER);
    if (told != null) {
      return List.of(Path.of(told));
    }
    Path own = database.toAbsolutePath().getParent();
    return Stream.of(Path.of(System.getProperty("java.io.tmpdir")), own)
        .filter(Objects::nonNull)
        .toList();
  }

  private static void loadFrom(Path place) throws IOException {
    Path folder = Files.createTempDirectory(place, "caravan-").toRealPath();
    Path library = folder.resolve(LibraryLoaderUtil.getNativeLibName());
    try {
      try (InputStream in =
          Objects.requireNonNull(SQLiteJDBCLoader.class.getResourceAsStream(packed()))) {
        Files.copy(in, library);
      }
      // Where nothing may be run, this is false for root, too, and nothing can be loaded.
      Files.setPosixFilePermissions(library, PosixFilePermissions.fromString("rwx------"));
      if (!Files.isExecutable(library)) {
        throw new IOException("it may hold no programs");
      }
      // By the driver alone: where it was loaded before, a second copy would be mixed with the
      // first.
      System.setProperty(PATH, folder.toString());
      SQLiteJDBCLoader.initialize();
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException(String.valueOf(e.getMessage()), e);
    } finally {
      System.clearProperty(PATH);
      Files.deleteIfExists(library);
      Files.deleteIfExists(folder);
    }
  }

  private static String packed() {
    return LibraryLoaderUtil.getNativeLibResourcePath()
        + "/"
        + LibraryLoaderUtil.getNativeLibName();
  }

  private static String reasonOf(IOException fault) {
    String text = fault instanceof FileSystemException e ? e.getReason() : fault.getMessage();
    return text == null ? fault.getClass().getSimpleName() : text;
  }
}
