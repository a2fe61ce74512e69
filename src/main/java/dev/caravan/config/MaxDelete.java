package dev.caravan.config;

/**
 * The most files one cycle may delete without asking, as a percentage of the known files or a
 * count. Never stricter than {@link #FLOOR} files.
 *
 * @param percent 0 to 100, or -1 when a count is set
 * @param count or -1 when a percentage is set
 */
public record MaxDelete(double percent, long count) {

  /** Fewer deletions than this never halt a cycle. */
  public static final long FLOOR = 20;

  /** Reads {@code 10%} or {@code 500}. */
  public static MaxDelete parse(String text) {
    String t = text.strip();
    try {
      if (t.endsWith("%")) {
        double percent = Double.parseDouble(t.substring(0, t.length() - 1).strip());
        if (percent >= 0 && percent <= 100) {
          return new MaxDelete(percent, -1);
        }
      } else if (Long.parseLong(t) >= 0) {
        return new MaxDelete(-1, Long.parseLong(t));
      }
    } catch (NumberFormatException e) {
      // falls through to the one message
    }
    throw new IllegalArgumentException("write a percentage such as 10% or a count such as 500");
  }

  /** The most files that may go, of {@code known} files. */
  public long limit(long known) {
    long wanted = count >= 0 ? count : (long) Math.floor(known * percent / 100);
    return Math.max(FLOOR, wanted);
  }

  @Override
  public String toString() {
    return count >= 0 ? Long.toString(count) : percent + "%";
  }
}
