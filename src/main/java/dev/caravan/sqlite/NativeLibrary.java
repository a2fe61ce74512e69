package dev.caravan.sqlite;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteJDBCLoader;
import org.sqlite.util.LibraryLoaderUtil;

/**
 * Loads the driver's native library so that it leaves no file. The driver unpacks it into the
 * temporary folder and deletes it when the process ends, which one that is killed does not: a
 * megabyte stays each time, and each start looks at all of them. In a folder of its own it can be
 * deleted as soon as it is loaded. It is unpacked here, for the driver compares what it wrote with
 * the jar byte by byte, which takes a tenth of a second of a cold start.
 */
final class NativeLibrary {

  /** The driver's own word for where it unpacks; what a person says there is kept to. */
  private static final String FOLDER = "org.sqlite.tmpdir";

  /** Its word for where the library lies, so that nothing is unpacked. */
  private static final String PATH = "org.sqlite.lib.path";

  private static final Logger LOG = LoggerFactory.getLogger("caravan");

  private static boolean tried;

  private NativeLibrary() {}

  /** Does so once. Where it cannot be, the first connection tells why. */
  static synchronized void load() {
    if (tried) {
      return;
    }
    tried = true;
    if (System.getProperty(PATH) != null) {
      return;
    }
    String told = System.getProperty(FOLDER);
    try {
      Path folder =
          Files.createTempDirectory(
              Path.of(told == null ? System.getProperty("java.io.tmpdir") : told), "caravan-");
      System.setProperty(FOLDER, folder.toString());
      try {
        unpack(folder);
        System.setProperty(PATH, folder.toString());
        SQLiteJDBCLoader.initialize();
      } finally {
        delete(folder);
      }
    } catch (Exception e) {
      LOG.debug("The driver of SQLite loads its library as it usually does", e);
    } finally {
      System.clearProperty(PATH);
      restore(told);
    }
  }

  private static void restore(String told) {
    if (told == null) {
      System.clearProperty(FOLDER);
    } else {
      System.setProperty(FOLDER, told);
    }
  }

  private static void unpack(Path folder) throws IOException {
    String name = LibraryLoaderUtil.getNativeLibName();
    String place = LibraryLoaderUtil.getNativeLibResourcePath() + "/" + name;
    try (InputStream in = SQLiteJDBCLoader.class.getResourceAsStream(place)) {
      if (in == null) {
        throw new FileNotFoundException("There is no " + place + " in the driver");
      }
      Files.copy(in, folder.resolve(name));
    }
  }

  private static void delete(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> listed = Files.list(folder)) {
      files = listed.toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    for (Path file : files) {
      Files.deleteIfExists(file);
    }
    Files.deleteIfExists(folder);
  }
}
