package dev.caravan.store;

import dev.caravan.event.StorePath;
import java.util.List;
import org.apache.camel.util.AntPathMatcher;

/**
 * Chooses the files that Caravan looks after: those that some include pattern and no exclude
 * pattern matches.
 *
 * <p>Patterns are Ant style and relative to the top of the store ({@code ?} one character, {@code
 * *} within a segment, {@code **} any segments); a leading {@code /} is ignored. Catalog rows must
 * pass the same filter as files, else a file that becomes excluded would look deleted.
 */
public final class Filters {
  private static final String ALL = "**";
  private static final String ALL_BELOW = "/**";

  private final List<String> include;
  private final List<String> exclude;
  private final List<String> excludedFolders;
  private final boolean includesAll;

  public Filters(List<String> include, List<String> exclude) {
    this.include = include.stream().map(Filters::relative).toList();
    this.exclude = exclude.stream().map(Filters::relative).toList();
    this.includesAll = this.include.contains(ALL);
    this.excludedFolders =
        this.exclude.stream()
            .filter(pattern -> pattern.endsWith(ALL_BELOW))
            .map(pattern -> pattern.substring(0, pattern.length() - ALL_BELOW.length()))
            .toList();
  }

  /** Everything is admitted. */
  public static Filters all() {
    return new Filters(List.of(ALL), List.of());
  }

  public boolean admits(StorePath path) {
    return admits(path.value());
  }

  public boolean admits(String path) {
    return (includesAll || matchesAny(include, path)) && !matchesAny(exclude, path);
  }

  /** False only when nothing below this folder can be admitted, so that it need not be read. */
  public boolean mayAdmitBelow(String folder) {
    if (exclude.contains(ALL) || matchesAny(excludedFolders, folder)) {
      return false;
    }
    return includesAll || include.stream().anyMatch(pattern -> mayReach(pattern, folder));
  }

  private static boolean mayReach(String pattern, String folder) {
    return AntPathMatcher.INSTANCE.matchStart(pattern, folder);
  }

  private static boolean matchesAny(List<String> patterns, String path) {
    for (String pattern : patterns) {
      if (AntPathMatcher.INSTANCE.match(pattern, path)) {
        return true;
      }
    }
    return false;
  }

  private static String relative(String pattern) {
    return pattern.startsWith("/") ? pattern.substring(1) : pattern;
  }
}
