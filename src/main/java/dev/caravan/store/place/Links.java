package dev.caravan.store.place;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.caravan.event.PathNames;
import dev.caravan.store.AtomicFile;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.atomic.AtomicLong;

/** Symbolic links, which appear whole and may lead anywhere: nothing here follows one. */
public final class Links {

  private static final AtomicLong NEXT = new AtomicLong(System.nanoTime() & Long.MAX_VALUE >> 1);

  private Links() {}

  /** Where a link leads, in text form; {@code ""} when no link is there. */
  public static String targetOf(Path link) throws IOException {
    return Files.isSymbolicLink(link) ? PathNames.textOf(Files.readSymbolicLink(link)) : "";
  }

  /**
   * Makes a link, and replaces a file or link of that name.
   *
   * @param target in text form, absolute or not; Java takes doubled slashes and one at the end away
   * @throws FileAlreadyExistsException when a folder has that name
   */
  public static void put(Path link, String target) throws IOException {
    if (Files.isDirectory(link, NOFOLLOW_LINKS)) {
      throw new FileAlreadyExistsException(link.toString(), null, "a folder is in its place");
    }
    Path temporary = link.resolveSibling(AtomicFile.unfinishedName(NEXT.incrementAndGet()));
    Files.createSymbolicLink(temporary, pathOf(target));
    try {
      Files.move(temporary, link, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Files.deleteIfExists(temporary);
      throw e;
    }
  }

  private static Path pathOf(String target) throws IOException {
    Path path = Path.of(target.startsWith("/") ? "/" : "");
    try {
      for (String segment : target.split("/", -1)) {
        if (segment.equals(".") || segment.equals("..")) {
          path = path.resolve(segment);
        } else if (!segment.isEmpty()) {
          path = PathNames.resolve(path, segment);
        }
      }
    } catch (InvalidPathException e) {
      throw new IOException("it leads to what cannot be a path: " + e.getReason(), e);
    }
    return path;
  }
}
