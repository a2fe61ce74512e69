package dev.caravan.config.read;

import dev.caravan.config.ArchiveSettings;
import dev.caravan.config.read.Keys.Key;
import dev.caravan.config.read.Written.Field;
import dev.caravan.config.read.Written.Items;
import dev.caravan.config.read.Written.Table;
import java.util.List;
import java.util.Map;

/** Writes config/caravan.yaml: every key with its meaning and its default. */
final class ConfigSample {
  private static final String HEAD =
      """
      # yaml-language-server: $schema=caravan.schema.json
      #
      # Everything Caravan can be told, with its defaults; keys without a default are commented out.
      # This file changes nothing as it is: keep the lines you need. More: docs/configuration.md.
      # ${VAR} and ${VAR:-default} are replaced from the environment, and beside every secret key
      # there is one with _file at its end that names a file to read it from.

      """;

  private static final String TAIL =
      """
      # Everything below camel is handed to Camel as it is.
      # camel:
      #   main.name: caravan
      """;

  private final StringBuilder text = new StringBuilder(HEAD);

  private ConfigSample() {}

  static String yaml() {
    return new ConfigSample().write();
  }

  private String write() {
    for (Map.Entry<String, Class<?>> section : Keys.sections().entrySet()) {
      text.append(section.getKey()).append(":\n");
      for (Key key : Keys.of(section.getValue(), section.getKey() + ".")) {
        if (key.path().equals(RemoteBinder.PATH)) {
          remotes(key);
        } else {
          key(key, "  ", false);
        }
      }
      text.append('\n');
    }
    archives();
    return text.append(TAIL).toString();
  }

  private void key(Key key, String indent, boolean commented) {
    comment(key.setting().value(), indent);
    for (String alias : key.setting().aliases()) {
      comment("Other name: " + alias, indent);
    }
    String value = key.setting().def();
    if (value.isEmpty()) {
      String derived = key.setting().derived();
      value = derived.isEmpty() ? key.setting().example() : "... # " + derived;
      text.append(indent).append("# ").append(key.name()).append(": ").append(value);
    } else {
      text.append(indent).append(commented ? "# " : "");
      text.append(key.name()).append(": ").append(value);
    }
    text.setLength(text.toString().stripTrailing().length());
    text.append('\n');
  }

  private void remotes(Key key) {
    comment(key.setting().value(), "  ");
    text.append("  remotes:\n");
    for (Written remote : ((Items) Binder.written(key.setting())).items()) {
      String mark = "    - ";
      for (Map.Entry<String, Field> field : ((Table) remote).fields().entrySet()) {
        text.append(mark).append(field.getKey()).append(": ");
        text.append(((Written.Text) field.getValue().value()).text()).append('\n');
        mark = "      ";
      }
    }
    for (Map.Entry<String, Class<?>> provider : Keys.providers().entrySet()) {
      text.append("    # - provider: ").append(provider.getKey()).append('\n');
      text.append("    #   name: ").append(provider.getKey()).append('\n');
      List<Key> keys = Keys.of(provider.getValue(), "");
      keys.forEach(k -> remoteKey(k));
    }
  }

  private void archives() {
    comment("Queues of files that producers register; see docs/migrating-from-suprsync.md.", "");
    text.append("archives: []\n");
    String mark = "# - ";
    for (Key key : Keys.of(ArchiveSettings.class, "")) {
      comment(key.setting().value(), "#   ");
      String value = key.setting().def();
      if (value.isEmpty()) {
        value = key.setting().example();
      }
      text.append(mark).append(key.name()).append(": ").append(value).append('\n');
      mark = "#   ";
    }
    text.append('\n');
  }

  /** One line of a commented-out remote; its meaning stands in the line above. */
  private void remoteKey(Key key) {
    comment(key.setting().value(), "    #   ");
    String value = key.setting().def();
    if (value.isEmpty()) {
      value = key.setting().example();
    }
    if (!key.setting().derived().isEmpty()) {
      value = "... # " + key.setting().derived();
    }
    String line = "    #   " + key.name() + ": " + value;
    text.append(line.stripTrailing()).append('\n');
  }

  private void comment(String words, String indent) {
    StringBuilder line = new StringBuilder(indent).append('#');
    for (String word : words.split(" ")) {
      if (line.length() + word.length() >= 98) {
        text.append(line).append('\n');
        line = new StringBuilder(indent).append('#');
      }
      line.append(' ').append(word);
    }
    text.append(line).append('\n');
  }
}
