package dev.caravan.config.read;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.config.ArchiveSettings;
import dev.caravan.config.ByteSize;
import dev.caravan.config.read.Keys.Key;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * Writes config/caravan.schema.json, with which editors complete and check the file as it is typed.
 *
 * <p>It knows keys, types, words and bounds; what must hold between keys only Caravan tells.
 */
final class ConfigSchema {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ConfigSchema() {}

  static String json() throws JsonProcessingException {
    ObjectNode root = JSON.createObjectNode();
    root.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    root.put("title", "Caravan's configuration");
    ObjectNode properties = object(root, false);
    Keys.sections()
        .forEach((name, type) -> section(properties.putObject(name), Keys.of(type, name + ".")));
    archives(properties.putObject("archives"));
    properties.putObject("settings").put("description", "Names of dccd for some of the keys");
    aliases((ObjectNode) properties.get("settings"));
    properties.putObject("camel").put("description", "Handed to Camel as it is");
    root.putObject("patternProperties").putObject("^camel\\.");
    definitions(root.putObject("$defs"));
    DefaultIndenter indent = new DefaultIndenter("  ", "\n");
    DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
    printer.indentObjectsWith(indent);
    printer.indentArraysWith(indent);
    return JSON.writer(printer).writeValueAsString(root) + "\n";
  }

  private static void archives(ObjectNode list) {
    list.put("description", "Queues of files that producers register.");
    list.putArray("type").add("array").add("null");
    ObjectNode archive = list.putObject("items");
    keys(object(archive, false), Keys.of(ArchiveSettings.class, ""));
    ArrayNode required = archive.putArray("required");
    Keys.of(ArchiveSettings.class, "").stream()
        .filter(Key::isRequired)
        .forEach(key -> required.add(key.name()));
  }

  private static ObjectNode object(ObjectNode node, boolean nullable) {
    if (nullable) {
      node.putArray("type").add("object").add("null");
    } else {
      node.put("type", "object");
    }
    node.put("additionalProperties", false);
    return node.putObject("properties");
  }

  private static void section(ObjectNode section, List<Key> keys) {
    keys(object(section, true), keys);
  }

  private static void keys(ObjectNode properties, List<Key> keys) {
    for (Key key : keys) {
      ObjectNode property = properties.putObject(key.name());
      describe(property, key);
      if (key.isSecret()) {
        String file = "A file that holds the " + key.name() + " and nothing else.";
        ObjectNode node = properties.putObject(key.name() + "_file");
        node.put("description", file).put("type", "string");
      }
    }
  }

  private static void aliases(ObjectNode settings) {
    ObjectNode properties = object(settings, true);
    Map<String, String> all = Keys.aliases();
    all.forEach(
        (alias, path) -> {
          String pointer = "#/properties/" + path.replace(".", "/properties/");
          properties.putObject(alias.substring("settings.".length())).put("$ref", pointer);
        });
  }

  private static void describe(ObjectNode property, Key key) {
    property.put("description", key.setting().value());
    if (!key.setting().def().isEmpty()) {
      Object value = new Load(LoadSettings.builder().build()).loadFromString(key.setting().def());
      property.set("default", JSON.valueToTree(value));
    }
    if (key.path().equals(RemoteBinder.PATH)) {
      property.put("type", "array");
      ArrayNode kinds = property.putObject("items").putArray("oneOf");
      Keys.providers().forEach((name, type) -> remote(kinds.addObject(), name, type));
    } else {
      value(property, key);
    }
  }

  private static void remote(ObjectNode remote, String provider, Class<?> type) {
    ObjectNode properties = object(remote, false);
    properties.putObject("provider").put("const", provider);
    ObjectNode name = properties.putObject("name");
    name.put("description", "Unique among the remotes; the provider when left out.");
    name.put("type", "string").put("pattern", "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$|\\$\\{");
    keys(properties, Keys.of(type, ""));
    ArrayNode required = remote.putArray("required").add("provider");
    Keys.of(type, "").stream().filter(Key::isRequired).forEach(key -> required.add(key.name()));
  }

  private static void value(ObjectNode property, Key key) {
    if (!(key.type() instanceof Class<?> type)) {
      property.put("type", "array").putObject("items").put("$ref", "#/$defs/text");
      return;
    }
    if (type == boolean.class || type == int.class || type == double.class || type.isEnum()) {
      ArrayNode either = property.putArray("anyOf");
      ObjectNode plain = either.addObject();
      either.addObject().put("$ref", "#/$defs/variable");
      plain(plain, key, type);
    } else if (type == Duration.class) {
      property.put("$ref", "#/$defs/duration");
    } else if (type == ByteSize.class) {
      property.put("$ref", "#/$defs/size");
    } else {
      property.put("$ref", "#/$defs/text");
    }
  }

  private static void plain(ObjectNode plain, Key key, Class<?> type) {
    if (type.isEnum()) {
      Scalars.names(type).forEach(plain.putArray("enum")::add);
    } else if (type == boolean.class) {
      plain.put("type", "boolean");
    } else {
      plain.put("type", type == int.class ? "integer" : "number");
      if (key.setting().min() != Double.NEGATIVE_INFINITY) {
        plain.put("minimum", (long) key.setting().min());
      }
      if (key.setting().max() != Double.POSITIVE_INFINITY) {
        plain.put("maximum", (long) key.setting().max());
      }
    }
  }

  private static void definitions(ObjectNode definitions) {
    ObjectNode variable = definitions.putObject("variable");
    variable.put("description", "Comes from the environment.");
    variable.put("type", "string").put("pattern", "\\$\\{");
    definitions.putObject("text").putArray("type").add("string").add("number").add("boolean");
    written(
        definitions.putObject("duration"),
        "Such as 500ms, 2s, 10m, 1h30m, 30d; a plain number is seconds.",
        "^([0-9]+(\\.[0-9]+)?(w|d|h|ms|m|s)?)+$|\\$\\{");
    written(
        definitions.putObject("size"),
        "Such as 16MiB or 10GB; a plain number is bytes.",
        "^[0-9]+(\\.[0-9]+)? *([KMGTkmgt][Ii]?[Bb]|[Bb])?$|\\$\\{");
  }

  private static void written(ObjectNode node, String description, String pattern) {
    node.put("description", description);
    ArrayNode either = node.putArray("anyOf");
    either.addObject().put("type", "number").put("minimum", 0);
    either.addObject().put("type", "string").put("pattern", pattern);
  }
}
