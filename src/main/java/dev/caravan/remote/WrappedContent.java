package dev.caravan.remote;

import dev.caravan.event.ObjectContent;
import dev.caravan.event.Owner;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;

/** The same content; what is sent of it is seen through a wrapper. */
record WrappedContent(ObjectContent content, UnaryOperator<InputStream> wrapper)
    implements ObjectContent {

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
  public InputStream open(long offset, long length) throws IOException {
    return wrapper.apply(content.open(offset, length));
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
