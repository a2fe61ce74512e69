package dev.caravan.control.content;

import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends a part of a file piece by piece, as fast as the client takes it. */
final class FilePump {

  private static final int PIECE = 256 << 10;
  private static final long PATIENCE_MILLIS = 60_000;
  private static final Logger LOG = LoggerFactory.getLogger("caravan.control");

  private final Context context;
  private final FileChannel file;
  private final HttpServerResponse response;
  private long position;
  private long left;
  private long timer = -1;
  private boolean waiting;
  private boolean done;

  FilePump(Context context, FileChannel file, ByteRange part, HttpServerResponse response) {
    this.context = context;
    this.file = file;
    this.response = response;
    this.position = part.offset();
    this.left = part.length();
  }

  /** Begins; closes the file at the end, however it comes. Called on the response's context. */
  void start() {
    response.exceptionHandler(fault -> finish());
    response.closeHandler(nothing -> finish());
    response.drainHandler(nothing -> goOn());
    next();
  }

  private void next() {
    if (done) {
      return;
    }
    if (left == 0) {
      response.end();
      finish();
      return;
    }
    context
        .<Buffer>executeBlocking(this::read, false)
        .onComplete(
            read -> {
              if (read.succeeded()) {
                send(read.result());
              } else {
                breakOff(read.cause().toString());
              }
            });
  }

  private Buffer read() throws IOException {
    ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE, left));
    while (piece.hasRemaining()) {
      if (file.read(piece, position + piece.position()) < 0) {
        throw new IOException("the file became shorter while it was sent");
      }
    }
    return Buffer.buffer(piece.array());
  }

  private void send(Buffer piece) {
    if (done) {
      return;
    }
    position += piece.length();
    left -= piece.length();
    response.write(piece);
    if (response.writeQueueFull()) {
      waiting = true;
      timer = context.owner().setTimer(PATIENCE_MILLIS, id -> breakOff("the client takes nothing"));
    } else {
      next();
    }
  }

  /** Called whenever the queue has run empty, also while a piece is being read. */
  private void goOn() {
    if (waiting) {
      waiting = false;
      context.owner().cancelTimer(timer);
      next();
    }
  }

  /** Less than was announced must not look whole: the connection is cut. */
  private void breakOff(String reason) {
    if (!done) {
      LOG.warn("A file was not sent to its end: {}", reason);
      finish();
      response.reset();
    }
  }

  private void finish() {
    if (done) {
      return;
    }
    done = true;
    context.owner().cancelTimer(timer);
    try {
      file.close();
    } catch (IOException e) {
      LOG.debug("A file could not be closed", e);
    }
  }
}
