package dev.caravan.remote.dir;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Objects;

/** Reads a range of an open file and closes it at the end. */
final class RangeStream extends InputStream {

  private final FileChannel channel;
  private final long end;
  private long position;

  RangeStream(FileChannel channel, long offset, long length) {
    this.channel = channel;
    this.position = offset;
    this.end = length < 0 ? Long.MAX_VALUE : offset + length;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    if (length == 0) {
      return 0;
    }
    long left = end - position;
    if (left <= 0) {
      return -1;
    }
    int wanted = (int) Math.min(length, left);
    int read = channel.read(ByteBuffer.wrap(bytes, offset, wanted), position);
    position += Math.max(read, 0);
    return read;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
