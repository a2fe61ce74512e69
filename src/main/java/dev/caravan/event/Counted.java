package dev.caravan.event;

/** So many of something, for people. */
public final class Counted {

  private Counted() {}

  /**
   * {@code 1 file}, {@code 0 files}, {@code 12 files}.
   *
   * @param noun of one, which makes its plural with an s
   */
  public static String of(long number, String noun) {
    return number + " " + noun + (number == 1 ? "" : "s");
  }
}
