package dev.caravan.store;

import dev.caravan.event.ContentChangedException;
import dev.caravan.event.WantedSums;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * What reading a file once from its first to its last byte yields. Reads with bounded buffers, and
 * keeps the bytes of a small file so that the disk is asked once.
 *
 * @param md5 present when it was asked for
 * @param sums of a file that was not kept
 * @param parts of a file that was not kept, when they were asked for
 * @param kept the whole content of a small file
 */
record FirstPass(
    String sha256,
    Optional<byte[]> md5,
    Optional<BlockSums> sums,
    Optional<PartSums> parts,
    Optional<byte[]> kept) {

  /** Files up to this size are kept in memory until they are sent. */
  static final int LARGEST_KEPT = 256 * 1024;

  private static final int BUFFER = 256 * 1024;

  /** From here on MD5 gets a thread of its own; below, starting one costs more than it saves. */
  private static final long TWO_THREADS_FROM = 8L << 20;

  static FirstPass over(FileChannel channel, FileStat seen, WantedSums wanted) throws IOException {
    if (seen.sizeBytes() <= LARGEST_KEPT) {
      return small(channel, seen, wanted.md5());
    }
    return wanted.md5() && seen.sizeBytes() > TWO_THREADS_FROM
        ? withLane(channel, seen, wanted)
        : onOneThread(channel, seen, wanted);
  }

  private static FirstPass small(FileChannel channel, FileStat seen, boolean wantMd5)
      throws IOException {
    ByteBuffer all = ByteBuffer.allocate((int) seen.sizeBytes());
    fill(channel, all, 0, seen);
    Optional<byte[]> md5 =
        wantMd5 ? Optional.of(md5Digest().digest(all.array())) : Optional.empty();
    String sha256 = HexFormat.of().formatHex(sha256Digest().digest(all.array()));
    return new FirstPass(sha256, md5, Optional.empty(), Optional.empty(), Optional.of(all.array()));
  }

  private static FirstPass onOneThread(FileChannel channel, FileStat seen, WantedSums wanted)
      throws IOException {
    Running running = new Running(seen, wanted);
    Optional<MessageDigest> md5 = wanted.md5() ? Optional.of(md5Digest()) : Optional.empty();
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    for (long position = 0; position < seen.sizeBytes(); position += buffer.limit()) {
      fill(channel, buffer.clear(), position, seen);
      md5.ifPresent(digest -> digest.update(buffer.duplicate()));
      running.accept(buffer);
    }
    return running.end(md5.map(MessageDigest::digest));
  }

  private static FirstPass withLane(FileChannel channel, FileStat seen, WantedSums wanted)
      throws IOException {
    Running running = new Running(seen, wanted);
    try (DigestLane lane = new DigestLane(md5Digest(), BUFFER)) {
      for (long position = 0; position < seen.sizeBytes(); ) {
        ByteBuffer buffer = lane.take();
        fill(channel, buffer, position, seen);
        lane.put(buffer.duplicate());
        running.accept(buffer);
        position += buffer.limit();
      }
      return running.end(Optional.of(lane.finish()));
    }
  }

  /** All but the MD5 of a file that is not kept. */
  private static final class Running {
    private final MessageDigest sha256 = sha256Digest();
    private final BlockSums sums;
    private final BlockSums.Pass pass;
    private final Optional<PartSums> parts;

    Running(FileStat seen, WantedSums wanted) {
      this.sums = new BlockSums(seen.sizeBytes());
      this.pass = sums.record();
      this.parts = wanted.parts().map(each -> new PartSums(each, seen.sizeBytes()));
    }

    void accept(ByteBuffer bytes) throws ContentChangedException {
      sha256.update(bytes.duplicate());
      pass.accept(bytes.duplicate());
      parts.ifPresent(each -> each.accept(bytes.duplicate()));
    }

    FirstPass end(Optional<byte[]> md5) {
      String hex = HexFormat.of().formatHex(sha256.digest());
      return new FirstPass(hex, md5, Optional.of(sums), parts, Optional.empty());
    }
  }

  /** Reads as much as fits, up to the size that was seen; the buffer is ready to be read then. */
  private static void fill(FileChannel channel, ByteBuffer buffer, long position, FileStat seen)
      throws IOException {
    buffer.limit((int) Math.min(buffer.capacity(), seen.sizeBytes() - position));
    readFully(channel, buffer, position, seen.path().value());
    buffer.flip();
  }

  /** Reads until the buffer is full; a file that ends before has shrunk. */
  static void readFully(FileChannel channel, ByteBuffer buffer, long position, String path)
      throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new ContentChangedException(
            path + " became shorter while it was read; the next run takes it up again");
      }
    }
  }

  static MessageDigest md5Digest() {
    return digest("MD5");
  }

  static MessageDigest sha256Digest() {
    return digest("SHA-256");
  }

  private static MessageDigest digest(String name) {
    try {
      return MessageDigest.getInstance(name);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(name + " is missing from this Java", e);
    }
  }
}
