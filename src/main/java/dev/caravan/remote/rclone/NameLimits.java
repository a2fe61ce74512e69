package dev.caravan.remote.rclone;

import dev.caravan.event.StorePath;
import dev.caravan.remote.rclone.Abilities.Tried;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/** What the storage cannot call a file, as far as trying showed; the rest shows at the put. */
final class NameLimits {

  /** Everything but the characters of XML 1.0. */
  private static final Pattern NOT_IN_XML =
      Pattern.compile("[^\\t\\n\\r\\x20-\\uD7FF\\uE000-\\uFFFD\\x{10000}-\\x{10FFFF}]");

  private NameLimits() {}

  /** Why it cannot hold a file of this name; empty when it can. */
  static Optional<String> refusal(StorePath path, Tried tried) {
    String[] names = path.value().split("/", -1);
    if (names.length > tried.deepest()) {
      return Optional.of("it lies in more than " + tried.deepest() + " folders, one in the other");
    }
    for (String name : names) {
      if (name.getBytes(StandardCharsets.UTF_8).length > tried.longestName()) {
        return Optional.of("a name in its path is longer than " + tried.longestName() + " bytes");
      }
    }
    boolean refused = !tried.controls() && NOT_IN_XML.matcher(path.value()).find();
    return refused
        ? Optional.of("its name has a control character, which that server cannot list")
        : Optional.empty();
  }
}
