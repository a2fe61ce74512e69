package dev.caravan.remote.flow;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicBoolean;

/** A stream from a remote, which counts as under way until it is closed. */
final class CountedStream extends FilterInputStream {

  private final Gate gate;
  private final AtomicBoolean closed = new AtomicBoolean();

  CountedStream(InputStream in, Gate gate) {
    super(in);
    this.gate = gate;
    gate.stream(1);
  }

  @Override
  public long transferTo(OutputStream out) throws IOException {
    return in.transferTo(out);
  }

  @Override
  public void close() throws IOException {
    try {
      super.close();
    } finally {
      if (!closed.getAndSet(true)) {
        gate.stream(-1);
      }
    }
  }
}
