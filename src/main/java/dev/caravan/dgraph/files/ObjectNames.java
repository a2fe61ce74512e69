package dev.caravan.dgraph.files;

import dev.caravan.config.DgraphSettings;
import dev.caravan.store.FileStat;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the files of an export are called at the remote. No two are ever called the same. */
public final class ObjectNames {

  /** What every object's name begins with where dsync's names are wanted. */
  public static final String FIXED = "transformer";

  private static final Pattern FILE = Pattern.compile("g([0-9]{2,9})\\.([A-Za-z0-9_.-]+)");
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("uuuu-MM-dd-HHmmss").withZone(ZoneOffset.UTC);

  private final DgraphSettings settings;
  private final List<Rule> rules = new ArrayList<>();

  private record Rule(PathMatcher pattern, String name) {}

  /** Names by what is configured. */
  public ObjectNames(DgraphSettings settings) {
    this.settings = settings;
    for (String text : settings.names()) {
      int equals = text.indexOf('=');
      rules.add(
          new Rule(
              FileSystems.getDefault().getPathMatcher("glob:" + text.substring(0, equals)),
              text.substring(equals + 1)));
    }
  }

  /** The folder for an export that was asked for then; empty where names are fixed. */
  public String folder(Instant requestedAt) {
    return isFixed() ? "" : DATE.format(requestedAt);
  }

  /** Whether each export takes the names of the one before. */
  public boolean isFixed() {
    return settings.naming() == DgraphSettings.Naming.DSYNC;
  }

  /** The manifest's key. */
  public String manifest(String folder) {
    return isFixed() ? FIXED + ".manifest.json" : folder + "/manifest.json";
  }

  /**
   * Keys by file, in the order given. A file keeps the key that it was once given, and no other
   * gets it, whichever files are still there.
   *
   * @param files of an export that lie in the Alpha's folders, in the order of their paths
   * @param given the keys of the same export that are on record, by path
   */
  public Map<FileStat, String> keys(
      List<FileStat> files, String folder, Map<String, String> given) {
    Map<FileStat, String> keys = new LinkedHashMap<>();
    Set<String> taken = new HashSet<>(given.values());
    taken.add(manifest(folder));
    String first = first(files, given.keySet());
    for (FileStat file : files) {
      Optional<String> known = Optional.ofNullable(given.get(file.path().value()));
      if (known.isPresent()) {
        keys.put(file, known.get());
        continue;
      }
      String key = ruled(file, folder).orElseGet(() -> usual(file, folder, first));
      String free = key;
      for (int n = 2; !taken.add(free); n++) {
        free = key.replaceFirst("(\\.[^/]*)?$", "-" + n + "$1");
      }
      keys.put(file, free);
    }
    return keys;
  }

  /** The group whose files bear the plain names: the lowest when names were first given. */
  private static String first(List<FileStat> files, Set<String> given) {
    SortedSet<Integer> groups = groups(given);
    if (groups.isEmpty()) {
      groups = groups(files.stream().map(file -> file.path().value()).toList());
    }
    return groups.isEmpty() ? "" : "%02d".formatted(groups.first());
  }

  /**
   * The numbers of the groups whose files are among these.
   *
   * @param paths below the Alpha's export folder
   */
  public static SortedSet<Integer> groups(Collection<String> paths) {
    SortedSet<Integer> groups = new TreeSet<>();
    paths.forEach(path -> group(path).ifPresent(groups::add));
    return groups;
  }

  /** The number of the group that a file is of; empty where its name says none. */
  public static Optional<Integer> group(String path) {
    Matcher name = FILE.matcher(path.substring(path.lastIndexOf('/') + 1));
    return name.matches() ? Optional.of(Integer.parseInt(name.group(1))) : Optional.empty();
  }

  private Optional<String> ruled(FileStat file, String folder) {
    String name = file.path().name();
    Matcher parts = FILE.matcher(name);
    String group = parts.matches() ? parts.group(1) : "";
    return rules.stream()
        .filter(rule -> rule.pattern().matches(Path.of(name)))
        .findFirst()
        .map(
            rule ->
                rule.name()
                    .replace("{folder}", folder.isEmpty() ? FIXED : folder)
                    .replace("{group}", group)
                    .replace("{file}", name)
                    .replace("{read_ts}", readTs(file)));
  }

  private static String readTs(FileStat file) {
    return file.path().folder().replaceFirst("^dgraph\\.r([0-9]+)\\..*$", "$1");
  }

  private String usual(FileStat file, String folder, String first) {
    String name = file.path().name();
    if (!isFixed()) {
      return folder + "/" + name;
    }
    Matcher parts = FILE.matcher(name);
    if (!parts.matches()) {
      return FIXED + "." + name;
    }
    boolean plain = parts.group(1).equals(first);
    return FIXED + (plain ? "." : ".g" + parts.group(1) + ".") + parts.group(2);
  }
}
