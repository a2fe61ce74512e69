package dev.caravan.remote.s3;

import dev.caravan.event.ObjectContent;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;

/**
 * Content that never comes to its end while it is sent: as slow as a stalled line, to be broken
 * off.
 */
record Endless(CountDownLatch begun) implements ObjectContent {

  @Override
  public long sizeBytes() {
    return 30L << 20;
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
    return new InputStream() {
      @Override
      public int read() throws IOException {
        begun.countDown();
        return 1;
      }

      @Override
      public int read(byte[] buffer, int at, int size) throws IOException {
        begun.countDown();
        try {
          Thread.sleep(20);
        } catch (InterruptedException e) {
          throw new IOException(e);
        }
        return 1;
      }
    };
  }

  @Override
  public void ensureUnchanged() {
    // It never gets that far.
  }
}
