package dev.caravan.it;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Locale;

/** Requests of HTTP/1.1 with bodies of known lengths, as the proxies of the tests pass them on. */
final class HttpWire {

  private HttpWire() {}

  /** The next request up to its empty line; empty when there is none. */
  static byte[] head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int ends = 0;
    for (int each = in.read(); each >= 0; each = in.read()) {
      head.write(each);
      ends = each == '\n' ? ends + 1 : each == '\r' ? ends : 0;
      if (ends == 2) {
        return head.toByteArray();
      }
    }
    return new byte[0];
  }

  /** How many bytes follow. */
  static long length(String head) {
    return head.lines()
        .map(line -> line.toLowerCase(Locale.ROOT))
        .filter(line -> line.startsWith("content-length:"))
        .map(line -> Long.parseLong(line.substring("content-length:".length()).strip()))
        .findFirst()
        .orElse(0L);
  }

  static void copy(InputStream in, OutputStream out, long length) throws IOException {
    byte[] buffer = new byte[16 << 10];
    for (long left = length; left > 0; ) {
      int read = in.read(buffer, 0, (int) Math.min(left, buffer.length));
      if (read < 0) {
        throw new IOException("the client went away");
      }
      out.write(buffer, 0, read);
      left -= read;
    }
  }
}
