package dev.caravan.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Which local files may leave the disk, and when. */
public record PurgeSettings(
    @Setting(value = "What may be purged.", def = "[\"**\"]") List<String> include,
    @Setting(value = "What never is.", def = "[\".dccd/**\"]") List<String> protect,
    @Setting(
            value = "oldest (modification time) or coldest (last read through Caravan) first.",
            def = "oldest")
        Order order,
    @Setting(
            value = "Younger files, and files restored or read more recently, are kept.",
            def = "1h")
        Duration minAge,
    @Setting(value = "How many remotes must hold a proven copy: all or a number.", def = "all")
        Copies copies) {

  /** Which files go first. */
  public enum Order {
    OLDEST,
    COLDEST
  }

  /** How many proven copies a purge needs; empty means all configured remotes. */
  public record Copies(Optional<Integer> count) {

    /** Reads {@code all} or a number from 1 on. */
    public static Copies parse(String text) {
      if (text.strip().equals("all")) {
        return new Copies(Optional.empty());
      }
      if (!text.strip().matches("[1-9][0-9]{0,3}")) {
        throw new IllegalArgumentException("write all, or how many remotes: 1, 2, ...");
      }
      return new Copies(Optional.of(Integer.valueOf(text.strip())));
    }
  }
}
