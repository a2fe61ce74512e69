package dev.caravan.remote.s3;

import dev.caravan.event.ObjectContent;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.StoredObject;
import dev.caravan.remote.StoredObject.Proof;
import dev.caravan.remote.s3.wire.Digests;
import dev.caravan.remote.s3.wire.RequestBody;
import dev.caravan.remote.s3.wire.S3Reply;
import dev.caravan.remote.s3.wire.S3Request;
import java.io.IOException;

/** Stores a file with one request. */
final class SinglePut {

  private final S3Connection s3;
  private final ReadBack readBack;

  SinglePut(S3Connection s3, ReadBack readBack) {
    this.s3 = s3;
    this.readBack = readBack;
  }

  StoredObject put(ObjectKey key, ObjectContent content, S3Abilities can)
      throws RemoteException, IOException {
    S3Request request = request(key, content, can);
    if (content.sizeBytes() == 0) {
      // There is no last byte that could be withheld.
      content.ensureUnchanged();
    }
    try (S3Reply reply = s3.transport().sendFile(request)) {
      if (reply.etag().isEmpty()) {
        throw s3.errors()
            .of(Cause.SERVER, request.toString(), "no ETag came", "this is no answer of S3");
      }
      Proof proof = can.proof();
      if (proof == Proof.SIZE_ONLY) {
        proof = proveOtherwise(key, content, reply);
      }
      return new StoredObject(reply.etag(), reply.version(), proof);
    }
  }

  /**
   * Stores a short content where nothing lies yet.
   *
   * @return false when something lies there, or is being put there
   */
  boolean create(ObjectKey key, ObjectContent content, S3Abilities can)
      throws RemoteException, IOException {
    S3Request request = request(key, content, can).header("If-None-Match", "*");
    try (S3Reply reply = s3.transport().exchange(request)) {
      if (reply.status() == 412 || reply.status() == 409) {
        return false;
      }
      if (!reply.isGood()) {
        throw s3.errors().refused(request, reply);
      }
      return true;
    }
  }

  private S3Request request(ObjectKey key, ObjectContent content, S3Abilities can)
      throws IOException {
    long size = content.sizeBytes();
    S3Request request = S3Request.put(s3.address().fullKey(key.value()));
    s3.headers().describe(request, content, !s3.headers().isEtagMd5());
    request.headers(s3.headers().creating());
    if (can.sha256()) {
      String checksum = Digests.base64(Digests.unhex(content.sha256()));
      request.header("x-amz-checksum-sha256", checksum);
    }
    if (can.needsMd5()) {
      request.header("Content-MD5", Digests.base64(content.md5()));
    }
    request.body(new RequestBody(size, content.sha256(), () -> content.open(0, size)));
    return request;
  }

  /** The server's ETag is the MD5 of what arrived, or else the object is read again. */
  private Proof proveOtherwise(ObjectKey key, ObjectContent content, S3Reply reply)
      throws RemoteException, IOException {
    String etag = reply.etag().orElse("");
    if (s3.headers().isEtagMd5() && etag.equals(Digests.hex(content.md5()))) {
      return Proof.SERVER_CHECKED;
    }
    reply.close();
    readBack.prove(key, content);
    return Proof.READ_BACK;
  }
}
