package dev.caravan.control.content;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A part of a file, as RFC 9110 section 14 lets a client ask for it.
 *
 * @param offset of the first byte
 * @param length in bytes, never 0
 */
record ByteRange(long offset, long length) {

  private static final Pattern ONE = Pattern.compile("bytes=([0-9]{0,18})-([0-9]{0,18})");

  /** It asks for bytes that the file does not have. */
  static final class UnsatisfiableException extends Exception {
    private static final long serialVersionUID = 1L;
  }

  /**
   * Reads the header.
   *
   * @return empty for several ranges at once and for what is not understood: the answer is whole
   */
  static Optional<ByteRange> parse(String header, long size) throws UnsatisfiableException {
    Matcher match = ONE.matcher(header.strip());
    if (!match.matches() || (match.group(1).isEmpty() && match.group(2).isEmpty())) {
      return Optional.empty();
    }
    if (match.group(1).isEmpty()) {
      long last = Math.min(size, Long.parseLong(match.group(2)));
      return of(size - last, size - 1, size);
    }
    long first = Long.parseLong(match.group(1));
    if (match.group(2).isEmpty()) {
      return of(first, size - 1, size);
    }
    long last = Long.parseLong(match.group(2));
    return last < first ? Optional.empty() : of(first, Math.min(last, size - 1), size);
  }

  private static Optional<ByteRange> of(long first, long last, long size)
      throws UnsatisfiableException {
    if (first >= size || last < first) {
      throw new UnsatisfiableException();
    }
    return Optional.of(new ByteRange(first, last - first + 1));
  }

  /** As the answer names it. */
  String contentRange(long size) {
    return "bytes %d-%d/%d".formatted(offset, offset + length - 1, size);
  }
}
