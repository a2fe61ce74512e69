package dev.caravan.config.read;

import dev.caravan.config.read.Keys.Key;
import dev.caravan.config.read.Written.Field;
import dev.caravan.config.read.Written.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Tells keys that nobody reads, and which were probably meant. */
final class Unknown {
  private final Findings findings;

  Unknown(Findings findings) {
    this.findings = findings;
  }

  /** Reports what is in a table beyond its keys, their secret files and the {@code others}. */
  void report(Table table, String path, List<Key> keys, Set<String> others) {
    List<String> known = new ArrayList<>(others);
    for (Key key : keys) {
      known.add(key.name());
      if (key.isSecret()) {
        known.add(key.name() + "_file");
      }
    }
    report(table, path, known);
  }

  /** Reports what is in a table beyond the known names. */
  void report(Table table, String path, List<String> known) {
    for (Map.Entry<String, Field> entry : table.fields().entrySet()) {
      if (!known.contains(entry.getKey())) {
        String key = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
        findings.add(
            entry.getValue().origin(),
            Keys.shown(key),
            "is not a known key",
            hint(entry.getKey(), known));
      }
    }
  }

  private static String hint(String name, List<String> known) {
    return Spelling.nearest(name, known)
        .or(() -> elsewhere(name))
        .map(meant -> "did you mean " + meant + "?")
        .orElse("known here: " + String.join(", ", known.stream().sorted().toList()));
  }

  /** The full path of a key that stands in another section, or was written in one line. */
  private static Optional<String> elsewhere(String name) {
    String wanted = Spelling.normal(name);
    List<String> paths =
        Stream.concat(
                Keys.all().stream()
                    .filter(k -> k.name().equals(wanted) || k.path().equals(wanted))
                    .map(Key::path),
                Keys.aliases().keySet().stream().filter(alias -> alias.equals(wanted)))
            .toList();
    return paths.size() == 1 ? Optional.of(paths.get(0)) : Optional.empty();
  }
}
