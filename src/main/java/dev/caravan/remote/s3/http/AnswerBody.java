package dev.caravan.remote.s3.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.util.function.Consumer;

/**
 * The body of one answer: so many bytes, or chunks (RFC 9112, section 7.1), or whatever comes until
 * the connection ends. What is left when it is closed is read if it is little; else the connection
 * ends.
 */
final class AnswerBody extends InputStream {

  private static final int DRAINED_BYTES = 64 * 1024;
  private static final int MAX_LINE = 16 * 1024;

  private final AnswerReader in;
  private final Consumer<Boolean> done;
  private final boolean chunked;

  /** Of the body, or of the chunk; negative for a body that ends with the connection. */
  private long left;

  private boolean inChunks;
  private boolean ended;
  private boolean closed;
  private boolean broken;

  /**
   * @param bytes how many, or one of the constants of {@link AnswerHead}
   * @param done told once whether the connection can be used again
   */
  AnswerBody(AnswerReader in, long bytes, Consumer<Boolean> done) {
    this.in = in;
    this.done = done;
    this.chunked = bytes == AnswerHead.CHUNKED;
    this.left = chunked ? 0 : bytes;
    if (bytes == 0) {
      finish(true);
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (closed && !ended) {
      throw new IOException("the answer was closed");
    }
    boolean read = false;
    try {
      int n = readOn(into, offset, length);
      read = true;
      return n;
    } finally {
      broken |= !read;
    }
  }

  private int readOn(byte[] into, int offset, int length) throws IOException {
    if (chunked && left == 0 && !ended) {
      nextChunk();
    }
    if (ended) {
      return -1;
    }
    int n = in.read(into, offset, left < 0 ? length : (int) Math.min(length, left));
    if (n < 0) {
      if (left > 0) {
        throw new EOFException(left + " bytes of the answer are missing");
      }
      finish(false);
      return -1;
    }
    if (left > 0) {
      left -= n;
      if (left == 0 && !chunked) {
        finish(true);
      }
    }
    return n;
  }

  private void nextChunk() throws IOException {
    if (inChunks && !in.line(MAX_LINE).isEmpty()) {
      throw new ProtocolException("a chunk is longer than it says");
    }
    inChunks = true;
    String line = in.line(MAX_LINE);
    int extension = line.indexOf(';');
    String size = (extension < 0 ? line : line.substring(0, extension)).strip();
    try {
      left = Long.parseLong(size, 16);
    } catch (NumberFormatException e) {
      throw new ProtocolException("a chunk of '" + size + "' bytes");
    }
    if (left < 0) {
      throw new ProtocolException("a chunk of a negative length");
    }
    if (left == 0) {
      // Trailers, if any, say nothing that is needed.
      String trailer = in.line(MAX_LINE);
      while (!trailer.isEmpty()) {
        trailer = in.line(MAX_LINE);
      }
      finish(true);
    }
  }

  private void finish(boolean reusable) {
    if (!ended) {
      ended = true;
      if (!closed) {
        closed = true;
        done.accept(reusable && in.isEmpty());
      }
    }
  }

  /** Ends the connection. */
  void abort() {
    if (!closed) {
      closed = true;
      done.accept(false);
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    try {
      byte[] scrap = new byte[4096];
      int drained = 0;
      while (!broken && left >= 0 && left <= DRAINED_BYTES && drained <= DRAINED_BYTES) {
        int n = read(scrap, 0, scrap.length);
        if (n < 0) {
          return;
        }
        drained += n;
      }
    } catch (IOException e) {
      // The answer was read as far as it mattered; a connection that breaks now harms nobody.
    }
    abort();
  }
}
