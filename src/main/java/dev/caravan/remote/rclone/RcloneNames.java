package dev.caravan.remote.rclone;

import java.util.Optional;

/**
 * Converts between object keys and the paths that rclone's commands take and give.
 *
 * <p>rclone shows every name in its "standard" encoding, whatever the storage below can hold:
 * control characters, DEL and the names {@code .} and {@code ..} are replaced by symbols that look
 * like them, and where a name really holds such a symbol, it is quoted with {@code ‛} (U+201B),
 * which is itself doubled. Source: rclone's {@code lib/encoder}, masks Zero, Slash, Ctl, Del, Dot.
 */
final class RcloneNames {

  private static final char QUOTE = '\u201B';
  private static final char SYMBOLS = '\u2400';
  private static final char DELETE = '\u007F';
  private static final char DELETE_SYMBOL = '\u2421';
  private static final char SLASH_SYMBOL = '\uFF0F';
  private static final String DOT_SYMBOL = "\uFF0E";

  private RcloneNames() {}

  /** The path as rclone takes it. */
  static String toRclone(String key) {
    StringBuilder path = new StringBuilder(key.length() + 8);
    for (int from = 0; from <= key.length(); ) {
      int slash = key.indexOf('/', from);
      int end = slash < 0 ? key.length() : slash;
      encode(key.substring(from, end), path);
      path.append(slash < 0 ? "" : "/");
      from = end + 1;
    }
    return path.toString();
  }

  /** The key of a file or folder; empty when no file of a store can have it. */
  static Optional<String> fromRclone(String path) {
    StringBuilder key = new StringBuilder(path.length());
    for (String name : path.split("/", -1)) {
      Optional<String> plain = decode(name);
      if (plain.isEmpty()) {
        return Optional.empty();
      }
      key.append(key.isEmpty() ? "" : "/").append(plain.get());
    }
    return Optional.of(key.toString());
  }

  private static Optional<String> decode(String name) {
    String quotedDots = QUOTE + DOT_SYMBOL;
    if (name.equals(quotedDots) || name.equals(quotedDots + quotedDots)) {
      return Optional.of(name.replace(String.valueOf(QUOTE), ""));
    }
    if (name.equals(DOT_SYMBOL) || name.equals(DOT_SYMBOL + DOT_SYMBOL)) {
      return Optional.empty();
    }
    StringBuilder key = new StringBuilder(name.length());
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean quotes = c == QUOTE && i + 1 < name.length() && isSpecial(name.charAt(i + 1));
      if (quotes) {
        key.append(name.charAt(++i));
      } else if (c == SYMBOLS || c == SLASH_SYMBOL) {
        return Optional.empty();
      } else {
        key.append(plain(c));
      }
    }
    return Optional.of(key.toString());
  }

  private static void encode(String name, StringBuilder path) {
    if (name.equals(DOT_SYMBOL) || name.equals(DOT_SYMBOL + DOT_SYMBOL)) {
      path.append(name.replace(DOT_SYMBOL, QUOTE + DOT_SYMBOL));
      return;
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c < ' ') {
        path.append((char) (SYMBOLS + c));
      } else if (c == DELETE) {
        path.append(DELETE_SYMBOL);
      } else {
        path.append(isSpecial(c) ? String.valueOf(QUOTE) : "").append(c);
      }
    }
  }

  private static char plain(char c) {
    if (c == DELETE_SYMBOL) {
      return DELETE;
    }
    return c > SYMBOLS && c < SYMBOLS + ' ' ? (char) (c - SYMBOLS) : c;
  }

  /** True for what stands for something else unless it is quoted. */
  private static boolean isSpecial(char c) {
    return c == QUOTE
        || c == SLASH_SYMBOL
        || c == DELETE_SYMBOL
        || (c >= SYMBOLS && c < SYMBOLS + ' ');
  }
}
