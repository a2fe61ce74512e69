package dev.caravan.event;

import dev.caravan.event.WantedSums.PartSum;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One completed version of a file, on its way to a remote. It was hashed before it is sent, so that
 * the remote can be told what to expect.
 */
public interface ObjectContent {

  long sizeBytes();

  Instant modifiedAt();

  /** The permission bits of the file, {@code 0} to {@code 07777}; empty when it has none. */
  default OptionalInt permissions() {
    return OptionalInt.empty();
  }

  /** Who owns the file; empty when nobody is known to. */
  default Optional<Owner> owner() {
    return Optional.empty();
  }

  /** SHA-256 of the whole content: 64 lower-case hex digits. */
  String sha256();

  /** MD5 of the whole content, 16 bytes. Cheap where the remote said so beforehand. */
  byte[] md5() throws IOException;

  /**
   * A checksum of a part, where it is known without reading the part: the remote said beforehand
   * that it would ask for it.
   *
   * @param offset of the first byte
   * @param length of the part
   */
  default Optional<byte[]> partSum(PartSum sum, long offset, long length) {
    return Optional.empty();
  }

  /**
   * Opens a part of the content; may be called many times, also at once. The stream ends with a
   * {@link ContentChangedException} instead of its last byte when the file is no longer the version
   * that was hashed.
   *
   * @param offset of the first byte
   * @param length of the part
   */
  InputStream open(long offset, long length) throws IOException;

  /**
   * The same for bytes that are only looked at and go nowhere, so that nobody counts them as sent
   * or slows them down.
   */
  default InputStream peek(long offset, long length) throws IOException {
    return open(offset, length);
  }

  /**
   * Looks at the file once more; called right before the object becomes visible.
   *
   * @throws ContentChangedException when it is no longer the version that was hashed
   */
  void ensureUnchanged() throws IOException;
}
