package dev.caravan.config.read;

import dev.caravan.config.read.Written.Field;
import dev.caravan.config.read.Written.Items;
import dev.caravan.config.read.Written.Origin;
import dev.caravan.config.read.Written.Table;
import dev.caravan.config.read.Written.Text;
import dev.caravan.config.read.text.Spelling;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Puts {@code --set KEY=VALUE} over what the file says. */
final class Overrides {
  static final String FILE = "--set";

  private static final Origin ORIGIN = new Origin(FILE, 0, 0);
  private static final Pattern KEY =
      Pattern.compile("[\\w-]+(\\[\\d{1,3}])*(\\.[\\w-]+(\\[\\d{1,3}])*)*");
  private static final Pattern STEP = Pattern.compile("([\\w-]+)|\\[(\\d+)]");
  private static final String FORM = "write --set section.key=value, such as --set http.port=8080";

  private final Findings findings;

  Overrides(Findings findings) {
    this.findings = findings;
  }

  /** The tree with all of them applied, the last one winning. */
  Table apply(Table root, List<String> sets) {
    Table result = root;
    for (int i = 0; i < sets.size(); i++) {
      result = apply(result, sets.get(i), i + 1);
    }
    return result;
  }

  private Table apply(Table root, String set, int number) {
    int equals = set.indexOf('=');
    String key = equals < 0 ? "" : set.substring(0, equals).strip();
    if (!KEY.matcher(key).matches()) {
      // What stands there instead of a key may be a secret, so it is counted and not shown.
      findings.add(ORIGIN, "", "number " + number + " is not KEY=VALUE", FORM);
      return root;
    }
    String section = key.split("[.\\[]", 2)[0];
    if (!SettingsBinder.topLevelKeys().contains(section)) {
      Optional<String> meant = Spelling.nearest(section, SettingsBinder.topLevelKeys());
      String hint = meant.map(m -> "did you mean " + m + "?").orElse(FORM);
      findings.add(ORIGIN, "", "number " + number + " does not begin with a section", hint);
      return root;
    }
    String canonical = Keys.aliases().getOrDefault(key, key);
    if (canonical.startsWith("camel.")) {
      // Such keys are not nested here: a.b and a: {b: } meet when they are handed on.
      return root.with(canonical, field(new Text(ORIGIN, set.substring(equals + 1), false)));
    }
    Optional<Written> value = value(set.substring(equals + 1), canonical);
    if (value.isEmpty()) {
      return root;
    }
    try {
      return (Table) with(Optional.of(root), steps(canonical), value.get());
    } catch (BadValue e) {
      findings.add(ORIGIN, canonical, e.message(), e.hint());
      return root;
    }
  }

  /** Lists, mappings and quoted text are YAML; all else is taken as it stands, as YAML would. */
  private Optional<Written> value(String text, String key) {
    if (isPlain(text)) {
      return Optional.of(new Text(ORIGIN, text, true));
    }
    Findings own = new Findings(ORIGIN);
    Optional<Written> parsed = YamlTree.parse(text, FILE, own);
    if (parsed.isEmpty() || !own.inReadingOrder().isEmpty()) {
      findings.add(ORIGIN, key, "the value is not YAML that can be read", "check its quotes");
      return Optional.empty();
    }
    // Positions inside the argument would mislead.
    return Optional.of(Written.at(ORIGIN, parsed.get()));
  }

  /** Whether a value is taken as it stands. */
  static boolean isPlain(String text) {
    return text.isEmpty() || "[{\"'".indexOf(text.charAt(0)) < 0;
  }

  private static Written with(Optional<Written> here, List<String> steps, Written value)
      throws BadValue {
    if (steps.isEmpty()) {
      return value;
    }
    String step = steps.get(0);
    List<String> rest = steps.subList(1, steps.size());
    return Character.isDigit(step.charAt(0)) && step.endsWith("]")
        ? withItem(here, Integer.parseInt(step.substring(0, step.length() - 1)), rest, value)
        : withField(here, step, rest, value);
  }

  private static Written withField(
      Optional<Written> here, String name, List<String> rest, Written value) throws BadValue {
    Written at = here.filter(w -> !w.isNull()).orElse(new Table(ORIGIN, new LinkedHashMap<>()));
    if (!(at instanceof Table table)) {
      throw new BadValue("leads into " + at.kind() + ", not a mapping", FORM);
    }
    Table clean = table;
    if (rest.isEmpty()) {
      clean = clean.without(name + "_file");
      clean = name.endsWith("_file") ? clean.without(name.substring(0, name.length() - 5)) : clean;
    }
    Optional<Written> old = Optional.ofNullable(table.fields().get(name)).map(Field::value);
    return clean.with(name, field(with(old, rest, value)));
  }

  private static Written withItem(
      Optional<Written> here, int index, List<String> rest, Written value) throws BadValue {
    Written at = here.filter(w -> !w.isNull()).orElse(new Items(ORIGIN, List.of()));
    if (!(at instanceof Items list)) {
      throw new BadValue("has an index into " + at.kind() + ", not a list", FORM);
    }
    int size = list.items().size();
    if (index > size) {
      String next = "the next free one is [" + size + "]";
      throw new BadValue("leaves out places of a list that has " + size, next);
    }
    Optional<Written> old = index == size ? Optional.empty() : Optional.of(list.items().get(index));
    return Written.with(list, index, with(old, rest, value));
  }

  /** {@code a.b[2].c} as {@code a}, {@code b}, {@code 2]}, {@code c}. */
  private static List<String> steps(String key) {
    List<String> steps = new ArrayList<>();
    Matcher step = STEP.matcher(key);
    while (step.find()) {
      steps.add(step.group(1) != null ? step.group(1) : step.group(2) + "]");
    }
    return steps;
  }

  private static Field field(Written value) {
    return new Field(ORIGIN, value);
  }
}
