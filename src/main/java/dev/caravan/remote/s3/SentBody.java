package dev.caravan.remote.s3;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.ContentStreamProvider;

/**
 * Gives the HTTP client the bytes to send, and tells afterwards whether it was reading them that
 * failed: a file that changed is not a broken connection. Closes whatever was opened.
 */
final class SentBody implements ContentStreamProvider, AutoCloseable {

  private final RequestBody body;
  private final List<InputStream> opened = new ArrayList<>(1);
  private @Nullable IOException failure;

  SentBody(RequestBody body) {
    this.body = body;
  }

  /** Throws what went wrong when the content was read, if anything did. */
  void rethrow() throws IOException {
    if (failure != null) {
      throw failure;
    }
  }

  @Override
  public InputStream newStream() {
    try {
      InputStream in = new Watched(body.source().open());
      opened.add(in);
      return in;
    } catch (IOException e) {
      failure = e;
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    for (InputStream in : opened) {
      try {
        in.close();
      } catch (IOException e) {
        // It was only read from; nothing is lost.
        continue;
      }
    }
  }

  private final class Watched extends FilterInputStream {
    Watched(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      try {
        return in.read();
      } catch (IOException e) {
        failure = e;
        throw e;
      }
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      try {
        return in.read(buffer, offset, length);
      } catch (IOException e) {
        failure = e;
        throw e;
      }
    }

    @Override
    public boolean markSupported() {
      return false;
    }
  }
}
