package dev.caravan.event;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Set;

/**
 * Converts between the bytes of a name on disk and the text form that {@link StorePath} describes,
 * without loss and whatever the locale is.
 *
 * <p>The text form, in full: valid UTF-8 stands for itself; any other byte is {@code ‛} (U+201B)
 * and two upper-case hex digits, always {@code 80} to {@code FF}; a run of real {@code ‛} is
 * doubled when an escape, or two digits that look like one, follow it. So a text form never hides a
 * slash, a dot or a NUL, and each name has exactly one.
 *
 * <p>Java decodes names with {@code sun.jnu.encoding}, which is ASCII under {@code LC_ALL=C}; only
 * its {@code file:} URIs show the bytes. They are used where the quick way would lose something.
 */
public final class PathNames {

  private static final char QUOTE = '\u201B';
  private static final char REPLACEMENT = '\uFFFD';

  /**
   * While a name is taken apart, byte {@code b} that is not UTF-8 is this lone surrogate plus b.
   */
  private static final char RAW = '\uDC00';

  private static final HexFormat HEX = HexFormat.of().withUpperCase();
  private static final Path TOP = Path.of("/");

  /** Nothing can lie below it, so {@link Path#toUri} learns at once that a name is no folder. */
  private static final Path NOWHERE = Path.of("/dev/null");

  private static final Charset PLATFORM =
      Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
  private static final boolean UTF8_PLATFORM = PLATFORM.equals(StandardCharsets.UTF_8);
  private static final boolean ASCII_IS_PLAIN =
      Set.of("UTF-8", "US-ASCII", "ISO-8859-1", "ISO-8859-15", "windows-1252")
          .contains(PLATFORM.name());

  private PathNames() {}

  /**
   * The path of a file or folder below a root.
   *
   * @param text segments in text form, divided by {@code /}; {@code ""} is the root itself
   * @throws InvalidPathException when it would lead out of the root, has an empty or {@code .}
   *     segment or a NUL, or is not the text form of any name
   */
  public static Path resolve(Path root, String text) {
    if (text.isEmpty()) {
      return root;
    }
    ensureSegments(text);
    boolean plain = ASCII_IS_PLAIN && isAscii(text);
    if (plain || (UTF8_PLATFORM && text.indexOf(QUOTE) < 0)) {
      return root.resolve(text);
    }
    StringBuilder uri = new StringBuilder("file:///");
    for (byte b : bytesOf(text)) {
      appendEncoded(uri, b);
    }
    return root.resolve(TOP.relativize(Path.of(URI.create(uri.toString()))));
  }

  /**
   * A path as it is written, such as where a link leads to: it may go up.
   *
   * @param text what {@link #textOf(Path)} gave, not empty
   */
  public static Path pathOf(String text) {
    if (ASCII_IS_PLAIN && isAscii(text)) {
      return Path.of(text);
    }
    StringBuilder uri = new StringBuilder("file:///");
    for (byte b : bytesOf(text)) {
      appendEncoded(uri, b);
    }
    Path path = Path.of(URI.create(uri.toString()));
    return text.startsWith("/") ? path : path.subpath(0, path.getNameCount());
  }

  /** The text form of a name or of a path of many segments, as it is written: not made absolute. */
  public static String textOf(Path path) {
    String decoded = path.toString();
    if (ASCII_IS_PLAIN && isAscii(decoded)) {
      return decoded;
    }
    if (UTF8_PLATFORM && decoded.indexOf(REPLACEMENT) < 0) {
      return decoded.indexOf(QUOTE) < 0
          ? decoded
          : textOf(decoded.getBytes(StandardCharsets.UTF_8));
    }
    return textOf(rawBytes(path));
  }

  /** The text form of the bytes of a name. */
  public static String textOf(byte[] bytes) {
    String chars = decode(bytes);
    StringBuilder out = new StringBuilder(chars.length() + 8);
    for (int i = 0; i < chars.length(); ) {
      int quotes = quotesAt(chars, i);
      i += quotes;
      boolean raw = i < chars.length() && isRaw(chars, i);
      boolean doubled = raw || looksLikeEscape(chars, i);
      out.append("\u201B".repeat(doubled ? 2 * quotes : quotes));
      if (raw) {
        out.append(QUOTE).append(HEX.toHexDigits((byte) (chars.charAt(i) - RAW)));
        i++;
      } else if (quotes == 0) {
        out.append(chars.charAt(i++));
      }
    }
    return out.toString();
  }

  /**
   * The bytes that a text form stands for.
   *
   * @throws InvalidPathException when the text is not the text form of any name: half of a
   *     surrogate pair, or an escape for bytes that are valid UTF-8 and need none
   */
  public static byte[] bytesOf(String text) {
    if (text.indexOf(QUOTE) < 0) {
      return encode(text, text);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(text.length() + 16);
    for (int i = 0; i < text.length(); ) {
      int quotes = quotesAt(text, i);
      i += quotes;
      boolean digits = quotes > 0 && looksLikeEscape(text, i);
      out.writeBytes(encode("\u201B".repeat(digits ? quotes / 2 : quotes), text));
      if (digits && quotes % 2 == 1) {
        out.write(HexFormat.fromHexDigits(text, i, i + 2));
        i += 2;
      }
      int next = text.indexOf(QUOTE, i);
      int end = next < 0 ? text.length() : next;
      out.writeBytes(encode(text.substring(i, end), text));
      i = end;
    }
    byte[] bytes = out.toByteArray();
    if (!textOf(bytes).equals(text)) {
      throw new InvalidPathException(text, "escapes what needs no escape; name the file itself");
    }
    return bytes;
  }

  private static void ensureSegments(String text) {
    if (text.indexOf('\0') >= 0) {
      throw new InvalidPathException(text, "holds a NUL");
    }
    for (int from = 0; from <= text.length(); ) {
      int slash = text.indexOf('/', from);
      int end = slash < 0 ? text.length() : slash;
      boolean dots = text.startsWith(".", from) && end - from == 1;
      boolean up = text.startsWith("..", from) && end - from == 2;
      if (end == from || dots || up) {
        throw new InvalidPathException(text, "is absolute or has an empty, . or .. segment");
      }
      from = end + 1;
    }
  }

  private static boolean isAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 0x80) {
        return false;
      }
    }
    return true;
  }

  private static void appendEncoded(StringBuilder uri, byte b) {
    boolean letter = (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z');
    if (letter || (b >= '0' && b <= '9') || b == '/') {
      uri.append((char) b);
    } else {
      uri.append('%').append(HEX.toHexDigits(b));
    }
  }

  private static byte[] rawBytes(Path path) {
    Path relative = path.isAbsolute() ? TOP.relativize(path) : path;
    String uri = NOWHERE.resolve(relative).toUri().getRawPath();
    ByteArrayOutputStream out = new ByteArrayOutputStream(uri.length());
    int start = NOWHERE.toString().length() + (path.isAbsolute() ? 0 : 1);
    for (int i = start; i < uri.length(); i++) {
      char c = uri.charAt(i);
      if (c == '%') {
        out.write(HexFormat.fromHexDigits(uri, i + 1, i + 3));
        i += 2;
      } else {
        out.write(c);
      }
    }
    return out.toByteArray();
  }

  private static String decode(byte[] bytes) {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    while (true) {
      CoderResult result = decoder.decode(in, out, true);
      if (!result.isError()) {
        return out.flip().toString();
      }
      for (int i = 0; i < result.length(); i++) {
        out.put((char) (RAW + (in.get() & 0xFF)));
      }
      decoder.reset();
    }
  }

  private static byte[] encode(String plain, String whole) {
    if (isAscii(plain)) {
      return plain.getBytes(StandardCharsets.US_ASCII);
    }
    try {
      ByteBuffer bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(plain));
      byte[] exact = new byte[bytes.remaining()];
      bytes.get(exact);
      return exact;
    } catch (CharacterCodingException e) {
      throw new InvalidPathException(whole, "holds half of a surrogate pair");
    }
  }

  private static int quotesAt(String text, int from) {
    int end = from;
    while (end < text.length() && text.charAt(end) == QUOTE) {
      end++;
    }
    return end - from;
  }

  /** True for a mark of {@link #decode}; a low surrogate of real text follows its high one. */
  private static boolean isRaw(String chars, int i) {
    boolean low = Character.isLowSurrogate(chars.charAt(i));
    return low && (i == 0 || !Character.isHighSurrogate(chars.charAt(i - 1)));
  }

  private static boolean looksLikeEscape(String text, int i) {
    return i + 2 <= text.length()
        && "89ABCDEF".indexOf(text.charAt(i)) >= 0
        && "0123456789ABCDEF".indexOf(text.charAt(i + 1)) >= 0;
  }
}
