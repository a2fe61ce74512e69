package dev.caravan.snapshot.manifest;

import dev.caravan.event.ObjectContent;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;

/** A finished manifest, on its way to a remote. */
final class ChunkContent implements ObjectContent {

  private final Chunks chunks;
  private final Instant modifiedAt;
  private final String sha256;

  ChunkContent(Chunks chunks, Instant modifiedAt) {
    this.chunks = chunks;
    this.modifiedAt = modifiedAt;
    this.sha256 = HexFormat.of().formatHex(digest(Hashes.sha256()));
  }

  @Override
  public long sizeBytes() {
    return chunks.length();
  }

  @Override
  public Instant modifiedAt() {
    return modifiedAt;
  }

  @Override
  public String sha256() {
    return sha256;
  }

  @Override
  public byte[] md5() {
    return digest(Hashes.md5());
  }

  @Override
  public InputStream open(long offset, long length) {
    return chunks.open(offset, length);
  }

  @Override
  public void ensureUnchanged() {
    // It is in memory, and nobody else's.
  }

  private byte[] digest(MessageDigest digest) {
    try (InputStream in = new DigestInputStream(chunks.open(0, chunks.length()), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return digest.digest();
  }
}
