package dev.caravan.cli;

import dev.caravan.event.PathNames;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The words of the command line as they were given. Java decodes them with the locale's charset,
 * which a job of cron or a container usually leaves at ASCII; what it cannot decode is lost. The
 * bytes are read from the kernel instead ({@code proc(5)}, {@code cmdline}).
 */
public final class RawWords {

  private static final Path GIVEN = Path.of("/proc/self/cmdline");

  private RawWords() {}

  /**
   * The words in text form, see {@link PathNames}; as they are where the kernel does not tell.
   *
   * @param decoded what Java made of them
   */
  public static String[] of(String... decoded) {
    if (Arrays.stream(decoded).allMatch(RawWords::isAscii)) {
      return decoded;
    }
    try {
      return of(Files.readAllBytes(GIVEN), decoded);
    } catch (IOException e) {
      return decoded;
    }
  }

  /**
   * The same.
   *
   * @param line of the whole process: each word ends with a zero, the last ones are ours
   */
  static String[] of(byte[] line, String... decoded) {
    List<byte[]> words = split(line);
    int others = words.size() - decoded.length;
    if (others < 0) {
      return decoded;
    }
    String[] exact = new String[decoded.length];
    for (int i = 0; i < exact.length; i++) {
      exact[i] = text(words.get(others + i));
      if (isAscii(decoded[i]) && !exact[i].equals(decoded[i])) {
        return decoded;
      }
    }
    return exact;
  }

  private static List<byte[]> split(byte[] line) {
    List<byte[]> words = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < line.length; i++) {
      if (line[i] == 0) {
        words.add(Arrays.copyOfRange(line, from, i));
        from = i + 1;
      }
    }
    return words;
  }

  /** What is UTF-8 may be a text form already, as the commands print it. */
  private static String text(byte[] word) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(word)).toString();
    } catch (CharacterCodingException e) {
      return PathNames.textOf(word);
    }
  }

  /** Where the locale knows nothing but ASCII, names are written as they are on disk, in UTF-8. */
  static PrintWriter writer(PrintStream stream) {
    Charset locale = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
    boolean poor = locale.equals(StandardCharsets.US_ASCII);
    return new PrintWriter(stream, true, poor ? StandardCharsets.UTF_8 : locale);
  }

  private static boolean isAscii(String text) {
    return text.chars().allMatch(c -> c < 0x80);
  }
}
