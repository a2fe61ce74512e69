package dev.caravan.sync.view;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * Where the next page of a list begins: after the last thing on the page before, so that what comes
 * and goes in between moves nothing. Its written form is opaque and names the list it belongs to.
 */
public final class Cursor {

  /** The lists that come in pages. */
  public enum Of {
    FILES('f'),
    FOLDERS('d'),
    ITEMS('i'),
    RUNS('r'),
    EXPORTS('e');

    private final char mark;

    Of(char mark) {
      this.mark = mark;
    }
  }

  private Cursor() {}

  /** Writes the cursor that goes on after this. */
  public static String after(Of list, String last) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString((list.mark + last).getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Reads what a cursor goes on after; an empty cursor is the first page's.
   *
   * @throws IllegalArgumentException when it is no cursor of this list
   */
  public static Optional<String> read(Of list, String cursor) {
    if (cursor.isEmpty()) {
      return Optional.empty();
    }
    String text = decoded(cursor);
    if (text.isEmpty() || text.charAt(0) != list.mark) {
      throw notOurs();
    }
    return Optional.of(text.substring(1));
  }

  /**
   * Reads what a cursor goes on after, where that is a number.
   *
   * @throws IllegalArgumentException when it is no cursor of this list
   */
  public static long readNumber(Of list, String cursor, long first) {
    Optional<String> last = read(list, cursor);
    if (last.isPresent() && !last.get().matches("[0-9]{1,18}")) {
      throw notOurs();
    }
    return last.map(Long::parseLong).orElse(first);
  }

  private static String decoded(String cursor) {
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(cursor);
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (IllegalArgumentException | CharacterCodingException e) {
      return "";
    }
  }

  private static IllegalArgumentException notOurs() {
    return new IllegalArgumentException("cursor is not the next_cursor of a page of this list");
  }
}
