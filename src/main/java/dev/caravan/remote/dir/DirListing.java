package dev.caravan.remote.dir;

import dev.caravan.event.PathNames;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.TempNames;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;

/**
 * Walks the objects whose keys begin with a prefix, holding one open folder per level. Passes over
 * temporary files, links and special files, which are no objects.
 */
final class DirListing implements AutoCloseable {

  private final String prefix;
  private final Remote.Visitor each;
  private final Deque<Level> levels = new ArrayDeque<>();

  private record Level(String key, DirectoryStream<Path> stream, Iterator<Path> entries) {}

  DirListing(String prefix, Remote.Visitor each) {
    this.prefix = prefix;
    this.each = each;
  }

  /**
   * Visits all objects below a folder that match.
   *
   * @param key of the folder, with a slash at its end, or {@code ""}
   */
  void walk(Path folder, String key) throws IOException, RemoteException {
    enter(folder, key);
    while (!levels.isEmpty()) {
      Level level = levels.element();
      Optional<Path> entry = nextOf(level);
      if (entry.isPresent()) {
        look(level, entry.get());
      } else {
        levels.remove().stream().close();
      }
    }
  }

  @Override
  public void close() throws IOException {
    while (!levels.isEmpty()) {
      levels.remove().stream().close();
    }
  }

  private static Optional<Path> nextOf(Level level) throws IOException {
    try {
      return level.entries().hasNext() ? Optional.of(level.entries().next()) : Optional.empty();
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  private void look(Level level, Path path) throws IOException, RemoteException {
    String name = PathNames.textOf(path.getFileName());
    String key = level.key() + name;
    boolean matches = key.startsWith(prefix);
    boolean leadsThere = prefix.startsWith(key + "/");
    if ((!matches && !leadsThere) || TempNames.isTemp(name) || key.equals(TempNames.FOLDER)) {
      return;
    }
    Optional<BasicFileAttributes> attributes = DirRoot.attributesOf(path);
    if (attributes.isEmpty()) {
      return; // Removed while we were on the way.
    }
    if (attributes.get().isDirectory()) {
      enter(path, key + "/");
    } else if (attributes.get().isRegularFile() && matches) {
      each.visit(statOf(new ObjectKey(key), attributes.get()));
    }
  }

  @SuppressWarnings("StreamResourceLeak") // It is closed with its level.
  private void enter(Path folder, String key) throws IOException {
    try {
      DirectoryStream<Path> stream = Files.newDirectoryStream(folder);
      levels.push(new Level(key, stream, stream.iterator()));
    } catch (NoSuchFileException e) {
      // Emptied and removed while we were on the way; the caller makes sure the root was not.
    }
  }

  static ObjectStat statOf(ObjectKey key, BasicFileAttributes attributes) {
    return new ObjectStat(
        key,
        attributes.size(),
        attributes.lastModifiedTime().toInstant(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }
}
