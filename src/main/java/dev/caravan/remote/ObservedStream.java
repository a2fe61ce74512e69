package dev.caravan.remote;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Tells an observer of every read, before and after. Marks are not supported. */
final class ObservedStream extends FilterInputStream {

  /** Sees the reads of a stream. */
  interface Observer {
    /** At most how many of the wanted bytes may be read at once; at least 1. */
    default int allow(int wanted) {
      return wanted;
    }

    /** So many bytes were read. */
    void read(int bytes) throws IOException;
  }

  private final Observer observer;

  ObservedStream(InputStream in, Observer observer) {
    super(in);
    this.observer = observer;
  }

  @Override
  public int read() throws IOException {
    int read = super.read();
    if (read >= 0) {
      observer.read(1);
    }
    return read;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int wanted = length == 0 ? 0 : observer.allow(length);
    int read = super.read(bytes, offset, wanted);
    if (read > 0) {
      observer.read(read);
    }
    return read;
  }

  @Override
  public boolean markSupported() {
    return false;
  }

  @Override
  public synchronized void mark(int limit) {
    // Not supported: bytes read again would be observed twice.
  }

  @Override
  public synchronized void reset() throws IOException {
    throw new IOException("This stream cannot go back");
  }
}
