package dev.caravan.remote.sftp;

import java.io.InputStream;
import java.util.Objects;
import org.apache.sshd.sftp.client.impl.SftpInputStreamAsync;

/** A part of a file that is being read: many reads are on their way at once. */
final class SftpReading extends InputStream {

  private final SftpLine line;
  private final SftpInputStreamAsync in;
  private long left;

  SftpReading(SftpLine line, SftpInputStreamAsync in, long length) {
    this.line = line;
    this.in = in;
    this.left = length;
  }

  @Override
  public int read() throws SftpFailure {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] bytes) throws SftpFailure {
    return read(bytes, 0, bytes.length);
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws SftpFailure {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    if (left <= 0 || length == 0) {
      return length == 0 ? 0 : -1;
    }
    int wanted = (int) Math.min(length, left);
    int read = line.ask(() -> in.read(bytes, offset, wanted));
    left = read < 0 ? 0 : left - read;
    return read;
  }

  /** Also takes the answers that are still under way, so that the line can be used again. */
  @Override
  public void close() throws SftpFailure {
    try {
      line.ask(
          () -> {
            in.close();
            return true;
          });
    } catch (SftpFailure e) {
      line.retire();
      throw e;
    }
  }
}
