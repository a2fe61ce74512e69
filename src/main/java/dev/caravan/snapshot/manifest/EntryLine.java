package dev.caravan.snapshot.manifest;

import dev.caravan.event.StorePath;
import dev.caravan.event.TimeText;
import dev.caravan.snapshot.manifest.ManifestEntry.Kind;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/**
 * The line of an entry as {@link ManifestLines} writes it, without a generator and a parser of
 * JSON: a backup writes it once and reads it four times for each file. Names that need an escape,
 * and whatever reads a little different, are left to {@link ManifestLines}. For one thread.
 */
final class EntryLine {

  private static final long NS = 1_000_000_000L;

  /** More digits may not fit. */
  private static final int DIGITS = 18;

  private static final byte[] PATH = bytes("{\"path\":\"");
  private static final byte[] KIND = bytes("\",\"kind\":\"");
  private static final byte[] SIZE = bytes("\",\"size\":");
  private static final byte[] QUOTE = bytes("\"");
  private static final byte[] MODE = bytes(",\"mode\":\"");
  private static final byte[] UID = bytes("\",\"uid\":");
  private static final byte[] GID = bytes(",\"gid\":");
  private static final byte[] MTIME = bytes(",\"mtime\":\"");
  private static final byte[] TARGET = bytes("\",\"target\":\"");
  private static final byte[] SHA256 = bytes("\",\"sha256\":\"");
  private static final byte[] END = bytes("\"}\n");

  private final byte[] line;
  private final int end;
  private int at;
  private boolean odd;

  private EntryLine(byte[] line, int from, int length) {
    this.line = line;
    this.at = from;
    this.end = from + length;
  }

  /** The line with its newline; empty when a name in it needs an escape. */
  static Optional<byte[]> write(ManifestEntry entry) {
    String path = entry.path().value();
    String target = entry.linkTarget().orElse("");
    if (!isPlain(path) || !isPlain(target)) {
      return Optional.empty();
    }
    StringBuilder text = new StringBuilder(256);
    text.append("{\"path\":\"").append(path);
    text.append("\",\"kind\":\"").append(entry.kind().label()).append('"');
    if (entry.isFile()) {
      text.append(",\"size\":").append(entry.sizeBytes());
    }
    text.append(",\"mode\":\"").append(octal(entry.permissions()));
    text.append("\",\"uid\":").append(Integer.toUnsignedLong(entry.uid()));
    text.append(",\"gid\":").append(Integer.toUnsignedLong(entry.gid()));
    text.append(",\"mtime\":\"").append(TimeText.format(timeOf(entry.modifiedNs())));
    if (entry.linkTarget().isPresent()) {
      text.append("\",\"target\":\"").append(target);
    }
    if (entry.sha256().isPresent()) {
      text.append("\",\"sha256\":\"").append(entry.sha256().get());
    }
    return Optional.of(bytes(text.append("\"}\n").toString()));
  }

  /**
   * Reads a line with its newline.
   *
   * @return empty when it is not as {@link #write} writes it, or no entry
   */
  static Optional<ManifestEntry> read(byte[] line, int from, int length) {
    return new EntryLine(line, from, length).entry();
  }

  private Optional<ManifestEntry> entry() {
    pass(PATH);
    String path = text();
    pass(KIND);
    Optional<Kind> kind = kind();
    boolean isFile = kind.isPresent() && kind.get() == Kind.FILE;
    pass(isFile ? SIZE : QUOTE);
    long size = isFile ? number() : 0;
    pass(MODE);
    int mode = octalDigits();
    pass(UID);
    int uid = unsigned(number());
    pass(GID);
    int gid = unsigned(number());
    pass(MTIME);
    String time = text();
    Optional<String> target = Optional.empty();
    if (!isFile && kind.isPresent() && kind.get() == Kind.SYMLINK) {
      pass(TARGET);
      target = Optional.of(text());
    }
    Optional<String> sha256 = Optional.empty();
    if (isFile) {
      pass(SHA256);
      sha256 = Optional.of(text());
    }
    pass(END);
    if (odd || at != end || kind.isEmpty()) {
      return Optional.empty();
    }
    try {
      StorePath name = StorePath.of(path);
      long modifiedNs = nanosOf(TimeText.parse(time));
      return Optional.of(
          new ManifestEntry(name, kind.get(), size, mode, uid, gid, modifiedNs, target, sha256));
    } catch (IllegalArgumentException | ArithmeticException | DateTimeException e) {
      // Who reads it as JSON says what is wrong.
      return Optional.empty();
    }
  }

  private void pass(byte[] expected) {
    int to = at + expected.length;
    if (odd || to > end || !Arrays.equals(line, at, to, expected, 0, expected.length)) {
      odd = true;
    } else {
      at = to;
    }
  }

  /** Up to the next quote. */
  private String text() {
    int from = at;
    int to = from;
    while (to < end && line[to] != '"') {
      odd |= !isPlain(line[to]);
      to++;
    }
    at = to;
    return odd ? "" : new String(line, from, to - from, StandardCharsets.ISO_8859_1);
  }

  private Optional<Kind> kind() {
    for (Kind each : Kind.values()) {
      String label = each.label();
      if (at + 1 < end && line[at] == label.charAt(0) && line[at + 1] == label.charAt(1)) {
        pass(bytes(label));
        return Optional.of(each);
      }
    }
    odd = true;
    return Optional.empty();
  }

  private long number() {
    int from = at;
    long number = 0;
    while (at < end && line[at] >= '0' && line[at] <= '9' && at - from < DIGITS) {
      number = number * 10 + line[at] - '0';
      at++;
    }
    odd |= at == from || (at - from > 1 && line[from] == '0');
    return number;
  }

  private int unsigned(long number) {
    odd |= number > 0xFFFF_FFFFL;
    return (int) number;
  }

  private int octalDigits() {
    int number = 0;
    for (int i = 0; i < 4 && at < end; i++) {
      odd |= line[at] < '0' || line[at] > '7';
      number = number * 8 + line[at] - '0';
      at++;
    }
    return number;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c > '~' || c == '"' || !isPlain((byte) c)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isPlain(byte c) {
    return c >= ' ' && c <= '~' && c != '\\';
  }

  /** Four digits, much faster than a format. */
  static String octal(int permissions) {
    return Integer.toOctalString(010000 | permissions).substring(1);
  }

  static Instant timeOf(long ns) {
    return Instant.ofEpochSecond(Math.floorDiv(ns, NS), Math.floorMod(ns, NS));
  }

  /**
   * Nanoseconds since 1970.
   *
   * @throws ArithmeticException when they are too many
   */
  static long nanosOf(Instant time) {
    if (time.getEpochSecond() < 0) {
      return Math.addExact(Math.multiplyExact(time.getEpochSecond() + 1, NS), time.getNano() - NS);
    }
    return Math.addExact(Math.multiplyExact(time.getEpochSecond(), NS), time.getNano());
  }
}
