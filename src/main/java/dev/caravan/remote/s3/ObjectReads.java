package dev.caravan.remote.s3;

import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.s3.wire.ObjectStream;
import dev.caravan.remote.s3.wire.S3Reply;
import dev.caravan.remote.s3.wire.S3Request;
import java.io.InputStream;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/** Looks objects up and reads them. */
final class ObjectReads {

  private final S3Connection s3;

  /** Once the bucket has answered for itself, a 404 means the object. */
  private volatile boolean bucketSeen;

  ObjectReads(S3Connection s3) {
    this.s3 = s3;
  }

  Optional<ObjectStat> find(ObjectKey key) throws RemoteException {
    return find(key, head(key));
  }

  /** One version of it; {@code null} is the name of what was put while none were kept. */
  Optional<ObjectStat> find(ObjectKey key, String version) throws RemoteException {
    return find(key, head(key).query("versionId", version));
  }

  private Optional<ObjectStat> find(ObjectKey key, S3Request request) throws RemoteException {
    try (S3Reply reply = s3.transport().exchange(request)) {
      if (reply.isGood()) {
        bucketSeen = true;
        return Optional.of(stat(key, reply));
      }
      if (reply.status() == 404) {
        ensureBucket();
        return Optional.empty();
      }
      throw explain(key, s3.errors().refused(request, reply));
    }
  }

  /** The headers that an object was put with, as the server gives them. */
  S3Reply headers(ObjectKey key) throws RemoteException {
    return s3.transport().send(head(key));
  }

  Optional<String> customerEncryption(ObjectKey key) throws RemoteException {
    S3Request request = head(key);
    try (S3Reply reply = s3.transport().exchange(request)) {
      if (reply.isGood()) {
        return reply.header("x-amz-server-side-encryption-customer-algorithm");
      }
      if (reply.status() == 404) {
        return Optional.empty();
      }
      throw explain(key, s3.errors().refused(request, reply));
    }
  }

  /** Throws unless the bucket is there and may be listed. */
  void ensureBucket() throws RemoteException {
    if (bucketSeen) {
      return;
    }
    S3Request request =
        S3Request.get("")
            .query("list-type", "2")
            .query("max-keys", "1")
            .query("prefix", s3.address().prefix());
    s3.transport().send(request).close();
    bucketSeen = true;
  }

  /** One whole version of it. */
  InputStream open(ObjectKey key, String version) throws RemoteException {
    S3Request request = S3Request.get(s3.address().fullKey(key.value()));
    request.query("versionId", version).headers(s3.headers().opening());
    S3Reply reply = s3.transport().exchange(request);
    try {
      return stream(request, reply, 0, -1);
    } catch (RemoteException | RuntimeException e) {
      reply.abort();
      reply.close();
      throw e;
    }
  }

  /** The rest of exactly this object; a server that overlooks the condition is found out. */
  InputStream open(ObjectStat seen, long offset) throws RemoteException {
    ObjectKey key = seen.key();
    String etag = seen.etag().orElseThrow(() -> missing(key));
    S3Request request = S3Request.get(s3.address().fullKey(key.value()));
    request.headers(s3.headers().opening()).header("If-Match", '"' + etag + '"');
    if (offset > 0) {
      request.header("Range", "bytes=" + offset + "-");
    }
    S3Reply reply = s3.transport().exchange(request);
    try {
      boolean other = reply.isGood() && !reply.etag().equals(seen.etag());
      if (other || reply.status() == 412 || reply.status() == 416) {
        throw s3.errors()
            .of(Cause.NO_SUCH_OBJECT, request.toString(), "it is another by now", "none needed");
      }
      return stream(request, reply, offset, -1);
    } catch (RemoteException | RuntimeException e) {
      reply.abort();
      reply.close();
      throw e;
    }
  }

  InputStream open(ObjectKey key, long offset, long length) throws RemoteException {
    if (length == 0) {
      if (find(key).isEmpty()) {
        throw missing(key);
      }
      return InputStream.nullInputStream();
    }
    S3Request request = S3Request.get(s3.address().fullKey(key.value()));
    request.headers(s3.headers().opening());
    boolean ranged = offset > 0 || length > 0;
    if (ranged) {
      String last = length < 0 ? "" : Long.toString(offset + length - 1);
      request.header("Range", "bytes=" + offset + "-" + last);
    }
    S3Reply reply = s3.transport().exchange(request);
    try {
      if (reply.status() == 416) {
        return nothing(key, request, offset, length);
      }
      return stream(request, reply, offset, length);
    } catch (RemoteException | RuntimeException e) {
      reply.abort();
      reply.close();
      throw e;
    }
  }

  /** A range that begins right at the end is empty; servers refuse it. */
  private InputStream nothing(ObjectKey key, S3Request request, long offset, long length)
      throws RemoteException {
    ObjectStat stat = find(key).orElseThrow(() -> missing(key));
    if (length < 0 && stat.sizeBytes() == offset) {
      return InputStream.nullInputStream();
    }
    throw s3.errors().corrupt(request.toString(), "it has only " + stat.sizeBytes() + " bytes");
  }

  private InputStream stream(S3Request request, S3Reply reply, long offset, long length)
      throws RemoteException {
    if (!reply.isGood()) {
      throw s3.errors().refused(request, reply);
    }
    long promised = promised(request, reply);
    if (offset > 0 && reply.status() != 206) {
      throw s3.errors()
          .of(Cause.UNSUPPORTED, request.toString(), "the server ignored the range", "none known");
    }
    if (length >= 0 && promised < length) {
      throw s3.errors()
          .corrupt(request.toString(), "only " + promised + " of " + length + " bytes are there");
    }
    return new ObjectStream(reply, s3.errors(), request, length < 0 ? promised : length);
  }

  private long promised(S3Request request, S3Reply reply) throws RemoteException {
    try {
      return Long.parseLong(reply.header("Content-Length").orElse(""));
    } catch (NumberFormatException e) {
      throw s3.errors()
          .of(Cause.SERVER, request.toString(), "no Content-Length was sent", "it is tried again");
    }
  }

  private ObjectStat stat(ObjectKey key, S3Reply reply) throws RemoteException {
    return new ObjectStat(
        key,
        promised(head(key), reply),
        reply
            .header(ObjectHeaders.MTIME)
            .flatMap(ObjectHeaders::parseTime)
            .orElseGet(() -> lastModified(reply)),
        reply.etag(),
        reply.version(),
        reply.header(ObjectHeaders.SHA256).filter(s -> s.length() == 64));
  }

  private static Instant lastModified(S3Reply reply) {
    try {
      return ZonedDateTime.parse(
              reply.header("Last-Modified").orElse(""), DateTimeFormatter.RFC_1123_DATE_TIME)
          .toInstant();
    } catch (DateTimeException e) {
      return Instant.EPOCH;
    }
  }

  private S3Request head(ObjectKey key) {
    return S3Request.head(s3.address().fullKey(key.value())).headers(s3.headers().opening());
  }

  /** A refused HEAD has no document that says why; a GET of one byte has. */
  private RemoteException explain(ObjectKey key, RemoteException refused) {
    if (refused.reason().isTransient()) {
      return refused;
    }
    S3Request request = S3Request.get(s3.address().fullKey(key.value()));
    request.headers(s3.headers().opening()).header("Range", "bytes=0-0");
    try (S3Reply reply = s3.transport().exchange(request)) {
      boolean told = !reply.isGood() && !reply.error().code().isEmpty() && reply.status() != 416;
      return told ? s3.errors().refused(request, reply) : refused;
    } catch (RemoteException e) {
      return refused;
    }
  }

  private RemoteException missing(ObjectKey key) {
    return s3.errors()
        .of(Cause.NO_SUCH_OBJECT, "reading '" + key + "'", "HTTP 404", "the object is not there");
  }
}
