package dev.caravan.arch.sample.catalog;

/** Breaks a rule on purpose: seven constructor parameters. */
public final class SevenThings {
  private final int sum;

  public SevenThings(int a, int b, int c, int d, int e, int f, int g) {
    sum = a + b + c + d + e + f + g;
  }

  public int sum() {
    return sum;
  }
}
