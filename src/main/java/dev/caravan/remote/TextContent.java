package dev.caravan.remote;

import dev.caravan.event.ObjectContent;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;

/** A short text on its way to a remote, to see whether it arrives. */
public record TextContent(String text) implements ObjectContent {

  private byte[] bytes() {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public long sizeBytes() {
    return bytes().length;
  }

  @Override
  public Instant modifiedAt() {
    return Instant.EPOCH;
  }

  @Override
  public String sha256() {
    return HexFormat.of().formatHex(Sha256.of(bytes()));
  }

  @Override
  public byte[] md5() {
    try {
      return MessageDigest.getInstance("MD5").digest(bytes());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This Java has no MD5", e);
    }
  }

  @Override
  public InputStream open(long offset, long length) {
    return new ByteArrayInputStream(bytes(), Math.toIntExact(offset), Math.toIntExact(length));
  }

  @Override
  public void ensureUnchanged() {
    // It is in memory, and nobody else's.
  }
}
