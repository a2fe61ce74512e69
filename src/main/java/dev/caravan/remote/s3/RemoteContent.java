package dev.caravan.remote.s3;

import dev.caravan.event.ObjectContent;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.s3.wire.Digests;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;

/**
 * An object as content for another one, for servers that cannot copy it themselves. What arrives is
 * checked against the SHA-256 that was recorded when the object was first put.
 */
final class RemoteContent implements ObjectContent {

  private final ObjectReads reads;
  private final ObjectStat stat;
  private final String sha256;

  RemoteContent(ObjectReads reads, ObjectStat stat, String sha256) {
    this.reads = reads;
    this.stat = stat;
    this.sha256 = sha256;
  }

  @Override
  public long sizeBytes() {
    return stat.sizeBytes();
  }

  @Override
  public Instant modifiedAt() {
    return stat.modifiedAt();
  }

  @Override
  public String sha256() {
    return sha256;
  }

  @Override
  public byte[] md5() throws IOException {
    try (InputStream in = open(0, sizeBytes())) {
      return Digests.of(Digests.md5(), in);
    }
  }

  @Override
  public InputStream open(long offset, long length) throws IOException {
    ObjectKey key = stat.key();
    try {
      return reads.open(key, offset, length);
    } catch (RemoteException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** A key's content changes by a new put only, and nobody puts what is being moved away. */
  @Override
  public void ensureUnchanged() {}
}
