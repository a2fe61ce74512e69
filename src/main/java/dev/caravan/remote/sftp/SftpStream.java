package dev.caravan.remote.sftp;

import java.io.FilterInputStream;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** A part of an object that its reader closes; the line under it goes back to the pool then. */
final class SftpStream extends FilterInputStream {

  private final SftpPool pool;
  private final SftpLine line;
  private final SftpErrors errors;
  private final String doing;
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * @param doing such as {@code "read 'a/b'"}
   */
  SftpStream(SftpReading in, SftpLine line, SftpPool pool, SftpErrors errors, String doing) {
    super(in);
    this.pool = pool;
    this.line = line;
    this.errors = errors;
    this.doing = doing;
  }

  @Override
  public int read() throws IOException {
    try {
      return super.read();
    } catch (SftpFailure e) {
      throw explained(e);
    }
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    try {
      return super.read(bytes, offset, length);
    } catch (SftpFailure e) {
      throw explained(e);
    }
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      try {
        super.close();
      } catch (IOException e) {
        // All that was wanted was read; a line on which this fails is not used again.
      } finally {
        pool.give(line);
      }
    }
  }

  private IOException explained(SftpFailure e) {
    return new IOException(errors.of(doing, e, Optional.empty()).getMessage(), e);
  }
}
