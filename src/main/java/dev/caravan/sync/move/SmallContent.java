package dev.caravan.sync.move;

import dev.caravan.event.ObjectContent;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;

/** A few bytes on their way to a remote. */
public record SmallContent(byte[] bytes, Instant modifiedAt) implements ObjectContent {

  @Override
  public long sizeBytes() {
    return bytes.length;
  }

  @Override
  public String sha256() {
    return HexFormat.of().formatHex(digest("SHA-256"));
  }

  @Override
  public byte[] md5() {
    return digest("MD5");
  }

  private byte[] digest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm).digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has " + algorithm, e);
    }
  }

  @Override
  public InputStream open(long offset, long length) {
    return new ByteArrayInputStream(bytes, (int) offset, (int) length);
  }

  @Override
  public void ensureUnchanged() {}
}
