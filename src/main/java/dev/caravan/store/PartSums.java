package dev.caravan.store;

import dev.caravan.event.WantedSums;
import dev.caravan.event.WantedSums.PartSum;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/** A checksum of each part of a file, computed as its bytes pass by in their order. */
final class PartSums {
  private final WantedSums.Parts wanted;
  private final long sizeBytes;
  private final Running running;
  private final List<byte[]> sums = new ArrayList<>();
  private long position;

  PartSums(WantedSums.Parts wanted, long sizeBytes) {
    this.wanted = wanted;
    this.sizeBytes = sizeBytes;
    this.running = wanted.sum() == PartSum.SHA256 ? new Sha256() : new Crc32c();
  }

  /** Takes the bytes between position and limit. */
  void accept(ByteBuffer bytes) {
    int limit = bytes.limit();
    while (bytes.hasRemaining()) {
      long end = Math.min(sizeBytes, (sums.size() + 1) * wanted.bytes());
      int step = (int) Math.min(bytes.remaining(), end - position);
      running.update(bytes.limit(bytes.position() + step));
      bytes.limit(limit);
      position += step;
      if (position == end) {
        sums.add(running.end());
      }
    }
  }

  /** The sum of these bytes, where they are one of the parts. */
  Optional<byte[]> of(PartSum sum, long offset, long length) {
    long part = offset / wanted.bytes();
    boolean known =
        sum == wanted.sum()
            && part < sums.size()
            && offset == part * wanted.bytes()
            && length == Math.min(wanted.bytes(), sizeBytes - offset);
    return known ? Optional.of(sums.get((int) part).clone()) : Optional.empty();
  }

  private interface Running {
    void update(ByteBuffer bytes);

    /** The sum of what came since the last end. */
    byte[] end();
  }

  private static final class Sha256 implements Running {
    private final MessageDigest digest = FirstPass.sha256Digest();

    @Override
    public void update(ByteBuffer bytes) {
      digest.update(bytes);
    }

    @Override
    public byte[] end() {
      return digest.digest();
    }
  }

  private static final class Crc32c implements Running {
    private final CRC32C crc = new CRC32C();

    @Override
    public void update(ByteBuffer bytes) {
      crc.update(bytes);
    }

    @Override
    public byte[] end() {
      byte[] sum = ByteBuffer.allocate(Integer.BYTES).putInt((int) crc.getValue()).array();
      crc.reset();
      return sum;
    }
  }
}
