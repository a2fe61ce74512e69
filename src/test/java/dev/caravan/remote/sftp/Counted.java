package dev.caravan.remote.sftp;

import dev.caravan.contract.TestContent;
import dev.caravan.event.ForwardingContent;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicLong;

/** A content that counts what is read of it, looks at it too. */
public final class Counted extends ForwardingContent {

  private final AtomicLong bytesRead = new AtomicLong();
  private final Watch onRead;

  /** Is told while it is read. */
  public interface Watch {
    void read(long bytes) throws IOException;
  }

  private Counted(TestContent content, Watch onRead) {
    super(content);
    this.onRead = onRead;
  }

  public static Counted of(TestContent content) {
    return new Counted(content, bytes -> {});
  }

  /**
   * @param onRead is told how many bytes were read so far
   */
  public static Counted of(TestContent content, Watch onRead) {
    return new Counted(content, onRead);
  }

  public AtomicLong bytesRead() {
    return bytesRead;
  }

  @Override
  public InputStream open(long offset, long length) throws IOException {
    return new FilterInputStream(super.open(offset, length)) {
      @Override
      public int read(byte[] bytes, int from, int wanted) throws IOException {
        int read = super.read(bytes, from, wanted);
        onRead.read(bytesRead.addAndGet(Math.max(0, read)));
        return read;
      }
    };
  }

  @Override
  public InputStream peek(long offset, long length) throws IOException {
    return open(offset, length);
  }
}
