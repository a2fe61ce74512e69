package dev.caravan.config.read;

import dev.caravan.config.RemoteSettings;
import dev.caravan.config.Secret;
import dev.caravan.config.Setting;
import dev.caravan.config.Settings;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which keys there are, as the settings records tell. */
final class Keys {
  private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_.\\[\\]-]{1,100}");

  private Keys() {}

  /**
   * One key.
   *
   * @param path full dotted path; of a remote's key the key alone
   * @param type of its value; what is inside when that is an {@code Optional}
   */
  record Key(String path, String name, Setting setting, Type type, boolean optional) {

    boolean isSecret() {
      return type.equals(Secret.class);
    }

    /** Whether it must be written: nothing says what else it should be. */
    boolean isRequired() {
      return !optional && setting.def().isEmpty() && setting.derived().isEmpty();
    }
  }

  /** The sections of the file and their records, in the order of the documentation. */
  static Map<String, Class<?>> sections() {
    Map<String, Class<?>> sections = new LinkedHashMap<>();
    for (RecordComponent component : Settings.class.getRecordComponents()) {
      if (component.getType().isRecord()) {
        sections.put(component.getName(), component.getType());
      }
    }
    return sections;
  }

  /** The records of the remotes, by provider. */
  static Map<String, Class<?>> providers() {
    Map<String, Class<?>> providers = new LinkedHashMap<>();
    for (Class<?> type : RemoteSettings.class.getPermittedSubclasses()) {
      String name = type.getSimpleName().replace("Settings", "");
      providers.put(name.toLowerCase(Locale.ROOT), type);
    }
    return providers;
  }

  /** The annotated components of a record; {@code prefix} goes before their names in the paths. */
  static List<Key> of(Class<?> record, String prefix) {
    List<Key> keys = new ArrayList<>();
    for (RecordComponent component : record.getRecordComponents()) {
      Setting setting = component.getAnnotation(Setting.class);
      if (setting != null) {
        keys.add(key(component, setting, prefix));
      }
    }
    return keys;
  }

  private static Key key(RecordComponent component, Setting setting, String prefix) {
    String name = snake(component.getName());
    boolean optional = component.getType() == Optional.class;
    Type type =
        optional
            ? ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[0]
            : component.getGenericType();
    return new Key(prefix + name, name, setting, type, optional);
  }

  /** Every key outside the remotes. */
  static List<Key> all() {
    return sections().entrySet().stream()
        .flatMap(section -> of(section.getValue(), section.getKey() + ".").stream())
        .toList();
  }

  /** The other names of keys, with the keys they stand for. */
  static Map<String, String> aliases() {
    Map<String, String> aliases = new LinkedHashMap<>();
    for (Key key : all()) {
      Arrays.stream(key.setting().aliases()).forEach(a -> aliases.put(a, key.path()));
      if (key.isSecret()) {
        Arrays.stream(key.setting().aliases())
            .forEach(a -> aliases.put(a + "_file", key.path() + "_file"));
      }
    }
    return aliases;
  }

  static String snake(String camelCase) {
    return camelCase.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }

  /**
   * A key as it may be shown: cut where it stops to look like one, for {@code {token s3cr3t}} with
   * its colon forgotten is a key, too.
   */
  static String shown(String key) {
    Matcher word = WORD.matcher(key);
    String shown = word.lookingAt() ? word.group() : "";
    return shown.length() == key.length() ? key : shown + "...";
  }
}
