package dev.caravan.remote.s3;

import java.nio.charset.StandardCharsets;

/**
 * Writes keys into URLs and reads them from listings. Letters, digits, {@code - . _ ~} and {@code
 * /} stand for themselves, every other byte of the UTF-8 text is percent-encoded; nothing is
 * normalised. Source: "URI encode" in the description of AWS Signature Version 4.
 */
final class S3Keys {

  private static final char[] HEX = "0123456789ABCDEF".toCharArray();

  private S3Keys() {}

  /** For a path: keeps {@code /}. */
  static String encode(String key) {
    int i = 0;
    while (i < key.length() && (isPlain(key.charAt(i)) || key.charAt(i) == '/')) {
      i++;
    }
    return i == key.length() ? key : encode(key, true);
  }

  /** For one value of a query: encodes {@code /} too. */
  static String encodeValue(String value) {
    return encode(value, false);
  }

  private static String encode(String text, boolean keepSlash) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    StringBuilder out = new StringBuilder(utf8.length + 32);
    for (byte b : utf8) {
      char c = (char) (b & 0xff);
      if (isPlain(c) || (c == '/' && keepSlash)) {
        out.append(c);
      } else {
        out.append('%').append(HEX[c >> 4]).append(HEX[c & 15]);
      }
    }
    return out.toString();
  }

  /**
   * Reads a key of a listing that was asked for with {@code encoding-type=url}, where a blank is
   * written {@code +} by some servers and {@code %20} by others.
   *
   * @throws IllegalArgumentException when a {@code %} is not followed by two hex digits
   */
  static String decode(String encoded) {
    if (encoded.indexOf('%') < 0 && encoded.indexOf('+') < 0) {
      return encoded;
    }
    byte[] in = encoded.getBytes(StandardCharsets.UTF_8);
    byte[] out = new byte[in.length];
    int length = 0;
    for (int i = 0; i < in.length; i++) {
      byte b = in[i];
      if (b == '%') {
        if (i + 2 >= in.length) {
          throw new IllegalArgumentException("'" + encoded + "' ends within an escape");
        }
        b = (byte) (digit(in[i + 1]) << 4 | digit(in[i + 2]));
        i += 2;
      } else if (b == '+') {
        b = ' ';
      }
      out[length++] = b;
    }
    return new String(out, 0, length, StandardCharsets.UTF_8);
  }

  private static int digit(byte b) {
    int value = Character.digit(b, 16);
    if (value < 0) {
      throw new IllegalArgumentException("'" + (char) b + "' is not a hex digit");
    }
    return value;
  }

  private static boolean isPlain(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '.'
        || c == '_'
        || c == '~';
  }
}
