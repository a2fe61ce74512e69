package dev.caravan.store;

import dev.caravan.event.ContentChangedException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * A CRC32C per block of a file, so that a part that is read again can be compared with what was
 * hashed. Blocks are 1 MiB, more for files above 64 GiB: the table never exceeds 256 KiB.
 */
final class BlockSums {
  private static final int SMALLEST_SHIFT = 20;
  private static final int MOST_BLOCKS = 1 << 16;

  private final long sizeBytes;
  private final int shift;
  private final int[] sums;

  BlockSums(long sizeBytes) {
    this.sizeBytes = sizeBytes;
    int bits = SMALLEST_SHIFT;
    while (blocks(sizeBytes, bits) > MOST_BLOCKS) {
      bits++;
    }
    this.shift = bits;
    this.sums = new int[(int) blocks(sizeBytes, bits)];
  }

  /** Where the block begins in which a byte lies. */
  long startOf(long position) {
    return position >>> shift << shift;
  }

  /** Where the block ends in which a byte lies. */
  long endOf(long position) {
    return Math.min(sizeBytes, startOf(position) + (1L << shift));
  }

  /** A pass that remembers the sums. */
  Pass record() {
    return new Pass(0, (block, sum) -> sums[block] = sum);
  }

  /** A pass that compares the sums, from the start of a block on. */
  Pass verify(long from, String path) {
    return new Pass(
        from,
        (block, sum) -> {
          if (sums[block] != sum) {
            throw new ContentChangedException(
                path + " changed while it was sent; the next run takes it up again");
          }
        });
  }

  private static long blocks(long sizeBytes, int shift) {
    return (sizeBytes + (1L << shift) - 1) >>> shift;
  }

  private interface BlockEnd {
    void reached(int block, int sum) throws ContentChangedException;
  }

  /** Follows the bytes of the file in their order. For one thread. */
  final class Pass {
    private final CRC32C crc = new CRC32C();
    private final BlockEnd end;
    private long position;

    private Pass(long from, BlockEnd end) {
      this.position = from;
      this.end = end;
    }

    /** Takes the bytes between position and limit. */
    void accept(ByteBuffer bytes) throws ContentChangedException {
      int limit = bytes.limit();
      while (bytes.hasRemaining()) {
        long blockEnd = endOf(position);
        int step = (int) Math.min(bytes.remaining(), blockEnd - position);
        crc.update(bytes.limit(bytes.position() + step));
        bytes.limit(limit);
        position += step;
        if (position == blockEnd) {
          end.reached((int) ((blockEnd - 1) >>> shift), (int) crc.getValue());
          crc.reset();
        }
      }
    }
  }
}
