package dev.caravan.remote.camel;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A part of what an endpoint answered; the rest is not read. */
final class PartStream extends FilterInputStream {

  private long left;

  private PartStream(InputStream in, long length) {
    super(in);
    this.left = length;
  }

  /**
   * The bytes from {@code offset} on.
   *
   * @param length -1 for all to the end
   */
  static InputStream of(InputStream in, long offset, long length) throws IOException {
    in.skipNBytes(offset);
    return new PartStream(in, length < 0 ? Long.MAX_VALUE : length);
  }

  @Override
  public int read() throws IOException {
    int read = left <= 0 ? -1 : super.read();
    left -= read < 0 ? 0 : 1;
    return read;
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
  public long skip(long wanted) throws IOException {
    long skipped = super.skip(Math.min(wanted, left));
    left -= skipped;
    return skipped;
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
