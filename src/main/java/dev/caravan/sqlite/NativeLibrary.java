package dev.caravan.sqlite;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteJDBCLoader;

/**
 * Loads the driver's native library so that it leaves no file. The driver unpacks it into the
 * temporary folder and deletes it when the process ends, which one that is killed does not: a
 * megabyte stays each time, and each start looks at all of them. In a folder of its own it can be
 * deleted as soon as it is loaded.
 */
final class NativeLibrary {

  /** The driver's own word for where it unpacks; what a person says there is kept to. */
  private static final String FOLDER = "org.sqlite.tmpdir";

  private static final Logger LOG = LoggerFactory.getLogger("caravan");

  private static boolean tried;

  private NativeLibrary() {}

  /** Does so once. Where it cannot be, the first connection tells why. */
  static synchronized void load() {
    if (tried) {
      return;
    }
    tried = true;
    String told = System.getProperty(FOLDER);
    try {
      Path folder =
          Files.createTempDirectory(
              Path.of(told == null ? System.getProperty("java.io.tmpdir") : told), "caravan-");
      System.setProperty(FOLDER, folder.toString());
      try {
        SQLiteJDBCLoader.initialize();
      } finally {
        delete(folder);
      }
    } catch (Exception e) {
      LOG.debug("The driver of SQLite loads its library as it usually does", e);
    } finally {
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
