package dev.caravan.snapshot.keep;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.ResolverStyle;
import java.util.Optional;

/** The names of snapshot folders: {@code YYYY-MM-DD-HHMMSS}, always in UTC. */
public final class SnapshotName {

  private static final DateTimeFormatter FORM =
      DateTimeFormatter.ofPattern("uuuu-MM-dd-HHmmss").withResolverStyle(ResolverStyle.STRICT);

  private SnapshotName() {}

  /** The name of a snapshot that begins now. */
  public static String of(Instant time) {
    return FORM.format(time.atOffset(ZoneOffset.UTC));
  }

  /**
   * The time that a name stands for.
   *
   * @throws DateTimeException when it is no such name
   */
  public static Instant parse(String name) {
    return LocalDateTime.parse(name, FORM).toInstant(ZoneOffset.UTC);
  }

  /** The same; empty for another folder's name. */
  public static Optional<Instant> find(String name) {
    if (name.length() != 17) {
      return Optional.empty();
    }
    try {
      return Optional.of(parse(name));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
