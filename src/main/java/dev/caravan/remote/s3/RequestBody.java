package dev.caravan.remote.s3;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * What a request sends.
 *
 * @param length in bytes
 * @param sha256 64 hex digits that the request is signed over, or {@link #UNSIGNED}
 * @param source opens the bytes, as often as they must be sent
 */
record RequestBody(long length, String sha256, Source source) {

  static final String UNSIGNED = "UNSIGNED-PAYLOAD";

  private static final String SHA256_OF_NOTHING =
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

  static final RequestBody NONE =
      new RequestBody(0, SHA256_OF_NOTHING, InputStream::nullInputStream);

  /** Opens the bytes of a body. */
  interface Source {
    InputStream open() throws IOException;
  }

  static RequestBody of(byte[] bytes) {
    return new RequestBody(
        bytes.length,
        Digests.hex(Digests.sha256().digest(bytes)),
        () -> new ByteArrayInputStream(bytes));
  }
}
