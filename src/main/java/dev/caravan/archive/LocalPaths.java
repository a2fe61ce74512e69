package dev.caravan.archive;

import dev.caravan.event.PathNames;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Local paths as producers write them. */
final class LocalPaths {

  private LocalPaths() {}

  /**
   * The file that is meant, by its text form.
   *
   * @throws IllegalArgumentException when that is no absolute path
   */
  static Path of(String text) {
    if (!text.startsWith("/")) {
      throw new IllegalArgumentException("The local path is not absolute");
    }
    List<String> names = new ArrayList<>();
    for (String name : text.split("/", -1)) {
      if (name.equals("..")) {
        if (!names.isEmpty()) {
          names.remove(names.size() - 1);
        }
      } else if (!name.isEmpty() && !name.equals(".")) {
        names.add(name);
      }
    }
    if (names.isEmpty()) {
      throw new IllegalArgumentException("The local path names no file");
    }
    return PathNames.resolve(Path.of("/"), String.join("/", names));
  }
}
