package dev.caravan.archive.carry;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Where below its base an archive's file goes. */
public final class RemotePath {

  private static final int LONGEST_NAME = 255;
  private static final int LONGEST = 4_000;

  private RemotePath() {}

  /**
   * The plain form: without {@code .} segments and double slashes.
   *
   * @throws IllegalArgumentException whose message says why there is no such place below the base
   */
  public static String plain(String path) {
    if (path.isEmpty()) {
      throw new IllegalArgumentException("The remote path is empty");
    }
    if (path.startsWith("/")) {
      throw new IllegalArgumentException("The remote path is absolute: it begins with a slash");
    }
    if (path.endsWith("/")) {
      throw new IllegalArgumentException("The remote path ends with a slash: it names no file");
    }
    if (path.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("The remote path holds a NUL");
    }
    List<String> names = new ArrayList<>();
    for (String name : path.split("/", -1)) {
      if (name.equals("..")) {
        throw new IllegalArgumentException("The remote path leaves the base: it holds '..'");
      }
      if (name.getBytes(StandardCharsets.UTF_8).length > 3 * LONGEST_NAME) {
        throw new IllegalArgumentException("The remote path holds a name that is too long");
      }
      if (!name.isEmpty() && !name.equals(".")) {
        names.add(name);
      }
    }
    String plain = String.join("/", names);
    if (plain.isEmpty() || plain.equals(".caravan") || plain.startsWith(".caravan/")) {
      throw new IllegalArgumentException("The remote path names no file of an archive");
    }
    if (plain.length() > LONGEST) {
      throw new IllegalArgumentException("The remote path is too long");
    }
    return plain;
  }
}
