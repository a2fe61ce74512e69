package dev.caravan.route;

import dev.caravan.event.Operation;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Which route files are loaded, and from where. A user's file of the same name replaces a bundled
 * one whole; a new name adds routes. Files are read once: what is checked is what is loaded.
 *
 * @param folder of the user's files; need not be there
 * @param daemon false for one run without a daemon, which needs neither HTTP nor clocks
 */
public record RouteFiles(Path folder, boolean daemon) {

  /** Named one by one, for looking for them by pattern would walk the whole jar. */
  public static final List<String> BUNDLED =
      List.of(
          "sync.camel.yaml",
          "purge.camel.yaml",
          "restore.camel.yaml",
          "check.camel.yaml",
          "archive.camel.yaml",
          "dgraph.camel.yaml",
          "schedule.camel.yaml",
          "watch.camel.yaml",
          "hooks.camel.yaml",
          "events.camel.yaml",
          "alerts.camel.yaml",
          "control.camel.yaml",
          "console.camel.yaml",
          "archive-control.camel.yaml");

  /** The file of {@code caravan datamover}, which has a Camel of its own; bundled as well. */
  public static final String DATAMOVER = "datamover.camel.yaml";

  /** Bundled files that serve HTTP, follow changes or the clock: only the daemon needs them. */
  private static final Set<String> DAEMON_ONLY =
      Set.of(
          "archive.camel.yaml",
          "archive-control.camel.yaml",
          "dgraph.camel.yaml",
          "schedule.camel.yaml",
          "watch.camel.yaml",
          "control.camel.yaml",
          "console.camel.yaml");

  /** Bundled files that no step of a sync calls, nor what follows it. */
  private static final Set<String> NOT_OF_SYNC = Set.of("restore.camel.yaml", "check.camel.yaml");

  /** Bundled files that were read: they are asked for once a second, and never change. */
  private static final Map<String, RouteFile> READ = new ConcurrentHashMap<>();

  /** What the name of a route file ends with. */
  public static final String SUFFIX = ".camel.yaml";

  /** What else a file may end with that somebody takes for a route file. */
  private static final Pattern YAML = Pattern.compile("[^.].*\\.ya?ml", Pattern.CASE_INSENSITIVE);

  private static final long BYTES_MAX = 1 << 20;

  /**
   * One file to load.
   *
   * @param uri as Camel names it in its messages
   * @param shown where it lies, for people
   */
  public record RouteFile(String name, String uri, String shown, boolean bundled, String text) {

    /** Where it came from, for people. */
    public String origin() {
      return bundled ? "bundled" : shown + (replaces(name) ? " (replaces bundled)" : "");
    }
  }

  private static boolean replaces(String name) {
    return BUNDLED.contains(name) || name.equals(DATAMOVER);
  }

  /** Reads them, bundled ones first; not the mover's, whose steps only the mover has. */
  public List<RouteFile> read() throws IOException {
    List<RouteFile> files = new ArrayList<>();
    List<String> own = ownNames();
    for (String name : BUNDLED) {
      if (own.contains(name) && (daemon || !DAEMON_ONLY.contains(name))) {
        files.add(own(name));
      } else if (daemon || !DAEMON_ONLY.contains(name)) {
        files.add(bundled(name));
      }
    }
    for (String name : own) {
      if (!BUNDLED.contains(name)) {
        files.add(own(name));
      }
    }
    return List.copyOf(files);
  }

  /**
   * Reads those that one run needs: making routes is a fifth of a cold start. A file of the user's
   * may call any public endpoint, so where there is one all are read.
   */
  public List<RouteFile> readFor(Operation operation) throws IOException {
    List<RouteFile> files = read();
    boolean all = operation != Operation.SYNC || files.stream().anyMatch(each -> !each.bundled());
    return files.stream().filter(each -> all || !NOT_OF_SYNC.contains(each.name())).toList();
  }

  /**
   * The file of {@code caravan datamover}.
   *
   * @param folder of the user's; a file of the same name there takes its place
   */
  public static RouteFile datamover(Optional<Path> folder) throws IOException {
    if (folder.isPresent() && Files.isRegularFile(folder.get().resolve(DATAMOVER))) {
      return new RouteFiles(folder.get(), false).own(DATAMOVER);
    }
    return bundled(DATAMOVER);
  }

  /** A bundled file. */
  public static RouteFile bundled(String name) throws IOException {
    RouteFile known = READ.get(name);
    if (known != null) {
      return known;
    }
    String place = "routes/" + name;
    try (InputStream in = RouteFiles.class.getClassLoader().getResourceAsStream(place)) {
      if (in == null) {
        throw new FileNotFoundException("There is no " + place + " in the jar");
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      RouteFile file = new RouteFile(name, "classpath:" + place, "bundled " + name, true, text);
      READ.put(name, file);
      return file;
    }
  }

  private RouteFile own(String name) throws IOException {
    Path file = folder.resolve(name);
    try {
      if (Files.size(file) > BYTES_MAX) {
        throw new UnreadableRouteException(file + " is larger than 1 MiB: is it a route file?");
      }
      String text = Files.readString(file);
      return new RouteFile(name, "file:" + file.toAbsolutePath(), file.toString(), false, text);
    } catch (MalformedInputException e) {
      throw new UnreadableRouteException(file + " is not UTF-8 text: save it as UTF-8");
    } catch (AccessDeniedException e) {
      throw mayNotBeRead(file);
    }
  }

  private static UnreadableRouteException mayNotBeRead(Path place) {
    return new UnreadableRouteException(place + " may not be read: let Caravan's user read it");
  }

  /** What is wrong with the names of files that look like route files and are none, a line each. */
  public List<String> misnamed() throws IOException {
    return names(name -> YAML.matcher(name).matches() && !name.endsWith(SUFFIX)).stream()
        .map(name -> folder.resolve(name) + " is not used: route files end in " + SUFFIX)
        .toList();
  }

  private List<String> ownNames() throws IOException {
    return names(name -> name.endsWith(SUFFIX) && !name.startsWith(".") && !name.equals(DATAMOVER));
  }

  /** Links are followed, for a Kubernetes ConfigMap is a folder of links; each name counts once. */
  private List<String> names(Predicate<String> wanted) throws IOException {
    if (!Files.isDirectory(folder)) {
      if (Files.exists(folder)) {
        throw new UnreadableRouteException(folder + " is not a folder: mend routes.path");
      }
      return List.of();
    }
    // Without streams, for it is asked for all the time.
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path file : entries) {
        String name = file.getFileName().toString();
        if (wanted.test(name) && Files.isRegularFile(file)) {
          names.add(name);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    } catch (AccessDeniedException e) {
      throw mayNotBeRead(folder);
    }
    Collections.sort(names);
    return names;
  }
}
