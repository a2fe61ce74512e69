package dev.caravan.remote.rsync;

import java.util.List;

/**
 * How a child ended.
 *
 * @param code its exit code, where it ended by itself
 * @param words the first and the last lines of its standard error
 */
public record RsyncEnd(How how, int code, List<String> words) {

  /** Some files could not be carried, or were gone; the others are there. */
  private static final List<Integer> PARTIAL = List.of(23, 24);

  /** Who or what brought it about. */
  public enum How {
    /** It ended by itself. */
    BY_ITSELF,
    /** Nothing moved any more, and we ended it. */
    STALLED,
    /** Nobody wanted it any more, and we ended it. */
    UNWANTED,
    /** It could not be started at all. */
    NOT_STARTED
  }

  public RsyncEnd {
    words = List.copyOf(words);
  }

  public boolean isGood() {
    return how == How.BY_ITSELF && code == 0;
  }

  /** True when other files of the same child may have arrived. */
  public boolean isPartial() {
    return how == How.BY_ITSELF && PARTIAL.contains(code);
  }
}
