package dev.caravan.remote.s3;

import dev.caravan.remote.RemoteException;
import java.io.IOException;
import java.io.InputStream;

/**
 * The bytes of an object as they arrive. Ends with an {@link IOException}, whose cause is a {@link
 * RemoteException}, when fewer arrive than were promised.
 */
final class ObjectStream extends InputStream {

  private final S3Reply reply;
  private final S3Errors errors;
  private final S3Request request;
  private final InputStream in;
  private long left;
  private boolean closed;

  /**
   * @param length how many bytes must arrive; what the server sends beyond is not read
   */
  ObjectStream(S3Reply reply, S3Errors errors, S3Request request, long length) {
    this.reply = reply;
    this.errors = errors;
    this.request = request;
    this.in = reply.body();
    this.left = length;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (left == 0) {
      return -1;
    }
    int n;
    try {
      n = in.read(buffer, offset, (int) Math.min(length, left));
    } catch (IOException e) {
      RemoteException broken = errors.broken(request, e);
      throw new IOException(broken.getMessage(), broken);
    }
    if (n < 0) {
      RemoteException shorter =
          errors.corrupt(request.toString(), left + " bytes fewer arrived than were promised");
      throw new IOException(shorter.getMessage(), shorter);
    }
    left -= n;
    return n;
  }

  /** Gives the connection back when all was read, and ends it otherwise. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (left > 0) {
      reply.abort();
    }
    reply.close();
  }
}
