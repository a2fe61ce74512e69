package dev.caravan.store;

import dev.caravan.event.ContentChangedException;
import dev.caravan.event.ObjectContent;
import dev.caravan.event.Owner;
import dev.caravan.event.WantedSums;
import dev.caravan.event.WantedSums.PartSum;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One version of a file that was read from its first to its last byte while nothing changed it.
 *
 * <p>Small files are held in memory. Larger ones are read again when they are sent, and every block
 * is compared with what was hashed, so that no mixture of versions can reach a remote. Writes
 * through a memory map are the one thing that may escape: they change the stamps of a file late.
 */
public final class FileVersion implements ObjectContent {
  /**
   * Kernels stamp files with a clock that ticks up to every 10 ms: two changes within one tick look
   * like one. A version this young is read twice.
   */
  private static final Duration TICK = Duration.ofMillis(100);

  private static final int BUFFER = 64 * 1024;

  private final StoreTree tree;
  private final FileStat seen;
  private final FirstPass content;
  private Optional<byte[]> md5;

  private FileVersion(StoreTree tree, FileStat seen, FirstPass content) {
    this.tree = tree;
    this.seen = seen;
    this.content = content;
    this.md5 = content.md5();
  }

  /**
   * Reads the version that was seen.
   *
   * @param seen a regular file, as a scan or {@link StoreTree#stat} found it
   * @param wanted what the remote will ask for: it is cheaper now than later
   * @throws ContentChangedException when the file is not, or no longer, the version that was seen
   * @throws IOException when it cannot be read
   */
  public static FileVersion read(StoreTree tree, FileStat seen, WantedSums wanted)
      throws IOException {
    // Looked at before and after: what the name leads to in between is then the file that was seen.
    tree.ensureUnchanged(seen);
    return readSeen(tree, seen, wanted);
  }

  /**
   * The same for a file that was looked at by {@link StoreTree#stat} just now: that look is the one
   * before the reading.
   */
  public static FileVersion readSeen(StoreTree tree, FileStat seen, WantedSums wanted)
      throws IOException {
    if (seen.kind() != FileStat.Kind.FILE) {
      throw new IllegalArgumentException(seen.path() + " is not a regular file");
    }
    boolean young = isYoung(tree, seen);
    FirstPass content = pass(tree, seen, wanted);
    if (young && !pass(tree, seen, WantedSums.NONE).sha256().equals(content.sha256())) {
      throw new ContentChangedException(
          seen.path() + " changed while it was read; the next run takes it up again");
    }
    return new FileVersion(tree, seen, content);
  }

  /** What the file looked like when it was read; a catalog row is written from it. */
  public FileStat stat() {
    return seen;
  }

  @Override
  public long sizeBytes() {
    return seen.sizeBytes();
  }

  @Override
  public Instant modifiedAt() {
    return Instant.EPOCH.plusNanos(seen.modifiedNs());
  }

  @Override
  public OptionalInt permissions() {
    return OptionalInt.of(seen.mode() & 07777);
  }

  @Override
  public Optional<Owner> owner() {
    return seen.owner();
  }

  @Override
  public String sha256() {
    return content.sha256();
  }

  @Override
  public synchronized byte[] md5() throws IOException {
    if (md5.isEmpty()) {
      md5 = Optional.of(readAgain(FirstPass.md5Digest()));
    }
    return md5.get().clone();
  }

  @Override
  public Optional<byte[]> partSum(PartSum sum, long offset, long length) {
    return content.parts().flatMap(parts -> parts.of(sum, offset, length));
  }

  @Override
  public InputStream open(long offset, long length) throws IOException {
    if (offset < 0 || length < 0 || offset > seen.sizeBytes() - length) {
      throw new IndexOutOfBoundsException(
          "%d bytes from %d on are no part of %s".formatted(length, offset, seen.path()));
    }
    if (content.kept().isPresent()) {
      ensureUnchanged();
      return new ByteArrayInputStream(content.kept().get(), (int) offset, (int) length);
    }
    if (length == 0) {
      ensureUnchanged();
      return InputStream.nullInputStream();
    }
    FileChannel channel = channel(tree, seen);
    return new VersionStream(this, channel, content.sums().orElseThrow(), offset, offset + length);
  }

  @Override
  public void ensureUnchanged() throws IOException {
    tree.ensureUnchanged(seen);
  }

  String path() {
    return seen.path().value();
  }

  private byte[] readAgain(MessageDigest digest) throws IOException {
    try (InputStream in = open(0, seen.sizeBytes())) {
      byte[] buffer = new byte[BUFFER];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        digest.update(buffer, 0, n);
      }
    }
    return digest.digest();
  }

  private static FirstPass pass(StoreTree tree, FileStat seen, WantedSums wanted)
      throws IOException {
    FirstPass content;
    try (FileChannel channel = channel(tree, seen)) {
      content = FirstPass.over(channel, seen, wanted);
    } catch (ContentChangedException | SymlinkedPathException e) {
      throw e;
    } catch (IOException e) {
      throw new IOException("Cannot read " + seen.path() + ": " + Faults.causeOf(e), e);
    }
    tree.ensureUnchanged(seen);
    return content;
  }

  private static FileChannel channel(StoreTree tree, FileStat seen) throws IOException {
    try {
      return tree.open(seen.path());
    } catch (NoSuchFileException e) {
      throw new ContentChangedException(
          seen.path() + " went away before it was read; the next run looks again");
    }
  }

  private static boolean isYoung(StoreTree tree, FileStat seen) {
    Instant changed = Instant.EPOCH.plusNanos(seen.changedNs());
    return changed.isAfter(tree.clock().instant().minus(TICK));
  }
}
