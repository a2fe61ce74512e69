package dev.caravan.remote.rclone;

import dev.caravan.event.ObjectContent;
import dev.caravan.remote.rclone.rcd.HashType;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;

/** A short text on its way to a storage, to see whether it arrives. */
record TextContent(String text) implements ObjectContent {

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
    return HexFormat.of().formatHex(HashType.SHA256.begin().digest(bytes()));
  }

  @Override
  public byte[] md5() {
    return HashType.MD5.begin().digest(bytes());
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
