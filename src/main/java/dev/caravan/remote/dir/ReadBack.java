package dev.caravan.remote.dir;

import com.sun.nio.file.ExtendedOpenOption;
import dev.caravan.remote.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Hashes what a disk or server really holds: past the page cache ({@code O_DIRECT}) where the file
 * system allows it, else the ordinary way, which may show what this machine still remembers.
 */
final class ReadBack {

  /** A multiple of every block size in use; those of NFS are up to this. */
  private static final int BUFFER = 1 << 20;

  /** As many as there ever were readers at once. */
  private final Queue<ByteBuffer> spare = new ConcurrentLinkedQueue<>();

  /** The SHA-256 of a file, 64 lower-case hex digits. */
  String sha256(Path file) throws IOException {
    Optional<String> direct = direct(file);
    if (direct.isPresent()) {
      return direct.get();
    }
    try (FileChannel in = open(file)) {
      return hash(in);
    }
  }

  /** True when the page cache can be passed by for this file. */
  boolean isDirect(Path file) throws IOException {
    return direct(file).isPresent();
  }

  private Optional<String> direct(Path file) throws IOException {
    FileChannel in;
    try {
      in = open(file, ExtendedOpenOption.DIRECT);
    } catch (UnsupportedOperationException | IOException e) {
      return Optional
          .empty(); // Not on this file system; what else is wrong shows in plain reading.
    }
    try (in) {
      return Optional.of(hash(in));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // Its blocks do not fit ours.
    } catch (IOException e) {
      // Any other error is the disk's own, and the page cache must not hide it.
      if (String.valueOf(e.getMessage()).contains("Invalid argument")) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private String hash(FileChannel in) throws IOException {
    ByteBuffer pooled = spare.poll();
    ByteBuffer buffer = pooled == null ? ByteBuffer.allocate(BUFFER) : pooled;
    try {
      MessageDigest hash = Sha256.begin();
      long size = in.size();
      long position = 0;
      while (position < size) {
        int read = in.read(buffer.clear(), position);
        if (read < 0) {
          break; // Shorter than it was: the hash will differ.
        }
        hash.update(buffer.flip());
        position += read;
      }
      return HexFormat.of().formatHex(hash.digest());
    } finally {
      spare.add(buffer);
    }
  }

  private static FileChannel open(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
  }

  private static FileChannel open(Path file, ExtendedOpenOption option) throws IOException {
    return FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS, option);
  }
}
