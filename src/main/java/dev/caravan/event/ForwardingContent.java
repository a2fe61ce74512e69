package dev.caravan.event;

import dev.caravan.event.WantedSums.PartSum;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/** Another content as it is; who wraps one overrides what it does otherwise. */
public abstract class ForwardingContent implements ObjectContent {

  private final ObjectContent content;

  /** Wraps this content. */
  protected ForwardingContent(ObjectContent content) {
    this.content = content;
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
  public OptionalInt permissions() {
    return content.permissions();
  }

  @Override
  public Optional<Owner> owner() {
    return content.owner();
  }

  @Override
  public String sha256() {
    return content.sha256();
  }

  @Override
  public byte[] md5() throws IOException {
    return content.md5();
  }

  @Override
  public Optional<byte[]> partSum(PartSum sum, long offset, long length) {
    return content.partSum(sum, offset, length);
  }

  @Override
  public InputStream open(long offset, long length) throws IOException {
    return content.open(offset, length);
  }

  @Override
  public InputStream peek(long offset, long length) throws IOException {
    return content.peek(offset, length);
  }

  @Override
  public void ensureUnchanged() throws IOException {
    content.ensureUnchanged();
  }
}
