package dev.caravan.remote.sftp;

import dev.caravan.contract.TestContent;
import dev.caravan.event.ObjectContent;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A content that counts what is read of it.
 *
 * @param onRead is told how many bytes were read so far
 */
public record Counted(TestContent content, AtomicLong bytesRead, Watch onRead)
    implements ObjectContent {

  /** Is told while it is read. */
  public interface Watch {
    void read(long bytes) throws IOException;
  }

  public static Counted of(TestContent content) {
    return new Counted(content, new AtomicLong(), bytes -> {});
  }

  public static Counted of(TestContent content, Watch onRead) {
    return new Counted(content, new AtomicLong(), onRead);
  }

  @Override
  public long sizeBytes() {
    return content.sizeBytes();
  }

  @Override
  public Instant modifiedAt() {
    return content.modifiedAt();
  }

  @Override
  public String sha256() {
    return content.sha256();
  }

  @Override
  public byte[] md5() {
    return content.md5();
  }

  @Override
  public InputStream open(long offset, long length) throws IOException {
    return new FilterInputStream(content.open(offset, length)) {
      @Override
      public int read(byte[] bytes, int from, int wanted) throws IOException {
        int read = super.read(bytes, from, wanted);
        onRead.read(bytesRead.addAndGet(Math.max(0, read)));
        return read;
      }
    };
  }

  @Override
  public void ensureUnchanged() throws IOException {
    content.ensureUnchanged();
  }
}
