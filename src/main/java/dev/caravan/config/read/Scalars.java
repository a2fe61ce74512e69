package dev.caravan.config.read;

import dev.caravan.config.Bandwidth;
import dev.caravan.config.ByteSize;
import dev.caravan.config.Durations;
import dev.caravan.config.MaxDelete;
import dev.caravan.config.PurgeSettings.Copies;
import dev.caravan.config.Secret;
import dev.caravan.config.read.text.Spelling;
import java.lang.reflect.Type;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Turns one written value into what its setting wants. */
final class Scalars {
  private static final Map<Type, Form> FORMS =
      Map.ofEntries(
          Map.entry(String.class, new Form("text", t -> t)),
          Map.entry(Secret.class, new Form("text", Secret::new)),
          Map.entry(Duration.class, new Form("a duration", Durations::parse)),
          Map.entry(ByteSize.class, new Form("a size", ByteSize::parse)),
          Map.entry(MaxDelete.class, new Form("a limit", MaxDelete::parse)),
          Map.entry(Bandwidth.class, new Form("a rate limit", Bandwidth::parse)),
          Map.entry(Copies.class, new Form("a number of copies", Copies::parse)));

  private Scalars() {}

  private record Form(String name, Function<String, Object> parser) {}

  /** Reads the text as a value of the type. */
  static Object parse(Type type, String text) throws BadValue {
    Form form = FORMS.get(type);
    if (form != null) {
      return parse(form, text);
    }
    if (type == boolean.class) {
      return bool(text);
    }
    if (type == int.class) {
      return whole(text);
    }
    if (type == double.class) {
      return number(text);
    }
    if (type == URI.class) {
      return uri(text);
    }
    if (type == Path.class) {
      return path(text);
    }
    if (type instanceof Class<?> c && c.isEnum()) {
      return constant(c, text);
    }
    throw new IllegalStateException("no setting can be a " + type);
  }

  /** The written names of an enum's constants. */
  static List<String> names(Class<?> type) {
    return Arrays.stream(type.getEnumConstants())
        .map(c -> ((Enum<?>) c).name().toLowerCase(Locale.ROOT))
        .toList();
  }

  private static Object parse(Form form, String text) throws BadValue {
    if (text.isBlank()) {
      throw new BadValue("is empty", "write a value, or leave the key out");
    }
    try {
      return form.parser().apply(text);
    } catch (IllegalArgumentException e) {
      throw new BadValue("is not " + form.name(), String.valueOf(e.getMessage()));
    }
  }

  private static Object bool(String text) throws BadValue {
    return switch (text) {
      case "true", "True", "TRUE" -> true;
      case "false", "False", "FALSE" -> false;
      default -> throw new BadValue("is neither true nor false", "write true or false");
    };
  }

  private static Object whole(String text) throws BadValue {
    if (!text.matches("[+-]?[0-9]{1,9}")) {
      throw new BadValue("is not a whole number", "write digits only, without a unit");
    }
    return Integer.valueOf(text);
  }

  private static Object number(String text) throws BadValue {
    if (!text.matches("[+-]?[0-9]{1,12}(\\.[0-9]{1,9})?")) {
      throw new BadValue("is not a number", "write digits, such as 20 or 0.5, without a unit");
    }
    return Double.valueOf(text);
  }

  private static Object uri(String text) throws BadValue {
    try {
      URI uri = new URI(text);
      if (("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
          && uri.getHost() != null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // falls through to the one message, which does not repeat the address
    }
    throw new BadValue("is not an http or https address", "write https://host/path");
  }

  private static Object path(String text) throws BadValue {
    String hint = "write the path of a file or folder";
    try {
      if (!text.isBlank()) {
        return Path.of(text);
      }
    } catch (InvalidPathException e) {
      if (text.indexOf('\0') < 0) {
        hint = "it has letters that this locale does not know: start with LC_ALL=C.UTF-8 set";
      }
    }
    throw new BadValue("is not a path", hint);
  }

  private static Object constant(Class<?> type, String text) throws BadValue {
    List<String> names = names(type);
    int index = names.indexOf(text);
    if (index < 0) {
      Optional<String> meant = Spelling.nearest(text, names);
      throw new BadValue(
          "must be one of " + String.join(", ", names),
          meant.map(m -> "did you mean " + m + "?").orElse("write one of these words"));
    }
    return type.getEnumConstants()[index];
  }
}
