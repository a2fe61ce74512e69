package dev.caravan.remote.sftp;

import dev.caravan.contract.TestContent;
import dev.caravan.event.ObjectContent;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Instant;
import java.util.OptionalInt;
import java.util.Set;

/** A content whose file has these permissions. */
public record Permitted(TestContent content, Set<PosixFilePermission> allowed)
    implements ObjectContent {

  @Override
  public OptionalInt permissions() {
    int bits = 0;
    for (PosixFilePermission each : PosixFilePermission.values()) {
      bits = bits << 1 | (allowed.contains(each) ? 1 : 0);
    }
    return OptionalInt.of(bits);
  }

  @Override
  public long sizeBytes() {
    return content.sizeBytes();
  }

  @Override
  public Instant modifiedAt() {
    return content.modifiedAt();
  }

  @Override
  public String sha256() {
    return content.sha256();
  }

  @Override
  public byte[] md5() {
    return content.md5();
  }

  @Override
  public InputStream open(long offset, long length) throws IOException {
    return content.open(offset, length);
  }

  @Override
  public void ensureUnchanged() throws IOException {
    content.ensureUnchanged();
  }
}
