package dev.caravan.remote.s3.wire;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Gives the HTTP client the bytes to send, and tells afterwards whether it was reading them that
 * failed: a file that changed is not a broken connection. Closes whatever was opened.
 */
final class SentBody implements AutoCloseable {

  private final RequestBody body;
  private final BooleanSupplier stopped;
  private final List<InputStream> opened = new ArrayList<>(1);
  private @Nullable IOException failure;

  /**
   * @param stopped when it says so, nothing more is read, however much is left
   */
  SentBody(RequestBody body, BooleanSupplier stopped) {
    this.body = body;
    this.stopped = stopped;
  }

  /** Throws what went wrong when the content was read, if anything did. */
  void rethrow() throws IOException {
    if (failure != null) {
      throw failure;
    }
  }

  long length() {
    return body.length();
  }

  InputStream open() throws IOException {
    try {
      InputStream in = new Watched(body.source().open());
      opened.add(in);
      return in;
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }

  @Override
  public void close() {
    for (InputStream in : opened) {
      try {
        in.close();
      } catch (IOException e) {
        // It was only read from; nothing is lost.
      }
    }
  }

  private final class Watched extends FilterInputStream {
    Watched(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      ensureWanted();
      try {
        return in.read();
      } catch (IOException e) {
        failure = e;
        throw e;
      }
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      ensureWanted();
      try {
        return in.read(buffer, offset, length);
      } catch (IOException e) {
        failure = e;
        throw e;
      }
    }

    private void ensureWanted() throws IOException {
      if (stopped.getAsBoolean()) {
        throw new IOException("no longer wanted");
      }
    }

    @Override
    public boolean markSupported() {
      return false;
    }
  }
}
