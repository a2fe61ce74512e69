package dev.caravan.remote.s3;

import dev.caravan.event.ObjectContent;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import java.io.IOException;
import java.io.InputStream;

/** Proves a copy at a server that checks nothing by itself: reads it again and hashes it. */
final class ReadBack {

  private final S3Connection s3;
  private final ObjectReads reads;

  ReadBack(S3Connection s3, ObjectReads reads) {
    this.s3 = s3;
    this.reads = reads;
  }

  /** Throws unless the object is the content, byte for byte. */
  void prove(ObjectKey key, ObjectContent content) throws RemoteException {
    byte[] found;
    try (InputStream in = reads.open(key, 0, -1)) {
      found = Digests.of(Digests.sha256(), in);
    } catch (IOException e) {
      if (e.getCause() instanceof RemoteException known) {
        throw known;
      }
      throw s3.errors().broken(S3Request.get(s3.address().fullKey(key.value())), e);
    }
    if (!Digests.hex(found).equals(content.sha256())) {
      throw s3.errors()
          .corrupt("reading back '" + key + "'", "the object is not what was just sent");
    }
  }
}
