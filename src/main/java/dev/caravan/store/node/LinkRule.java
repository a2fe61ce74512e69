package dev.caravan.store.node;

import dev.caravan.event.StorePath;
import java.util.Optional;

/** Where a symbolic link leads to, judged by its text alone: nothing is followed. */
public final class LinkRule {

  private LinkRule() {}

  /**
   * Why a link must not be made: it would lead out of the store.
   *
   * <p>Going up is allowed at the beginning only. The folders above a link are real ones, so that
   * each {@code ..} there is one level; behind a name that is a link itself it could be any.
   *
   * @param target in the text form of paths
   * @return empty for a link that stays in the store, whatever other links there are
   */
  public static Optional<String> refusal(StorePath link, String target) {
    if (target.isEmpty()) {
      return Optional.of("leads nowhere");
    }
    if (target.startsWith("/")) {
      return Optional.of("leads to the absolute path " + target);
    }
    long depth = link.value().chars().filter(c -> c == '/').count();
    boolean named = false;
    for (String word : target.split("/", -1)) {
      if (word.equals("..")) {
        if (named) {
          return Optional.of("leads up again behind a name: " + target);
        }
        depth--;
        if (depth < 0) {
          return Optional.of("leads out of the store: " + target);
        }
      } else if (!word.isEmpty() && !word.equals(".")) {
        named = true;
      }
    }
    return Optional.empty();
  }
}
