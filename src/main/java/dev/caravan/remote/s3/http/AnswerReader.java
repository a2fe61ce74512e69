package dev.caravan.remote.s3.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads the lines of answers, and the bytes between them, from one connection. */
final class AnswerReader {

  private static final int BUFFER_BYTES = 16 * 1024;
  private static final int MAX_HEAD_BYTES = 128 * 1024;

  private final InputStream in;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int at;
  private int end;

  AnswerReader(InputStream in) {
    this.in = in;
  }

  /** True when nothing was received beyond what was read. */
  boolean isEmpty() {
    return at == end;
  }

  /** The head of the answer itself; what only announced it is passed over. */
  AnswerHead finalHead() throws IOException {
    AnswerHead head = head();
    while (head.isInterim()) {
      head = head();
    }
    return head;
  }

  /** The next head, were it only {@code 100 Continue}. */
  AnswerHead head() throws IOException {
    String status = line(MAX_HEAD_BYTES);
    int left = MAX_HEAD_BYTES - status.length();
    List<String> headers = new ArrayList<>(24);
    for (String line = line(left); !line.isEmpty(); line = line(left)) {
      left -= line.length();
      int colon = line.indexOf(':');
      if (colon <= 0) {
        throw new ProtocolException("a header without a colon");
      }
      headers.add(line.substring(0, colon));
      headers.add(line.substring(colon + 1).strip());
    }
    return AnswerHead.of(status, headers);
  }

  /**
   * The next line without its end.
   *
   * @throws ProtocolException when it is longer than this
   */
  String line(int most) throws IOException {
    StringBuilder longer = new StringBuilder(0);
    while (true) {
      fill();
      int from = at;
      while (at < end && buffer[at] != '\n') {
        at++;
      }
      String piece = new String(buffer, from, at - from, StandardCharsets.ISO_8859_1);
      if (longer.length() + piece.length() > most) {
        throw new ProtocolException("the head of the answer is longer than 128 KiB");
      }
      if (at < end) {
        at++;
        String line = longer.isEmpty() ? piece : longer.append(piece).toString();
        return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
      }
      longer.append(piece);
    }
  }

  /**
   * Waits until there is something to read.
   *
   * @throws EOFException at the end of the connection
   */
  void fill() throws IOException {
    if (at == end) {
      int n = in.read(buffer, 0, BUFFER_BYTES);
      if (n < 0) {
        throw new EOFException("the server closed the connection");
      }
      at = 0;
      end = n;
    }
  }

  /** As {@link InputStream#read(byte[], int, int)}; big reads go past the buffer. */
  int read(byte[] into, int offset, int length) throws IOException {
    if (at == end) {
      if (length >= BUFFER_BYTES) {
        return in.read(into, offset, length);
      }
      int n = in.read(buffer, 0, BUFFER_BYTES);
      if (n < 0) {
        return -1;
      }
      at = 0;
      end = n;
    }
    int n = Math.min(length, end - at);
    System.arraycopy(buffer, at, into, offset, n);
    at += n;
    return n;
  }
}
