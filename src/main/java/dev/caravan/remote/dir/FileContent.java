package dev.caravan.remote.dir;

import dev.caravan.event.ContentChangedException;
import dev.caravan.event.ObjectContent;
import dev.caravan.remote.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;

/** An object of the remote on its way to another disk of the same remote. */
record FileContent(Path file, long sizeBytes, Instant modifiedAt, String sha256)
    implements ObjectContent {

  /** Reads the whole file once, for its hash. */
  static FileContent of(Path file) throws IOException {
    BasicFileAttributes attributes = attributesOf(file);
    MessageDigest hash = Sha256.begin();
    ByteBuffer buffer = ByteBuffer.allocate(256 * 1024);
    try (FileChannel in = openChannel(file)) {
      while (in.read(buffer.clear()) >= 0) {
        hash.update(buffer.flip());
      }
    }
    return new FileContent(
        file,
        attributes.size(),
        attributes.lastModifiedTime().toInstant(),
        HexFormat.of().formatHex(hash.digest()));
  }

  @Override
  public byte[] md5() {
    throw new UnsupportedOperationException("a dir remote asks for no MD5");
  }

  @Override
  public InputStream open(long offset, long length) throws IOException {
    return new RangeStream(openChannel(file), offset, length);
  }

  @Override
  public void ensureUnchanged() throws IOException {
    BasicFileAttributes now = attributesOf(file);
    if (now.size() != sizeBytes || !now.lastModifiedTime().toInstant().equals(modifiedAt)) {
      throw new ContentChangedException(
          "Object "
              + DirErrors.shown(file)
              + " changed while it was moved; it is moved again later");
    }
  }

  private static BasicFileAttributes attributesOf(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }

  private static FileChannel openChannel(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
  }
}
