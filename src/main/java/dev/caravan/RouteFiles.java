package dev.caravan;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which route files are loaded, and from where. A user's file of the same name replaces a bundled
 * one whole; a new name adds routes.
 */
final class RouteFiles {

  /** Named one by one, for looking for them by pattern would walk the whole jar. */
  static final List<String> BUNDLED =
      List.of("sync.camel.yaml", "watch.camel.yaml", "hooks.camel.yaml", "control.camel.yaml");

  /** Bundled files that serve HTTP or follow changes: only the daemon needs them. */
  private static final List<String> DAEMON_ONLY = List.of("watch.camel.yaml", "control.camel.yaml");

  private static final String SUFFIX = ".camel.yaml";

  private RouteFiles() {}

  /**
   * One file to load.
   *
   * @param uri as Camel resolves it
   * @param origin for people: {@code bundled}, or where it lies
   */
  record RouteFile(String name, String uri, String origin) {}

  static List<RouteFile> find(Path folder, boolean daemon) throws IOException {
    List<RouteFile> files = new ArrayList<>();
    List<String> own = ownNames(folder);
    for (String name : BUNDLED) {
      if (!daemon && DAEMON_ONLY.contains(name)) {
        continue;
      }
      if (own.contains(name)) {
        files.add(userFile(folder, name, " (replaces bundled)"));
      } else {
        files.add(new RouteFile(name, "classpath:routes/" + name, "bundled"));
      }
    }
    for (String name : own) {
      if (!BUNDLED.contains(name) && daemon) {
        files.add(userFile(folder, name, ""));
      }
    }
    return files;
  }

  private static RouteFile userFile(Path folder, String name, String note) {
    Path file = folder.resolve(name).toAbsolutePath();
    return new RouteFile(name, "file:" + file, folder.resolve(name) + note);
  }

  private static List<String> ownNames(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(Files::isRegularFile)
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(SUFFIX))
          .sorted()
          .toList();
    }
  }
}
