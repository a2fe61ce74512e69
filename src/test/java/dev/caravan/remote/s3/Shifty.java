package dev.caravan.remote.s3;

import dev.caravan.event.ObjectContent;
import java.io.InputStream;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;

/** Content that is another one each time it is read, and does not know it. */
final class Shifty implements ObjectContent {

  private final long size;
  private final AtomicInteger seed = new AtomicInteger();

  Shifty(long size) {
    this.size = size;
  }

  @Override
  public long sizeBytes() {
    return size;
  }

  @Override
  public Instant modifiedAt() {
    return PatternContent.MODIFIED;
  }

  @Override
  public String sha256() {
    return "0".repeat(64);
  }

  @Override
  public byte[] md5() {
    return new byte[16];
  }

  @Override
  public InputStream open(long offset, long length) {
    return new PatternContent(size, seed.incrementAndGet()).open(offset, length);
  }

  @Override
  public void ensureUnchanged() {
    // It believes so.
  }
}
