package dev.caravan.store;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Computes a second digest on a thread of its own while the caller reads and computes the first: a
 * slow MD5 costs no time on top then. Four buffers go round.
 */
final class DigestLane implements AutoCloseable {
  private static final int BUFFERS = 4;

  private final MessageDigest digest;
  private final BlockingQueue<ByteBuffer> free = new ArrayBlockingQueue<>(BUFFERS);
  private final BlockingQueue<ByteBuffer> full = new ArrayBlockingQueue<>(BUFFERS + 1);
  private final Thread thread;
  private volatile Optional<Throwable> failure = Optional.empty();

  DigestLane(MessageDigest digest, int bufferBytes) {
    this.digest = digest;
    for (int i = 0; i < BUFFERS; i++) {
      free.add(ByteBuffer.allocate(bufferBytes));
    }
    this.thread = new Thread(this::run, "caravan-digest");
    thread.setDaemon(true);
    thread.start();
  }

  /** An empty buffer to fill; waits until the lane is done with one. */
  ByteBuffer take() throws IOException {
    try {
      return free.take().clear();
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  /** Hands over bytes, never none; the caller may go on reading them until it takes the next. */
  void put(ByteBuffer filled) throws IOException {
    try {
      full.put(filled);
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  /** Waits for the end and returns the digest. */
  byte[] finish() throws IOException {
    put(ByteBuffer.allocate(0));
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw interrupted();
    }
    if (failure.isPresent()) {
      throw new IOException("A digest could not be computed", failure.get());
    }
    return digest.digest();
  }

  /** Ends the thread, also where the reading failed. */
  @Override
  public void close() {
    thread.interrupt();
  }

  private void run() {
    try {
      for (ByteBuffer next = full.take(); next.hasRemaining(); next = full.take()) {
        // After a failure buffers still go round, so that the reader never waits for ever.
        if (failure.isEmpty()) {
          update(next);
        }
        free.put(next);
      }
    } catch (InterruptedException e) {
      failure = Optional.of(e);
    }
  }

  private void update(ByteBuffer filled) {
    try {
      digest.update(filled);
    } catch (RuntimeException | Error e) {
      failure = Optional.of(e);
    }
  }

  private static IOException interrupted() {
    Thread.currentThread().interrupt();
    return new InterruptedIOException("Reading was cancelled");
  }
}
