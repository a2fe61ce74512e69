package dev.caravan.remote.rclone;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** The first bytes of a stream; the rest is not read. */
final class PartStream extends FilterInputStream {

  private long left;

  PartStream(InputStream in, long length) {
    super(in);
    this.left = length;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] buffer, int start, int wanted) throws IOException {
    if (left <= 0) {
      return wanted == 0 ? 0 : -1;
    }
    int read = super.read(buffer, start, (int) Math.min(wanted, left));
    left -= Math.max(0, read);
    return read;
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
