package dev.caravan.contract;

import dev.caravan.event.ContentChangedException;
import dev.caravan.event.ObjectContent;
import dev.caravan.event.Owner;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bytes in memory on their way to a remote, with knobs for what may go wrong on that way. Copies of
 * a content share nothing, so a knob turned on one leaves the other alone.
 */
public final class TestContent implements ObjectContent {

  private static final long NEVER = Long.MAX_VALUE;

  private final byte[] bytes;
  private final AtomicInteger opened = new AtomicInteger();
  private Instant modifiedAt = Instant.parse("2026-03-01T12:34:56.789Z");
  private OptionalInt permissions = OptionalInt.empty();
  private Optional<Owner> owner = Optional.empty();
  private String sha256;
  private byte[] md5;
  private long changesAt = NEVER;
  private long failsAt = NEVER;
  private boolean changesAtTheEnd;
  private volatile boolean changed;
  private Runnable onRead = () -> {};

  private TestContent(byte[] bytes) {
    this.bytes = bytes;
    this.sha256 = HexFormat.of().formatHex(hash("SHA-256", bytes));
    this.md5 = hash("MD5", bytes);
  }

  public static TestContent of(String text) {
    return new TestContent(text.getBytes(StandardCharsets.UTF_8));
  }

  public static TestContent of(byte[] bytes) {
    return new TestContent(bytes.clone());
  }

  /** Reproducible noise. */
  public static TestContent ofSize(long size, long seed) {
    byte[] bytes = new byte[Math.toIntExact(size)];
    new Random(seed).nextBytes(bytes);
    return new TestContent(bytes);
  }

  public TestContent modified(Instant at) {
    modifiedAt = at;
    return this;
  }

  /** The file changes once a reader has come to byte {@code n}; see {@link ObjectContent#open}. */
  public TestContent changingAtByte(long n) {
    changesAt = n;
    return this;
  }

  /** All bytes can be read, and then the last look finds the file changed. */
  public TestContent changingAtTheEnd() {
    changesAtTheEnd = true;
    return this;
  }

  /** Reading byte {@code n} fails, as a bad disk does. */
  public TestContent failingAtByte(long n) {
    failsAt = n;
    return this;
  }

  /** Announces the hashes of other bytes. */
  public TestContent announcing(TestContent other) {
    sha256 = other.sha256;
    md5 = other.md5.clone();
    return this;
  }

  /** Runs whenever a reader asks for bytes. */
  public TestContent onRead(Runnable action) {
    onRead = action;
    return this;
  }

  /** With permissions and an owner. */
  public TestContent with(int bits, Owner by) {
    permissions = OptionalInt.of(bits);
    owner = Optional.of(by);
    return this;
  }

  public byte[] bytes() {
    return bytes.clone();
  }

  /** How many streams were opened. */
  public int opened() {
    return opened.get();
  }

  /** True once the planned change took place. */
  public boolean hasChanged() {
    return changed;
  }

  @Override
  public long sizeBytes() {
    return bytes.length;
  }

  @Override
  public Instant modifiedAt() {
    return modifiedAt;
  }

  @Override
  public OptionalInt permissions() {
    return permissions;
  }

  @Override
  public Optional<Owner> owner() {
    return owner;
  }

  @Override
  public String sha256() {
    return sha256;
  }

  @Override
  public byte[] md5() {
    return md5.clone();
  }

  @Override
  public InputStream open(long offset, long length) throws IOException {
    opened.incrementAndGet();
    if (offset < 0 || length < 0 || offset + length > bytes.length) {
      throw new IllegalArgumentException("range " + offset + "+" + length + " of " + bytes.length);
    }
    return new Part(offset, offset + length);
  }

  @Override
  public void ensureUnchanged() throws IOException {
    changed |= changesAtTheEnd;
    if (changed) {
      throw new ContentChangedException("the test changed it");
    }
  }

  private static byte[] hash(String algorithm, byte[] bytes) {
    try {
      return MessageDigest.getInstance(algorithm).digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private final class Part extends InputStream {
    private final ByteArrayInputStream in;
    private final long end;
    private long position;

    Part(long offset, long end) {
      this.in = new ByteArrayInputStream(bytes, (int) offset, (int) (end - offset));
      this.position = offset;
      this.end = end;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      onRead.run();
      long limit = Math.min(position + length, end);
      if (limit > failsAt) {
        limit = failsAt;
        if (position >= failsAt) {
          throw new IOException("the test's disk cannot read byte " + failsAt);
        }
      }
      changed |= limit > changesAt;
      if (changed && limit == end) {
        throw new ContentChangedException("the test changed it");
      }
      int read = in.read(into, offset, (int) (limit - position));
      position += Math.max(read, 0);
      return read;
    }
  }
}
