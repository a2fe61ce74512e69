package dev.caravan.remote.rsync;

import dev.caravan.event.PathNames;
import java.util.ArrayList;
import java.util.List;

/**
 * Hands arguments to a program as the bytes that they are. Java writes them in the platform's
 * charset, which may know neither the letters nor the stray bytes of a name; so those that are not
 * plain ASCII are spelled out, and a shell's own {@code printf} makes bytes of them again.
 */
final class RawArguments {

  private static final String SPELLED =
      """
      for argument; do
        shift
        argument=$(printf '%b.' "$argument")
        set -- "$@" "${argument%.}"
      done
      exec "$@"
      """;

  private RawArguments() {}

  /**
   * The command that runs a command.
   *
   * @param command its arguments in text form, see {@link PathNames}
   */
  static List<String> of(List<String> command) {
    if (command.stream().allMatch(argument -> argument.chars().allMatch(c -> c < 0x80))) {
      return command;
    }
    List<String> spelled = new ArrayList<>(List.of("/bin/sh", "-c", SPELLED, "caravan-spelled"));
    command.forEach(argument -> spelled.add(spell(PathNames.bytesOf(argument))));
    return spelled;
  }

  private static String spell(byte[] bytes) {
    StringBuilder text = new StringBuilder(bytes.length);
    for (byte b : bytes) {
      if (b < 0x20 || b == '\\') {
        text.append(String.format("\\0%03o", b & 0xFF));
      } else {
        text.append((char) b);
      }
    }
    return text.toString();
  }
}
