package dev.caravan.control;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Takes the percent signs out of an address, strictly: what is no UTF-8 or half an escape is
 * refused, never guessed at, so that nothing hides in an overlong or broken spelling.
 */
public final class Percent {

  private Percent() {}

  /** A part of a path. */
  public static String decode(String text) {
    return decode(text, false);
  }

  /** A name or value of a query, in which a plus is a blank. */
  static String decodeQuery(String text) {
    return decode(text, true);
  }

  private static String decode(String text, boolean plusIsBlank) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%') {
        int high = i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
        int low = i + 2 < text.length() ? Character.digit(text.charAt(i + 2), 16) : -1;
        if (high < 0 || low < 0) {
          throw new ApiFault(400, "The address has half a percent escape in it");
        }
        bytes.write(high << 4 | low);
        i += 2;
      } else if (c > 0xFF) {
        throw new ApiFault(400, "The address holds what is no byte");
      } else {
        bytes.write(c == '+' && plusIsBlank ? ' ' : c);
      }
    }
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes.toByteArray()))
          .toString();
    } catch (CharacterCodingException e) {
      throw new ApiFault(400, "The address is not UTF-8");
    }
  }
}
