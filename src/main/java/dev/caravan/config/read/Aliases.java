package dev.caravan.config.read;

import dev.caravan.config.read.Written.Field;
import dev.caravan.config.read.Written.Table;
import dev.caravan.config.read.Written.Text;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Moves keys that were written under another name to where they belong. */
final class Aliases {
  private Aliases() {}

  /** The tree without other names; a key set twice to different values is a finding. */
  static Table resolve(Table root, Findings findings) {
    Table resolved = root;
    for (Map.Entry<String, String> alias : Keys.aliases().entrySet()) {
      Optional<Field> other = find(resolved, alias.getKey());
      if (other.isPresent()) {
        Optional<Field> own = find(resolved, alias.getValue());
        if (own.isPresent() && !same(own.get().value(), other.get().value())) {
          findings.add(
              other.get().origin(),
              alias.getKey(),
              "is another name of " + alias.getValue() + ", which has a different value",
              "keep one of them");
        }
        resolved = move(resolved, alias.getKey(), alias.getValue(), own.orElse(other.get()));
      }
    }
    return resolved;
  }

  private static boolean same(Written a, Written b) {
    return a instanceof Text x && b instanceof Text y && x.text().equals(y.text());
  }

  private static Optional<Field> find(Table root, String path) {
    int dot = path.indexOf('.');
    return table(root, path.substring(0, dot))
        .flatMap(section -> Optional.ofNullable(section.fields().get(path.substring(dot + 1))));
  }

  private static Optional<Table> table(Table root, String name) {
    Field field = root.fields().get(name);
    return field != null && field.value() instanceof Table table
        ? Optional.of(table)
        : Optional.empty();
  }

  private static Table move(Table root, String from, String to, Field field) {
    String toSection = to.substring(0, to.indexOf('.'));
    Field target = root.fields().get(toSection);
    if (target != null && !(target.value() instanceof Table) && !target.value().isNull()) {
      return root; // the section itself is wrong, which the binder tells
    }
    Table section = table(root, toSection).orElse(new Table(field.origin(), new LinkedHashMap<>()));
    Table moved = section.with(to.substring(to.indexOf('.') + 1), field);
    Table result =
        root.with(toSection, new Field(target == null ? field.origin() : target.origin(), moved));
    return strip(result, from);
  }

  private static Table strip(Table root, String path) {
    String name = path.substring(0, path.indexOf('.'));
    Table left = table(root, name).orElseThrow().without(path.substring(path.indexOf('.') + 1));
    Field field = root.fields().get(name);
    if (field == null || left.fields().isEmpty()) {
      return root.without(name);
    }
    return root.with(name, new Field(field.origin(), left));
  }
}
