package dev.caravan.remote.sftp;

import dev.caravan.contract.TestContent;
import dev.caravan.event.ForwardingContent;
import java.nio.file.attribute.PosixFilePermission;
import java.util.OptionalInt;
import java.util.Set;

/** A content whose file has these permissions. */
public final class Permitted extends ForwardingContent {

  private final Set<PosixFilePermission> allowed;

  public Permitted(TestContent content, Set<PosixFilePermission> allowed) {
    super(content);
    this.allowed = allowed;
  }

  @Override
  public OptionalInt permissions() {
    int bits = 0;
    for (PosixFilePermission each : PosixFilePermission.values()) {
      bits = bits << 1 | (allowed.contains(each) ? 1 : 0);
    }
    return OptionalInt.of(bits);
  }
}
