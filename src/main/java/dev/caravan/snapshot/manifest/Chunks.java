package dev.caravan.snapshot.manifest;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Bytes in memory that grow without being copied. Written by one thread, then read by any. */
final class Chunks extends OutputStream {

  private static final int CHUNK = 64 * 1024;

  private final List<byte[]> chunks = new ArrayList<>();
  private long length;

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int count) {
    Objects.checkFromIndexSize(from, count, bytes.length);
    for (int done = 0; done < count; ) {
      int at = (int) (length % CHUNK);
      if (at == 0) {
        chunks.add(new byte[CHUNK]);
      }
      int step = Math.min(count - done, CHUNK - at);
      System.arraycopy(bytes, from + done, chunks.get(chunks.size() - 1), at, step);
      done += step;
      length += step;
    }
  }

  long length() {
    return length;
  }

  /** A part of what was written. */
  InputStream open(long offset, long count) {
    Objects.checkFromIndexSize(offset, count, length);
    return new Reading(offset, offset + count);
  }

  private final class Reading extends InputStream {
    private long position;
    private final long end;

    Reading(long position, long end) {
      this.position = position;
      this.end = end;
    }

    @Override
    public int read() {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int from, int count) {
      Objects.checkFromIndexSize(from, count, bytes.length);
      if (count == 0) {
        return 0;
      }
      if (position == end) {
        return -1;
      }
      int at = (int) (position % CHUNK);
      int step = (int) Math.min(Math.min(count, CHUNK - at), end - position);
      System.arraycopy(chunks.get((int) (position / CHUNK)), at, bytes, from, step);
      position += step;
      return step;
    }

    /** Never 0 before the end: {@link java.util.zip.GZIPInputStream} takes that for the end. */
    @Override
    public int available() {
      return (int) Math.min(Integer.MAX_VALUE, end - position);
    }
  }
}
