package dev.caravan.event;

import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** A program of its own, run under other locales: writes the zoo to a folder and reads it back. */
final class NameZooProbe {
  private NameZooProbe() {}

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    for (String name : NameZoo.NAMES) {
      Files.write(PathNames.resolve(folder, name), PathNames.bytesOf(name));
    }
    Set<String> seen = new HashSet<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        seen.add(PathNames.textOf(entry.getFileName()));
        if (!PathNames.textOf(entry).endsWith("/" + PathNames.textOf(entry.getFileName()))) {
          throw new IllegalStateException("a whole path differs from its name");
        }
      }
    }
    boolean equal = seen.equals(Set.copyOf(NameZoo.NAMES));
    System.out.println((equal ? "equal " : "differs ") + System.getProperty("sun.jnu.encoding"));
  }
}
