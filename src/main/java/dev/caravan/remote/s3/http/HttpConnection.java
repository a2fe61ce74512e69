package dev.caravan.remote.s3.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * One connection, used by one request at a time. Head and body leave together where they fit into
 * one buffer.
 */
final class HttpConnection {

  private static final int OUT_BYTES = 64 * 1024;
  private static final int SLICE_BYTES = 16 * 1024;

  /** How long a refusal is waited for before a body is sent that it could have spared. */
  private static final int ASK_MILLIS = 1_000;

  /** How long what a server said before it closed is looked for. */
  private static final int LATE_MILLIS = 2_000;

  private final Socket raw;
  private final Socket socket;
  private final OutputStream out;
  private final AnswerReader in;
  private final byte[] buffer = new byte[OUT_BYTES];
  private volatile long idleSinceNanos = System.nanoTime();
  private volatile long writesUntilNanos;
  private volatile boolean stalled;
  private boolean cut;

  /**
   * @param raw what bytes go through
   * @param socket the same, or TLS over it
   */
  HttpConnection(Socket raw, Socket socket) throws IOException {
    this.raw = raw;
    this.socket = socket;
    this.out = socket.getOutputStream();
    this.in = new AnswerReader(socket.getInputStream());
  }

  /** Sends a request and returns the head of its answer; the body, if any, is next to be read. */
  AnswerHead exchange(HttpCall call) throws IOException {
    boolean invited = !call.asksFirst();
    int patience = (int) Math.min(Integer.MAX_VALUE, call.patience().toMillis());
    socket.setSoTimeout(patience);
    try {
      int held = begin(call, patience);
      if (call.asksFirst() && isAnsweredWithin(ASK_MILLIS, patience)) {
        AnswerHead first = in.head();
        if (!first.isInterim()) {
          cut = true;
          return refusal(first);
        }
        invited = true;
      }
      sendBody(call, held, patience);
    } catch (IOException e) {
      if (!cut) {
        throw e;
      }
      return refusalBehind(e);
    }
    AnswerHead answer = in.head();
    while (answer.isInterim()) {
      invited = true;
      answer = in.head();
    }
    // A server that refused late may take the body for another request, and answer that as well.
    cut |= !invited && answer.status() >= 300;
    return answer;
  }

  private static AnswerHead refusal(AnswerHead answer) throws ProtocolException {
    if (answer.status() < 300) {
      throw new ProtocolException(answer.status() + " came before the body was sent");
    }
    return answer;
  }

  /** True when not all of the request was sent: nothing can follow it. */
  boolean isCut() {
    return cut;
  }

  /** Where the body of the answer comes from. */
  AnswerReader in() {
    return in;
  }

  /** Puts the head into the buffer and returns how many bytes of it are left there to be sent. */
  private int begin(HttpCall call, int patience) throws IOException {
    byte[] head = call.head();
    int at = 0;
    for (; head.length - at > OUT_BYTES; at += OUT_BYTES) {
      System.arraycopy(head, at, buffer, 0, OUT_BYTES);
      write(OUT_BYTES, patience);
    }
    int held = head.length - at;
    System.arraycopy(head, at, buffer, 0, held);
    if (call.asksFirst()) {
      write(held, patience);
      held = 0;
    }
    return held;
  }

  private void sendBody(HttpCall call, int held, int patience) throws IOException {
    int filled = held;
    long left = call.bodyBytes();
    InputStream body = left > 0 ? call.body().open() : InputStream.nullInputStream();
    while (left > 0) {
      if (filled == OUT_BYTES) {
        write(filled, patience);
        filled = 0;
      }
      int n = body.read(buffer, filled, (int) Math.min(left, OUT_BYTES - filled));
      if (n < 0) {
        throw new EOFException(left + " bytes of the body are missing");
      }
      filled += n;
      left -= n;
    }
    if (filled > 0) {
      write(filled, patience);
    }
  }

  /** In slices, so that a slow line makes visible progress within the time that is allowed. */
  private void write(int bytes, int patience) throws IOException {
    try {
      for (int at = 0; at < bytes; at += SLICE_BYTES) {
        writesUntilNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patience) | 1;
        out.write(buffer, at, Math.min(SLICE_BYTES, bytes - at));
      }
    } catch (IOException e) {
      cut = true;
      if (stalled) {
        throw new SocketTimeoutException("nothing was taken for " + patience / 1000 + " s");
      }
      throw e;
    } finally {
      writesUntilNanos = 0;
    }
  }

  /** A server that refuses a body says why and closes; what it said may have arrived. */
  private AnswerHead refusalBehind(IOException broken) throws IOException {
    if (!stalled) {
      try {
        socket.setSoTimeout(LATE_MILLIS);
        AnswerHead answer = in.finalHead();
        if (answer.status() >= 400) {
          return answer;
        }
      } catch (IOException e) {
        broken.addSuppressed(e);
      }
    }
    throw broken;
  }

  private boolean isAnsweredWithin(int millis, int patience) throws IOException {
    socket.setSoTimeout(millis);
    try {
      in.fill();
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    } finally {
      socket.setSoTimeout(patience);
    }
  }

  /** Ends a connection whose other side has taken nothing for as long as the request allows. */
  void endIfStalled() {
    long until = writesUntilNanos;
    if (until != 0 && System.nanoTime() - until > 0) {
      stalled = true;
      close();
    }
  }

  void rest() {
    idleSinceNanos = System.nanoTime();
  }

  boolean hasRested(Duration time) {
    return System.nanoTime() - idleSinceNanos > time.toNanos();
  }

  /** True when the other side has closed, or says something that nobody asked for. */
  boolean isStale() {
    try {
      return isAnsweredWithin(1, 1);
    } catch (IOException e) {
      return true;
    }
  }

  /** At once, whoever uses it: the socket under TLS is closed, which waits for nobody. */
  void close() {
    try {
      raw.close();
    } catch (IOException e) {
      // It is given up anyway.
    }
  }
}
