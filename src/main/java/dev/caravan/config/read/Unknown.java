package dev.caravan.config.read;

import dev.caravan.config.read.Keys.Key;
import dev.caravan.config.read.Written.Field;
import dev.caravan.config.read.Written.Table;
import dev.caravan.config.read.text.Spelling;
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
        report(entry.getKey(), entry.getValue(), path, known);
      }
    }
  }

  private void report(String name, Field field, String path, List<String> known) {
    Optional<String> meant = Spelling.nearest(name, known).or(() -> elsewhere(name));
    String hint =
        meant
            .map(m -> "did you mean " + m + "?")
            .orElse("known here: " + String.join(", ", known.stream().sorted().toList()));
    if (field.value().isNull() && meant.isEmpty()) {
      // A word alone may be a value that lost its key: it is not shown.
      findings.add(field.origin(), path, "has a key without a value that is not known", hint);
      return;
    }
    String key = path.isEmpty() ? name : path + "." + name;
    findings.add(field.origin(), Keys.shown(key), "is not a known key", hint);
  }

  /** The full path of a key that stands in another section, or was written in one line. */
  private static Optional<String> elsewhere(String name) {
    String wanted = Spelling.normal(name);
    Stream<String> named =
        Keys.all().stream()
            .filter(k -> k.name().equals(wanted) || k.path().equals(wanted))
            .map(Key::path);
    Stream<String> ofRemotes =
        Keys.providers().values().stream()
            .flatMap(type -> Keys.of(type, RemoteBinder.PATH + "[].").stream())
            .filter(k -> k.name().equals(wanted))
            .map(Key::path);
    Stream<String> aliases = Keys.aliases().keySet().stream().filter(wanted::equals);
    List<String> paths = Stream.of(named, ofRemotes, aliases).flatMap(p -> p).distinct().toList();
    return paths.size() == 1 ? Optional.of(paths.get(0)) : Optional.empty();
  }
}
