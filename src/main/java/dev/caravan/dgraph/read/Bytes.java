package dev.caravan.dgraph.read;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;

/** Undoes the content encoding of a body, up to a bound. */
final class Bytes {

  /** A small body can hold a big one. */
  private static final int UNPACKED_MAX = 32 << 20;

  private Bytes() {}

  /** The body as it is meant; empty when it is too big, broken, or packed in an unknown way. */
  static Optional<byte[]> unpacked(byte[] body, String encoding) {
    String way = encoding.strip().toLowerCase(Locale.ROOT);
    try (InputStream in = stream(body, way)) {
      byte[] all = in.readNBytes(UNPACKED_MAX + 1);
      return all.length > UNPACKED_MAX ? Optional.empty() : Optional.of(all);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static InputStream stream(byte[] body, String way) throws IOException {
    InputStream raw = new ByteArrayInputStream(body);
    return switch (way) {
      case "", "identity" -> raw;
      case "gzip", "x-gzip" -> new GZIPInputStream(raw);
      case "deflate" -> new InflaterInputStream(raw);
      default -> throw new IOException("unknown encoding");
    };
  }
}
