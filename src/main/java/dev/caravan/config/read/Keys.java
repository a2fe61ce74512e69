package dev.caravan.config.read;

import dev.caravan.config.RemoteSettings;
import dev.caravan.config.Secret;
import dev.caravan.config.Setting;
import dev.caravan.config.Settings;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which keys there are, as the settings records tell. */
final class Keys {
  private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_.\\[\\]-]{1,100}");

  /** What each record tells: to ask one costs much, and each start asks several times. */
  private static final Map<Class<?>, List<Told>> TOLD = new ConcurrentHashMap<>();

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

  /** A component with its annotation, and the key's name and type that follow from it. */
  private record Told(String name, Setting setting, Type type, boolean optional) {}

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
    for (Told told : TOLD.computeIfAbsent(record, Keys::ask)) {
      keys.add(
          new Key(prefix + told.name(), told.name(), told.setting(), told.type(), told.optional()));
    }
    return keys;
  }

  private static List<Told> ask(Class<?> record) {
    List<Told> told = new ArrayList<>();
    for (RecordComponent component : record.getRecordComponents()) {
      Setting setting = component.getAnnotation(Setting.class);
      if (setting != null) {
        told.add(told(component, setting));
      }
    }
    return List.copyOf(told);
  }

  private static Told told(RecordComponent component, Setting setting) {
    boolean optional = component.getType() == Optional.class;
    Type type =
        optional
            ? ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[0]
            : component.getGenericType();
    return new Told(snake(component.getName()), setting, type, optional);
  }

  /** Every key outside the remotes. */
  static List<Key> all() {
    List<Key> keys = new ArrayList<>();
    sections().forEach((name, record) -> keys.addAll(of(record, name + ".")));
    return keys;
  }

  /** The other names of keys, with the keys they stand for. */
  static Map<String, String> aliases() {
    Map<String, String> aliases = new LinkedHashMap<>();
    for (Key key : all()) {
      for (String alias : key.setting().aliases()) {
        aliases.put(alias, key.path());
        if (key.isSecret()) {
          aliases.put(alias + "_file", key.path() + "_file");
        }
      }
    }
    return aliases;
  }

  static String snake(String camelCase) {
    StringBuilder snake = new StringBuilder();
    for (int i = 0; i < camelCase.length(); i++) {
      char letter = camelCase.charAt(i);
      if (letter >= 'A' && letter <= 'Z') {
        snake.append('_');
      }
      snake.append(letter);
    }
    return snake.toString().toLowerCase(Locale.ROOT);
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
