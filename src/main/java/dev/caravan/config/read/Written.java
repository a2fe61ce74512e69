package dev.caravan.config.read;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A piece of configuration as it was written, and where; printing it shows no value. */
sealed interface Written {

  Origin origin();

  /** Absent for every purpose: nothing, {@code null} or {@code ~} was written. */
  default boolean isNull() {
    return false;
  }

  /** Where something was written; line and column from 1, or 0 when it has none. */
  record Origin(String file, int line, int column) {}

  /** A single value; {@code plain} when it was not in quotes. */
  record Text(Origin origin, String text, boolean plain) implements Written {
    private static final Set<String> NULLS = Set.of("", "~", "null", "Null", "NULL");

    @Override
    public boolean isNull() {
      return plain && NULLS.contains(text);
    }

    @Override
    public String toString() {
      return "text at " + origin;
    }
  }

  /** A list. */
  record Items(Origin origin, List<Written> items) implements Written {}

  /** A mapping, in the order of the file. */
  record Table(Origin origin, Map<String, Field> fields) implements Written {

    Table with(String key, Field field) {
      Map<String, Field> copy = new LinkedHashMap<>(fields);
      copy.put(key, field);
      return new Table(origin, copy);
    }

    Table without(String key) {
      Map<String, Field> copy = new LinkedHashMap<>(fields);
      copy.remove(key);
      return new Table(origin, copy);
    }
  }

  /** One key of a table: where the key stands, and its value. */
  record Field(Origin origin, Written value) {}

  /** What a person would call it. */
  default String kind() {
    if (isNull()) {
      return "nothing";
    }
    return this instanceof Table ? "a mapping" : this instanceof Items ? "a list" : "a value";
  }

  /** The list with one item replaced, or added when {@code index} is its size. */
  static Items with(Items list, int index, Written item) {
    List<Written> copy = new ArrayList<>(list.items());
    if (index == copy.size()) {
      copy.add(item);
    } else {
      copy.set(index, item);
    }
    return new Items(list.origin(), copy);
  }
}
