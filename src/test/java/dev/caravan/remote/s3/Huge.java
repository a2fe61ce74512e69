package dev.caravan.remote.s3;

import dev.caravan.event.ObjectContent;
import java.io.InputStream;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;

/** Content so big that sending it is still under way when it is broken off. */
record Huge(CountDownLatch openings) implements ObjectContent {

  @Override
  public long sizeBytes() {
    return 20L << 30;
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
    openings.countDown();
    return new PatternContent(sizeBytes(), 1).open(offset, length);
  }

  @Override
  public void ensureUnchanged() {
    // It never gets that far.
  }
}
