package dev.caravan.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * A part of a file, read again and compared block by block with what was hashed.
 *
 * <p>The buffer that holds the last byte is not handed out before the rest of its block was read
 * and compared and the file was looked at once more.
 */
final class VersionStream extends InputStream {
  private static final int BUFFER = 128 * 1024;

  private final FileVersion version;
  private final FileChannel channel;
  private final BlockSums sums;
  private final BlockSums.Pass pass;
  private final long offset;
  private final long end;
  private final ByteBuffer buffer;

  /** Of the next byte to read from the file; starts at a block, before the offset. */
  private long position;

  VersionStream(FileVersion version, FileChannel channel, BlockSums sums, long offset, long end) {
    this.version = version;
    this.channel = channel;
    this.sums = sums;
    this.offset = offset;
    this.end = end;
    this.position = sums.startOf(offset);
    this.pass = sums.verify(position, version.path());
    this.buffer = ByteBuffer.allocate((int) Math.min(BUFFER, end - position)).flip();
  }

  @Override
  public int read() throws IOException {
    return hasNext() ? buffer.get() & 0xFF : -1;
  }

  @Override
  public int read(byte[] bytes, int from, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (!hasNext()) {
      return -1;
    }
    int step = Math.min(length, buffer.remaining());
    buffer.get(bytes, from, step);
    return step;
  }

  @Override
  public int available() {
    return buffer.remaining();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private boolean hasNext() throws IOException {
    while (!buffer.hasRemaining() && position < end) {
      long start = position;
      readNext(end);
      if (position == end) {
        finish();
      }
      buffer.position((int) Math.min(buffer.limit(), Math.max(0, offset - start)));
    }
    return buffer.hasRemaining();
  }

  private void readNext(long limit) throws IOException {
    buffer.clear().limit((int) Math.min(buffer.capacity(), limit - position));
    FirstPass.readFully(channel, buffer, position, version.path());
    pass.accept(buffer.flip().duplicate());
    position += buffer.limit();
  }

  /** Reads on to the end of the last block, aside from the buffer that waits to be handed out. */
  private void finish() throws IOException {
    long blockEnd = sums.endOf(end - 1);
    ByteBuffer rest = ByteBuffer.allocate((int) Math.min(BUFFER, blockEnd - end));
    for (long at = end; at < blockEnd; at += rest.limit()) {
      rest.clear().limit((int) Math.min(rest.capacity(), blockEnd - at));
      FirstPass.readFully(channel, rest, at, version.path());
      pass.accept(rest.flip());
    }
    version.ensureUnchanged();
  }
}
