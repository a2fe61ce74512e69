package dev.caravan.config.read;

import dev.caravan.config.Secret;
import dev.caravan.config.Setting;
import dev.caravan.config.read.Keys.Key;
import dev.caravan.config.read.Written.Field;
import dev.caravan.config.read.Written.Items;
import dev.caravan.config.read.Written.Table;
import dev.caravan.config.read.Written.Text;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Makes settings records out of tables, by their annotations.
 *
 * <p>A wrong value is a finding and its default stands in, so that the rest can still be looked at;
 * what was bound is of use only when there were no findings.
 */
final class Binder {
  private final Values values;
  private final Findings findings;
  private final Unknown unknown;

  Binder(Values values, Findings findings, Unknown unknown) {
    this.values = values;
    this.findings = findings;
    this.unknown = unknown;
  }

  /** Works out a component from those that were bound before it. */
  interface Derived extends Function<Map<String, Object>, Object> {}

  /**
   * The record written in a table.
   *
   * @param path of the table
   * @param derived for the components without annotation, and those whose default is derived
   * @param others keys that the caller reads itself
   */
  <R extends Record> R bind(
      Class<R> type, String path, Table table, Map<String, Derived> derived, Set<String> others) {
    List<Key> keys = Keys.of(type, path + ".");
    unknown.report(table, path, keys, others);
    Map<String, Object> bound = new LinkedHashMap<>();
    for (Key key : keys) {
      if (!others.contains(key.name())) {
        value(key, table).ifPresent(value -> bound.put(key.name(), value));
      }
    }
    for (RecordComponent component : type.getRecordComponents()) {
      String name = Keys.snake(component.getName());
      Derived rule = derived.get(name);
      if (rule != null && !bound.containsKey(name)) {
        bound.put(name, rule.apply(bound));
      }
    }
    return create(type, bound);
  }

  /** The table at a key of the top level or of a list; empty when absent or wrong. */
  Optional<Table> table(Written written, String path) {
    if (written.isNull()) {
      return Optional.empty();
    }
    if (!(written instanceof Table table)) {
      findings.add(
          written.origin(),
          path,
          "is " + written.kind() + ", but a mapping belongs here",
          "write its keys below it, indented");
      return Optional.empty();
    }
    return Optional.of(table);
  }

  /** What a default that is written in an annotation stands for. */
  static Written written(Setting setting) {
    String text = setting.def();
    if (text.equals("[]")) {
      return new Items(Findings.DEFAULT, List.of());
    }
    if (Overrides.isPlain(text)) {
      return new Text(Findings.DEFAULT, text, true);
    }
    Findings none = new Findings(Findings.DEFAULT);
    Written written = YamlTree.parse(text, "", none).orElseThrow();
    return Written.at(Findings.DEFAULT, written);
  }

  private Optional<Object> value(Key key, Table table) {
    Optional<Object> found =
        key.isSecret() ? secret(key, table) : plain(key, table).flatMap(v -> inBounds(key, v));
    if (key.optional()) {
      return Optional.of(found);
    }
    return found.isPresent() ? found : otherwise(key);
  }

  private Optional<Object> plain(Key key, Table table) {
    Field field = table.fields().get(key.name());
    if (field == null || field.value().isNull()) {
      if (key.isRequired()) {
        findings.add(table.origin(), key.path(), "is missing", "add it" + example(key));
      }
      return Optional.empty();
    }
    findings.seen(key.path(), field.origin());
    Optional<Object> value = values.read(key, field.value(), key.path());
    if (value.isEmpty() && key.isRequired()) {
      findings.check(true, key.path(), "is empty", "give it a value" + example(key));
    } else if (value.isEmpty() && !findings.isWrong(key.path())) {
      findings.forget(key.path());
    }
    return value;
  }

  private Optional<Object> secret(Key key, Table table) {
    Optional<Object> direct = plain(key, table);
    Field file = table.fields().get(key.name() + "_file");
    if (file == null || file.value().isNull()) {
      return direct;
    }
    String path = key.path() + "_file";
    findings.seen(path, file.origin());
    Optional<Secret> secret = values.secretFile(file.value(), path);
    if (secret.isEmpty() && !findings.isWrong(path)) {
      return direct;
    }
    findings.check(
        findings.isWritten(key.path()),
        path,
        "is set together with " + key.path(),
        "keep one of them");
    findings.check(
        secret.isPresent() && secret.get().reveal().isBlank(),
        path,
        "names an empty file",
        "write the secret");
    findings.seen(key.path(), file.origin());
    findings.fromFile(key.path(), path);
    return secret.map(Object.class::cast);
  }

  private Optional<Object> inBounds(Key key, Object value) {
    Setting s = key.setting();
    if (value instanceof Number n && (n.doubleValue() < s.min() || n.doubleValue() > s.max())) {
      findings.add(key.path(), "must be " + bounds(s), "");
      return Optional.empty();
    }
    return Optional.of(value);
  }

  static String bounds(Setting s) {
    String least = String.valueOf((long) s.min());
    return s.max() == Double.POSITIVE_INFINITY
        ? least + " or more"
        : "from " + least + " to " + (long) s.max();
  }

  private Optional<Object> otherwise(Key key) {
    Setting setting = key.setting();
    if (!setting.derived().isEmpty()) {
      return Optional.empty();
    }
    if (key.isRequired()) {
      // A finding was made; this only lets the other keys be looked at.
      return Optional.of(key.type() == Path.class ? Path.of("missing") : "missing");
    }
    return Optional.of(values.read(key, written(setting), key.path()).orElseThrow());
  }

  private static String example(Key key) {
    String example = key.setting().example();
    return example.isEmpty() ? "" : ", such as " + key.name() + ": " + example;
  }

  private static <R extends Record> R create(Class<R> type, Map<String, Object> bound) {
    RecordComponent[] components = type.getRecordComponents();
    try {
      Constructor<R> constructor =
          type.getDeclaredConstructor(
              Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
      return constructor.newInstance(
          Arrays.stream(components).map(c -> bound.get(Keys.snake(c.getName()))).toArray());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(type + " is not a settings record", e);
    }
  }
}
