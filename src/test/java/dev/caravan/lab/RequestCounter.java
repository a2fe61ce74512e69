package dev.caravan.lab;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;

/**
 * Finds the requests in what an HTTP/1.1 client sends over one connection (RFC 9112): reads heads,
 * steps over bodies of a known length and over chunked ones. Not thread-safe.
 */
final class RequestCounter {

  private enum Stage {
    HEAD,
    BODY,
    CHUNK_SIZE,
    CHUNK_END,
    TRAILER
  }

  private static final int HEAD_LIMIT = 256 << 10;

  private final Consumer<String> each;
  private final ObjLongConsumer<String> bodies;
  private String request = "";
  private final StringBuilder text = new StringBuilder();
  private Stage stage = Stage.HEAD;
  private long left;

  /**
   * @param each is told method and path of a request as soon as its head is complete
   */
  RequestCounter(Consumer<String> each) {
    this(each, (request, bytes) -> {});
  }

  /**
   * @param bodies is told of bytes of bodies as they pass, and what request they belong to
   */
  RequestCounter(Consumer<String> each, ObjLongConsumer<String> bodies) {
    this.each = each;
    this.bodies = bodies;
  }

  void accept(byte[] bytes, int length) {
    int at = 0;
    while (at < length) {
      if (stage == Stage.BODY) {
        int step = (int) Math.min(left, length - at);
        at += step;
        left -= step;
        bodies.accept(request, step);
        if (left == 0) {
          stage = text.isEmpty() ? Stage.HEAD : Stage.CHUNK_END;
          text.setLength(0);
        }
      } else {
        line((char) (bytes[at++] & 0xff));
      }
    }
  }

  /** Collects until the end of a line, or of a head. */
  private void line(char c) {
    text.append(c);
    if (text.length() > HEAD_LIMIT) {
      throw new IllegalStateException("a head of more than " + HEAD_LIMIT + " bytes");
    }
    if (c != '\n') {
      return;
    }
    switch (stage) {
      case HEAD -> {
        if (text.toString().equals("\r\n")) {
          text.setLength(0);
        } else if (text.toString().endsWith("\r\n\r\n")) {
          head();
        }
      }
      case CHUNK_SIZE -> {
        String size = text.toString().strip().replaceFirst(";.*", "");
        left = Long.parseLong(size, 16);
        stage = left == 0 ? Stage.TRAILER : Stage.BODY;
        text.setLength(0);
        if (left > 0) {
          text.append("chunk");
        }
      }
      case CHUNK_END -> next(Stage.CHUNK_SIZE);
      case TRAILER -> {
        boolean end = text.toString().equals("\r\n");
        next(end ? Stage.HEAD : Stage.TRAILER);
      }
      case BODY -> throw new IllegalStateException("bodies have no lines");
    }
  }

  private void head() {
    String head =
        new String(text.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    request = head.lines().findFirst().orElse("").replaceFirst(" HTTP/1\\.[01]$", "");
    each.accept(request);
    next(Stage.HEAD);
    for (String line : head.lines().toList()) {
      String lower = line.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        left = Long.parseLong(lower.substring("content-length:".length()).strip());
        stage = left == 0 ? Stage.HEAD : Stage.BODY;
      } else if (lower.startsWith("transfer-encoding:") && lower.contains("chunked")) {
        stage = Stage.CHUNK_SIZE;
      }
    }
  }

  private void next(Stage wanted) {
    stage = wanted;
    text.setLength(0);
  }
}
