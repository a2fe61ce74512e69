package dev.caravan.config.read.text;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the word that was probably meant. */
public final class Spelling {
  private Spelling() {}

  /** The nearest known word, when it is near enough to be offered. */
  public static Optional<String> nearest(String word, Collection<String> known) {
    if (word.length() > 60) {
      return Optional.empty();
    }
    String wanted = normal(word);
    int most = Math.max(1, wanted.length() / 3);
    return known.stream()
        .filter(k -> distance(wanted, k) <= most)
        .min(Comparator.comparingInt((String k) -> distance(wanted, k)).thenComparing(k -> k));
  }

  /** {@code syncInterval} and {@code sync-interval} are {@code sync_interval}. */
  public static String normal(String word) {
    return word.replaceAll("([a-z0-9])([A-Z])", "$1_$2").replace('-', '_').toLowerCase(Locale.ROOT);
  }

  /** Insertions, deletions, replacements and swaps of neighbours between two words. */
  static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        d[i][j] = Math.min(d[i - 1][j - 1] + change, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
