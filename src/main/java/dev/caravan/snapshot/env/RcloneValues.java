package dev.caravan.snapshot.env;

import dev.caravan.config.Bandwidth;
import java.time.LocalTime;
import java.util.Locale;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads sizes and bandwidths as rclone's variables have them. */
final class RcloneValues {

  private static final Pattern SIZE =
      Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(b|k|m|g|t|p)?(?:ib?|b)?", Pattern.CASE_INSENSITIVE);

  private static final String UNITS = "bkmgtp";

  private RcloneValues() {}

  /**
   * A size with rclone's suffixes, all of them binary: {@code 50M}, {@code 1.5Gi}, {@code 512B}; a
   * bare number is KiB.
   *
   * @throws IllegalArgumentException whose message says how to write it
   */
  static long size(String text) {
    Matcher form = SIZE.matcher(text.strip());
    if (!form.matches()) {
      throw new IllegalArgumentException("write a number with B, K, M, G or T, such as 50M");
    }
    String unit = form.group(2) == null ? "k" : form.group(2).toLowerCase(Locale.ROOT);
    double bytes = Double.parseDouble(form.group(1)) * Math.pow(1024, UNITS.indexOf(unit));
    if (bytes >= Long.MAX_VALUE) {
      throw new IllegalArgumentException("that is more than any disk holds");
    }
    return Math.round(bytes);
  }

  /**
   * A rate ({@code 10M}, {@code off}, {@code 10M:100k} of which the upload counts), or a timetable
   * ({@code 08:00,512k 19:00,off}).
   *
   * @throws IllegalArgumentException whose message says how to write it
   */
  static Bandwidth bandwidth(String text) {
    TreeMap<LocalTime, Long> limits = new TreeMap<>();
    String[] words = text.strip().split("\\s+");
    if (words.length == 1 && !words[0].contains(",")) {
      limits.put(LocalTime.MIDNIGHT, rate(words[0]));
      return new Bandwidth(limits);
    }
    for (String word : words) {
      String[] parts = word.split(",", -1);
      if (parts.length != 2 || !parts[0].matches("([01][0-9]|2[0-3]):[0-5][0-9]")) {
        throw new IllegalArgumentException(
            "write 10M, off, or times of day such as 08:00,512k 19:00,off; weekdays (Mon-08:00,1M)"
                + " are for MOVER_ENGINE=rclone only");
      }
      limits.put(LocalTime.parse(parts[0]), rate(parts[1]));
    }
    return new Bandwidth(limits);
  }

  private static long rate(String text) {
    String upload = text.replaceFirst(":.*", "");
    if (upload.equalsIgnoreCase("off")) {
      return Long.MAX_VALUE;
    }
    long bytes = size(upload);
    return bytes == 0 ? Long.MAX_VALUE : bytes;
  }
}
