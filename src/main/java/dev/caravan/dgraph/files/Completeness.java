package dev.caravan.dgraph.files;

import dev.caravan.store.FileStat;
import dev.caravan.store.StoreTree;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** Tells whether a file is whole: quiet for a while, and if it is packed, packed to its end. */
public final class Completeness {

  private static final int BUFFER = 256 * 1024;
  private static final int MAGIC_1 = 0x1f;
  private static final int MAGIC_2 = 0x8b;

  private final StoreTree tree;
  private final Duration settle;

  /**
   * @param settle how long a file must not have changed
   */
  public Completeness(StoreTree tree, Duration settle) {
    this.tree = tree;
    this.settle = settle;
  }

  /** Why the file is not quiet yet; empty when it is. */
  public Optional<String> unrest(FileStat file, Instant now) {
    Instant modified = Instant.ofEpochMilli(TimeUnit.NANOSECONDS.toMillis(file.modifiedNs()));
    return modified.plus(settle).isAfter(now)
        ? Optional.of(file.path() + " was written to a moment ago")
        : Optional.empty();
  }

  /**
   * Why the file is not whole; empty when it is. A packed file is unpacked to its end, which shows
   * each missing byte. What does not begin like a packed file is encrypted: that it is quiet must
   * do.
   *
   * @throws IOException when it cannot be read
   */
  public Optional<String> gap(FileStat file) throws IOException {
    if (!file.path().name().endsWith(".gz")) {
      return Optional.empty();
    }
    if (file.sizeBytes() == 0) {
      return Optional.of(file.path() + " is empty");
    }
    try (FileChannel channel = tree.open(file.path());
        PushbackInputStream in = new PushbackInputStream(Channels.newInputStream(channel), 2)) {
      byte[] magic = in.readNBytes(2);
      in.unread(magic);
      if (magic.length < 2 || (magic[0] & 0xff) != MAGIC_1 || (magic[1] & 0xff) != MAGIC_2) {
        return Optional.empty();
      }
      return unpack(file, in);
    }
  }

  private static Optional<String> unpack(FileStat file, InputStream in) throws IOException {
    try (GZIPInputStream packed = new GZIPInputStream(in, BUFFER)) {
      byte[] buffer = new byte[BUFFER];
      while (packed.read(buffer) >= 0) {
        // Only that it can be read to its end, and its checksum, matter.
      }
      return Optional.empty();
    } catch (EOFException e) {
      return Optional.of(file.path() + " is not whole: it ends in the middle");
    } catch (ZipException e) {
      return Optional.of(file.path() + " is not whole: " + e.getMessage());
    }
  }
}
