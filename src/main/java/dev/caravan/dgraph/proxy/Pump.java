package dev.caravan.dgraph.proxy;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;
import java.util.Optional;

/**
 * Moves a body from one side to the other, no faster than the slower side; keeps a copy of a short
 * one where that is wanted. Lives on one event loop.
 */
final class Pump {

  private final ReadStream<Buffer> from;
  private final WriteStream<Buffer> to;
  private final int copyMax;
  private final boolean holdsLast;
  private Buffer copy = Buffer.buffer();
  private boolean whole = true;
  private Optional<Buffer> held = Optional.empty();

  /**
   * @param copyMax bytes; a longer body is not kept
   * @param holdsLast whether the last piece is left to the caller, see {@link #held}
   */
  Pump(ReadStream<Buffer> from, WriteStream<Buffer> to, int copyMax, boolean holdsLast) {
    this.from = from;
    this.to = to;
    this.copyMax = copyMax;
    this.holdsLast = holdsLast;
  }

  /**
   * Begins; the source must be paused.
   *
   * @param end called after the last piece has come
   */
  void begin(Runnable end) {
    from.handler(this::piece);
    from.endHandler(nothing -> end.run());
    from.resume();
  }

  private void piece(Buffer piece) {
    if (copyMax > 0) {
      keep(piece);
    }
    if (holdsLast) {
      held.ifPresent(this::write);
      held = Optional.of(piece);
    } else {
      write(piece);
    }
  }

  private void write(Buffer piece) {
    to.write(piece);
    if (to.writeQueueFull()) {
      from.pause();
      to.drainHandler(nothing -> from.resume());
    }
  }

  private void keep(Buffer piece) {
    if (whole && copy.length() + piece.length() <= copyMax) {
      copy.appendBuffer(piece);
    } else if (whole) {
      whole = false;
      copy = Buffer.buffer();
    }
  }

  /** The whole body; empty when it was longer than is kept. */
  Optional<byte[]> copy() {
    return whole ? Optional.of(copy.getBytes()) : Optional.empty();
  }

  /** The last piece, which has not been written. */
  Optional<Buffer> held() {
    return held;
  }
}
