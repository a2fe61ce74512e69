package dev.caravan.remote.s3;

import dev.caravan.event.ObjectContent;
import java.io.InputStream;
import java.time.Instant;

/** Content that is not what its checksum says, as a bad disk or wire would make it. */
record Lying(long sizeBytes) implements ObjectContent {

  @Override
  public Instant modifiedAt() {
    return PatternContent.MODIFIED;
  }

  @Override
  public String sha256() {
    return new PatternContent(sizeBytes, 1).sha256();
  }

  @Override
  public byte[] md5() {
    return new byte[16];
  }

  @Override
  public InputStream open(long offset, long length) {
    return new PatternContent(sizeBytes, 2).open(offset, length);
  }

  @Override
  public void ensureUnchanged() {
    // It believes so.
  }
}
