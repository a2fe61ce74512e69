package dev.caravan.config.read;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Replaces <code>${VAR}</code> and <code>${VAR:-default}</code>; <code>$${</code> is a plain one.
 */
final class Variables {
  private static final Pattern FORM =
      Pattern.compile("\\$\\$\\{|\\$\\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?}|\\$\\{");

  private final Map<String, String> env;

  Variables(Map<String, String> env) {
    this.env = env;
  }

  /** Whether replacing would change the text. */
  static boolean in(String text) {
    return text.contains("${");
  }

  /**
   * The text with its variables replaced; as in a shell, the default also stands in for an empty
   * variable.
   */
  String replace(String text) throws BadValue {
    Matcher form = FORM.matcher(text);
    StringBuilder replaced = new StringBuilder();
    while (form.find()) {
      form.appendReplacement(replaced, "");
      replaced.append(form.group().equals("$${") ? "${" : value(form, text));
    }
    return form.appendTail(replaced).toString();
  }

  private String value(Matcher form, String text) throws BadValue {
    String name = form.group(1);
    if (name == null) {
      throw new BadValue("has a ${ that is no variable", "write ${NAME}, or $${ for a plain ${");
    }
    String value = env.get(name);
    String otherwise = form.group(2);
    if (otherwise != null) {
      return value == null || value.isEmpty() ? otherwise : value;
    }
    if (value == null) {
      // Inside a longer text the name may be part of a password that happens to contain "${".
      String shown = text.equals("${" + name + "}") ? " " + name : " in this value";
      throw new BadValue(
          "the environment variable" + shown + " is not set", "set it, or write ${NAME:-default}");
    }
    return value;
  }
}
