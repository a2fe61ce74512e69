package dev.caravan.remote.s3;

import dev.caravan.event.ContentChangedException;
import dev.caravan.event.ObjectContent;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Content of any size that takes no memory: a pattern that depends on the place, so that parts in
 * the wrong order are noticed. Can change while it is sent, as a file would.
 */
final class PatternContent implements ObjectContent {

  static final Instant MODIFIED = Instant.parse("2023-11-14T22:13:20.123456789Z");

  private final long size;
  private final int seed;
  private final Instant modifiedAt;
  private final AtomicInteger opens = new AtomicInteger();
  private volatile int changesAtOpen = Integer.MAX_VALUE;
  private volatile boolean changesAtEnd;

  PatternContent(long size, int seed) {
    this(size, seed, MODIFIED);
  }

  PatternContent(long size, int seed, Instant modifiedAt) {
    this.size = size;
    this.seed = seed;
    this.modifiedAt = modifiedAt;
  }

  /** From its n-th opening on, every stream fails instead of giving its last byte. */
  PatternContent changingAtOpen(int n) {
    changesAtOpen = n;
    return this;
  }

  /** Only the last look finds that it changed. */
  PatternContent changingAtEnd() {
    changesAtEnd = true;
    return this;
  }

  int opens() {
    return opens.get();
  }

  @Override
  public long sizeBytes() {
    return size;
  }

  @Override
  public Instant modifiedAt() {
    return modifiedAt;
  }

  @Override
  public String sha256() {
    try {
      return Digests.hex(Digests.of(Digests.sha256(), new Pattern(0, size, false)));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public byte[] md5() throws IOException {
    return Digests.of(Digests.md5(), new Pattern(0, size, false));
  }

  @Override
  public InputStream open(long offset, long length) {
    return new Pattern(offset, length, opens.incrementAndGet() >= changesAtOpen);
  }

  @Override
  public void ensureUnchanged() throws IOException {
    if (changesAtEnd || opens.get() >= changesAtOpen) {
      throw new ContentChangedException("the file changed");
    }
  }

  byte[] bytes() {
    byte[] bytes = new byte[Math.toIntExact(size)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = at(i);
    }
    return bytes;
  }

  private byte at(long place) {
    long mixed = (place + seed) * 0x9E3779B97F4A7C15L;
    return (byte) (mixed >>> 56);
  }

  private final class Pattern extends InputStream {
    private long place;
    private final long end;
    private final boolean changed;

    Pattern(long offset, long length, boolean changed) {
      this.place = offset;
      this.end = offset + length;
      this.changed = changed;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      if (place >= end) {
        return -1;
      }
      int n = (int) Math.min(length, end - place);
      if (changed && place + n == end && --n == 0) {
        throw new ContentChangedException("the file changed");
      }
      for (int i = 0; i < n; i++) {
        buffer[offset + i] = at(place + i);
      }
      place += n;
      return n;
    }
  }
}
