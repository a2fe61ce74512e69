package dev.caravan.remote.s3;

import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.s3.wire.Digests;
import dev.caravan.remote.s3.wire.RequestBody;
import dev.caravan.remote.s3.wire.S3Reply;
import dev.caravan.remote.s3.wire.S3Request;
import dev.caravan.remote.s3.wire.S3Xml;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.stream.XMLStreamException;

/** Deletes up to 1,000 objects with one request, each with its own outcome. */
final class DeleteBatch {

  private final S3Connection s3;

  DeleteBatch(S3Connection s3) {
    this.s3 = s3;
  }

  Map<ObjectKey, RemoteException> delete(Collection<ObjectKey> keys) throws RemoteException {
    Map<ObjectKey, RemoteException> failed = new LinkedHashMap<>();
    List<ObjectKey> batch = new ArrayList<>(keys.size());
    for (ObjectKey key : keys) {
      if (S3Xml.canCarry(key.value())) {
        batch.add(key);
      } else {
        deleteOne(key, failed);
      }
    }
    if (!batch.isEmpty()) {
      deleteMany(batch, failed);
    }
    return failed;
  }

  private void deleteOne(ObjectKey key, Map<ObjectKey, RemoteException> failed)
      throws RemoteException {
    S3Request request = S3Request.delete(s3.address().fullKey(key.value()));
    S3Reply reply = s3.transport().exchange(request);
    reply.close();
    if (reply.isGood() || reply.status() == 404) {
      return;
    }
    RemoteException refused = s3.errors().refused(request, reply);
    if (refused.reason().concernsWholeRemote()) {
      throw refused;
    }
    failed.put(key, refused);
  }

  private void deleteMany(List<ObjectKey> keys, Map<ObjectKey, RemoteException> failed)
      throws RemoteException {
    byte[] body = document(keys).getBytes(StandardCharsets.UTF_8);
    S3Request request =
        S3Request.post("")
            .query("delete", "")
            .header("Content-Type", "application/xml")
            .header("Content-MD5", Digests.base64(Digests.md5().digest(body)))
            .body(RequestBody.of(body))
            .patient();
    Answer answer = new Answer();
    try (S3Reply reply = s3.transport().exchange(request)) {
      if (reply.status() == 501) {
        // A server without batches.
        for (ObjectKey key : keys) {
          deleteOne(key, failed);
        }
        return;
      }
      if (!reply.isGood()) {
        throw s3.errors().refused(request, reply);
      }
      String root = S3Xml.read(reply.body(), answer);
      if (!root.equals("DeleteResult")) {
        throw new XMLStreamException("<" + root + "> came instead of <DeleteResult>");
      }
    } catch (XMLStreamException e) {
      throw s3.errors()
          .of(Cause.SERVER, "deleting", "the answer cannot be read", "it is tried again");
    } catch (IOException e) {
      throw s3.errors().broken(request, e);
    }
    answer.sort(keys, failed);
  }

  /** Quiet: only what failed is listed in the answer. */
  private String document(List<ObjectKey> keys) {
    StringBuilder xml = new StringBuilder(64 * keys.size() + 128);
    xml.append("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    xml.append("<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>");
    for (ObjectKey key : keys) {
      xml.append("<Object><Key>");
      S3Xml.escape(xml, s3.address().fullKey(key.value()));
      xml.append("</Key></Object>");
    }
    return xml.append("</Delete>").toString();
  }

  private final class Answer implements S3Xml.Visitor {
    private final Map<String, RemoteException> errors = new HashMap<>();
    private final Map<String, String> fields = new HashMap<>();

    @Override
    public void end(String parent, String name, String text) {
      if (parent.equals("Error")) {
        fields.put(name, text);
      } else if (name.equals("Error")) {
        String code = fields.getOrDefault("Code", "");
        if (!code.equals("NoSuchKey") && !code.equals("NoSuchVersion")) {
          String key = fields.getOrDefault("Key", "");
          String message = fields.getOrDefault("Message", "");
          errors.put(key, s3.errors().refusedEntry("deleting '" + key + "'", code, message));
        }
        fields.clear();
      }
    }

    void sort(List<ObjectKey> keys, Map<ObjectKey, RemoteException> failed) throws RemoteException {
      for (ObjectKey key : keys) {
        RemoteException error = errors.remove(s3.address().fullKey(key.value()));
        if (error != null) {
          failed.put(key, error);
        }
      }
      for (RemoteException unknown : errors.values()) {
        // About none of the keys that were sent: nothing is known to be deleted then.
        throw unknown;
      }
    }
  }
}
