package dev.caravan.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A value that must never be shown: printing it gives {@code ***}. What came from a file is read
 * again when the file changes, so that renewed credentials need no restart; a file that is gone,
 * empty or half written changes nothing. Two are equal when they reveal the same.
 */
public final class Secret {

  /** The most that a file may hold, in bytes. */
  public static final int LARGEST = 64 * 1024;

  private static final long LOOK_EVERY_NANOS = 1_000_000_000;

  private final Optional<Path> file;
  private volatile Known known;

  /** What was read, and what the file looked like then. */
  private record Known(String text, Optional<Stamp> stamp, long lookedAtNanos) {}

  private record Stamp(long modifiedMillis, long sizeBytes, Optional<Object> inode) {}

  public Secret(String text) {
    this.file = Optional.empty();
    this.known = new Known(text, Optional.empty(), 0);
  }

  private Secret(Path file, Known known) {
    this.file = Optional.of(file);
    this.known = known;
  }

  /**
   * What the file holds, less one line end.
   *
   * @throws IOException when it cannot be read as UTF-8 text
   */
  public static Secret inFile(Path file) throws IOException {
    Known read = read(file);
    // What is no file, a pipe for instance, gives its text once.
    return Files.isRegularFile(file) ? new Secret(file, read) : new Secret(read.text());
  }

  /** The value itself. Looks at its file at most once a second. */
  public String reveal() {
    Known last = known;
    if (file.isPresent() && System.nanoTime() - last.lookedAtNanos() >= LOOK_EVERY_NANOS) {
      renew(false);
    }
    return known.text();
  }

  /** Reads the file now; true when the value is another one than before. */
  public boolean renew() {
    return file.isPresent() && renew(true);
  }

  private synchronized boolean renew(boolean unconditionally) {
    Known last = known;
    known = new Known(last.text(), last.stamp(), System.nanoTime());
    try {
      Path path = file.orElseThrow();
      boolean same = last.stamp().equals(Optional.of(stamp(path)));
      if ((same && !unconditionally) || !Files.isRegularFile(path) || Files.size(path) > LARGEST) {
        return false;
      }
      Known now = read(path);
      if (now.text().isBlank()) {
        return false;
      }
      known = now;
      return !now.text().equals(last.text());
    } catch (IOException e) {
      // What was read before stays in force; a file is replaced in more than one step.
      return false;
    }
  }

  private static Known read(Path file) throws IOException {
    Stamp before = stamp(file);
    String text = Files.readString(file, StandardCharsets.UTF_8);
    String clean =
        text.endsWith("\r\n")
            ? text.substring(0, text.length() - 2)
            : text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    return new Known(clean, Optional.of(before), System.nanoTime());
  }

  private static Stamp stamp(Path file) throws IOException {
    BasicFileAttributes seen = Files.readAttributes(file, BasicFileAttributes.class);
    return new Stamp(
        seen.lastModifiedTime().toMillis(), seen.size(), Optional.ofNullable(seen.fileKey()));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Secret secret && known.text().equals(secret.known.text());
  }

  @Override
  public int hashCode() {
    return Objects.hash(known.text());
  }

  @Override
  public String toString() {
    return "***";
  }
}
