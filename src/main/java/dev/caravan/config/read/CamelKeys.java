package dev.caravan.config.read;

import dev.caravan.config.read.Written.Field;
import dev.caravan.config.read.Written.Items;
import dev.caravan.config.read.Written.Table;
import dev.caravan.config.read.Written.Text;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/** Flattens what is meant for Camel, nested or dotted, and leaves every value as it is. */
final class CamelKeys {
  static final String NAME = "camel";

  private final Findings findings;
  private final Map<String, Text> flat = new TreeMap<>();

  CamelKeys(Findings findings) {
    this.findings = findings;
  }

  static boolean isOne(String topLevelKey) {
    return topLevelKey.equals(NAME) || topLevelKey.startsWith(NAME + ".");
  }

  /** Full dotted keys and their values. */
  Map<String, String> flatten(Table root) {
    for (Map.Entry<String, Field> entry : root.fields().entrySet()) {
      if (entry.getKey().equals(NAME) && entry.getValue().value() instanceof Text text) {
        findings.check(!text.isNull(), NAME, "is a value, but a mapping belongs here", "");
      } else if (isOne(entry.getKey())) {
        flatten(entry.getKey(), entry.getValue().value());
      }
    }
    Map<String, String> values = new TreeMap<>();
    flat.forEach((key, text) -> values.put(key, text.isNull() ? "" : text.text()));
    return Collections.unmodifiableMap(values);
  }

  private void flatten(String key, Written written) {
    if (written instanceof Table table) {
      table.fields().forEach((name, field) -> flatten(key + "." + name, field.value()));
    } else if (written instanceof Items list) {
      for (int i = 0; i < list.items().size(); i++) {
        flatten(key + "[" + i + "]", list.items().get(i));
      }
    } else {
      Text text = (Text) written;
      Text before = flat.put(key, text);
      boolean overridden = text.origin().file().equals(Overrides.FILE);
      if (before != null && !overridden) {
        findings.add(text.origin(), Keys.shown(key), "is written twice", "keep one");
      }
    }
  }
}
