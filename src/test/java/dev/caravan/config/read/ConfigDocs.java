package dev.caravan.config.read;

import dev.caravan.config.ArchiveSettings;
import dev.caravan.config.Bandwidth;
import dev.caravan.config.ByteSize;
import dev.caravan.config.MaxDelete;
import dev.caravan.config.PurgeSettings.Copies;
import dev.caravan.config.Secret;
import dev.caravan.config.read.Keys.Key;
import java.lang.reflect.Type;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Writes docs/configuration.md out of the annotations of the settings records. */
final class ConfigDocs {
  private static final String HEAD =
      """
      # Configuration

      Generated from the settings records; do not edit.
      Rewrite it with `mvn test -Dtest=ConfigDocsTest -Dcaravan.rewrite=true`.

      Caravan reads one YAML file: the one named by `--config`, else by `$CARAVAN_CONFIG`, else
      `config/caravan.yaml` if there is one. Without any file it runs on the defaults below.
      `caravan validate` prints every problem of a file with line, key and a hint.

      - **Variables.** `${VAR}` and `${VAR:-default}` in a value are replaced from the environment;
        the default also stands in for an empty variable. A variable that is not set and has no
        default is a problem. `$${` is a plain `${`. A value that comes out empty counts as left
        out.
      - **Command line.** `--set storage.transfers=4` wins over the file; `--set
        storage.remotes[0].bucket=x` reaches into a list, and begins a new list where the file has
        none. A value that begins with `[`, `{` or a quote is YAML; everything else is taken as it
        stands, and `null` takes a key away.
      - **Secrets.** Beside every secret key there is one with `_file` at its end, which names a
        file that holds the secret; one line end is cut off. A file that changes is read again,
        within a second or when the old secret is refused; only `sse_customer_key` is kept until
        the next start. Problems never show a value.
      - **Paths** begin in the working folder; `~/` is `$HOME`.
      - **Durations** are written `500ms`, `2s`, `10m`, `1h30m`, `30d`, `2w`; a plain number is
        seconds.
      - **Sizes** are written `16MiB` (binary) or `10GB` (decimal); a plain number is bytes.
      - **Patterns** are Ant style and begin in the store: `**/*.parquet`.
      - A key without a value (`key:`) counts as left out, except `storage.remotes`.

      """;

  private static final String TAIL =
      """
      ## camel

      Everything below `camel`, nested or dotted, is handed to Camel as it is, variables too: write
      Camel's own `{{env:VAR}}` there.
      """;

  private static final Map<Type, String> NAMES =
      Map.ofEntries(
          Map.entry(String.class, "text"),
          Map.entry(Secret.class, "secret"),
          Map.entry(boolean.class, "true or false"),
          Map.entry(double.class, "number"),
          Map.entry(int.class, "whole number"),
          Map.entry(Path.class, "path"),
          Map.entry(URI.class, "http(s) address"),
          Map.entry(Duration.class, "duration"),
          Map.entry(ByteSize.class, "size"),
          Map.entry(MaxDelete.class, "percentage or count"),
          Map.entry(Bandwidth.class, "rate or timetable"),
          Map.entry(Copies.class, "`all` or a number"));

  private ConfigDocs() {}

  static String markdown() {
    StringBuilder text = new StringBuilder(HEAD);
    Keys.sections()
        .forEach(
            (name, type) -> {
              text.append("## ").append(name).append("\n\n");
              table(text, Keys.of(type, name + "."));
            });
    Keys.providers()
        .forEach(
            (name, type) -> {
              text.append("## storage.remotes[] with provider: ").append(name).append("\n\n");
              text.append("`name` defaults to `").append(name);
              text.append("`, made unique (`").append(name).append("-2`).\n\n");
              table(text, Keys.of(type, ""));
            });
    text.append("## archives[]\n\n");
    table(text, Keys.of(ArchiveSettings.class, ""));
    return text.append(TAIL).toString();
  }

  private static void table(StringBuilder text, List<Key> keys) {
    text.append("| key | type | default | meaning |\n| --- | --- | --- | --- |\n");
    for (Key key : keys) {
      text.append("| `").append(key.path()).append("` | ").append(type(key));
      text.append(" | ").append(otherwise(key)).append(" | ").append(meaning(key)).append(" |\n");
    }
    text.append('\n');
  }

  private static String type(Key key) {
    if (key.isSecret()) {
      return "secret (or `" + key.name() + "_file`)";
    }
    if (key.path().equals(RemoteBinder.PATH)) {
      return "list of remotes, see below";
    }
    if (key.type() instanceof Class<?> type && type.isEnum()) {
      return "`" + String.join("`, `", Scalars.names(type)) + "`";
    }
    String list = key.name().equals("flags") ? "list of flags" : "list of patterns";
    String name = NAMES.getOrDefault(key.type(), list);
    return key.setting().min() == Double.NEGATIVE_INFINITY
        ? name
        : name + ", " + Binder.bounds(key.setting());
  }

  private static String otherwise(Key key) {
    if (key.isRequired()) {
      return "required";
    }
    String derived = key.setting().derived();
    if (!derived.isEmpty()) {
      return derived;
    }
    return key.setting().def().isEmpty() ? "–" : "`" + key.setting().def() + "`";
  }

  private static String meaning(Key key) {
    StringBuilder text = new StringBuilder(key.setting().value().replace("|", "\\|"));
    if (!key.setting().example().isEmpty()) {
      text.append(" Example: `").append(key.setting().example()).append("`.");
    }
    for (String alias : key.setting().aliases()) {
      text.append(" Other name: `").append(alias).append("`.");
    }
    return text.toString();
  }
}
