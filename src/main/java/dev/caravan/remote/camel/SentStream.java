package dev.caravan.remote.camel;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A file on its way to an endpoint. Remembers why it could not be read: whatever the endpoint makes
 * of that, it was not the endpoint's fault.
 */
final class SentStream extends FilterInputStream {

  private final BooleanSupplier cancelled;
  private volatile @Nullable IOException fault;

  SentStream(InputStream in, BooleanSupplier cancelled) {
    super(in);
    this.cancelled = cancelled;
  }

  /** Throws what reading threw, if it did. */
  void rethrow() throws IOException {
    IOException thrown = fault;
    if (thrown != null) {
      throw thrown;
    }
  }

  @Override
  public int read() throws IOException {
    ensureWanted();
    try {
      return super.read();
    } catch (IOException e) {
      fault = e;
      throw e;
    }
  }

  @Override
  public int read(byte[] buffer, int start, int wanted) throws IOException {
    ensureWanted();
    try {
      return super.read(buffer, start, wanted);
    } catch (IOException e) {
      fault = e;
      throw e;
    }
  }

  private void ensureWanted() throws IOException {
    if (cancelled.getAsBoolean()) {
      throw new IOException("cancelled");
    }
  }
}
