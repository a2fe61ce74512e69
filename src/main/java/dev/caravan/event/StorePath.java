package dev.caravan.event;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Names one file of the store: relative, {@code /}-separated, in the text form that the catalog,
 * the API and object keys share.
 *
 * <p>A Linux name is bytes, not text. The text form is the UTF-8 text of those bytes; a byte that
 * is not valid UTF-8 is written as {@code ‛} (U+201B) and two upper-case hex digits, the form that
 * rclone uses, and a real {@code ‛} that would read as such an escape is doubled. {@code
 * store.StoreNames} converts both ways without loss.
 *
 * @param value never empty, never absolute, no empty, {@code .} or {@code ..} segment, no NUL
 */
public record StorePath(String value) implements Comparable<StorePath> {

  public StorePath {
    Objects.requireNonNull(value, "value");
    String fault = faultOf(value);
    if (!fault.isEmpty()) {
      throw new IllegalArgumentException("Store path '" + value + "' " + fault);
    }
  }

  public static StorePath of(String value) {
    return new StorePath(value);
  }

  /** The last segment. */
  public String name() {
    return value.substring(value.lastIndexOf('/') + 1);
  }

  /** The folder that holds it, {@code ""} for the top. */
  public String folder() {
    int slash = value.lastIndexOf('/');
    return slash < 0 ? "" : value.substring(0, slash);
  }

  /**
   * True when this path is {@code folder} itself or lies below it; everything is below {@code ""}.
   */
  public boolean isWithin(String folder) {
    return folder.isEmpty()
        || value.equals(folder)
        || (value.startsWith(folder) && value.charAt(folder.length()) == '/');
  }

  public int utf8Length() {
    return value.getBytes(StandardCharsets.UTF_8).length;
  }

  /** Byte order of the UTF-8 text: the order of SQLite's BINARY collation and of S3 listings. */
  @Override
  public int compareTo(StorePath other) {
    return compareUtf8(value, other.value);
  }

  /**
   * Compares as UTF-8 bytes would. {@link String#compareTo} compares UTF-16 units, which differs
   * for surrogates against U+E000 to U+FFFF.
   */
  public static int compareUtf8(String a, String b) {
    int length = Math.min(a.length(), b.length());
    for (int i = 0; i < length; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        boolean bothHigh = x >= 0xD800 && y >= 0xD800;
        return bothHigh ? Integer.compare(rank(x), rank(y)) : Character.compare(x, y);
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  /** Changes places: surrogates, which stand for what lies above, and what lies above them. */
  private static int rank(char c) {
    return Character.isSurrogate(c) ? c + 0x2000 : c - 0x800;
  }

  private static String faultOf(String value) {
    if (value.isEmpty()) {
      return "is empty";
    }
    if (value.indexOf('\0') >= 0) {
      return "holds a NUL";
    }
    for (int from = 0, to; from <= value.length(); from = to + 1) {
      to = value.indexOf('/', from);
      to = to < 0 ? value.length() : to;
      if (to == from) {
        return "is absolute or has an empty segment";
      }
      if (isDots(value, from, to)) {
        return "has a '" + value.substring(from, to) + "' segment";
      }
    }
    return "";
  }

  /** Asked for every file of every scan, so without making a string for each segment. */
  private static boolean isDots(String value, int from, int to) {
    return to - from <= 2 && value.charAt(from) == '.' && value.charAt(to - 1) == '.';
  }

  @Override
  public String toString() {
    return value;
  }
}
