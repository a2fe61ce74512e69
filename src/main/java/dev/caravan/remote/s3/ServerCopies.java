package dev.caravan.remote.s3;

import dev.caravan.event.ObjectContent;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.UploadJournal;
import dev.caravan.remote.s3.wire.S3Document;
import dev.caravan.remote.s3.wire.S3Keys;
import dev.caravan.remote.s3.wire.S3Reply;
import dev.caravan.remote.s3.wire.S3Request;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Copies objects within the bucket by the server, and moves them: then the old keys are deleted.
 */
final class ServerCopies {

  private static final String SOURCE = "x-amz-copy-source";
  private static final List<String> DESCRIPTION =
      List.of(
          "Content-Type",
          ObjectHeaders.MTIME,
          ObjectHeaders.SHA256,
          ObjectHeaders.MD5,
          ObjectHeaders.MODE,
          ObjectHeaders.UID,
          ObjectHeaders.GID);

  private final S3Connection s3;
  private final Crew crew;
  private final ObjectReads reads;
  private final Uploads uploads;
  private final DeleteBatch deletes;
  private final long copyPart;

  /** Once a copy was seen to have beside it what lay beside its source. */
  private volatile boolean carries;

  ServerCopies(
      S3Connection s3,
      Crew crew,
      ObjectReads reads,
      Uploads uploads,
      DeleteBatch deletes,
      long copyPart) {
    this.s3 = s3;
    this.crew = crew;
    this.reads = reads;
    this.uploads = uploads;
    this.deletes = deletes;
    this.copyPart = copyPart;
  }

  /**
   * Copies the very version that was proven and says what lies under the new key then.
   *
   * @return empty when the server cannot copy, as Ceph what is encrypted with a customer's key
   */
  Optional<ObjectStat> copy(ObjectStat from, ObjectKey to) throws RemoteException {
    return copy(from, to, false);
  }

  /**
   * The same; but once the server was seen to carry along what is recorded beside objects, its word
   * is taken where it names the ETag of what was proven: then it is the same content. Elsewhere, as
   * with most encryption, the copy is asked for.
   */
  Optional<ObjectStat> copyOnWord(ObjectStat from, ObjectKey to) throws RemoteException {
    return copy(from, to, from.sha256().isPresent());
  }

  private Optional<ObjectStat> copy(ObjectStat from, ObjectKey to, boolean onWord)
      throws RemoteException {
    String etag =
        from.etag()
            .orElseThrow(
                () ->
                    s3.errors()
                        .of(
                            Cause.UNSUPPORTED,
                            "copying '" + from.key() + "'",
                            "its ETag is not known",
                            "it is sent instead"));
    try {
      return copyVersion(from, to, etag, onWord);
    } catch (IOException e) {
      throw new IllegalStateException("A copy at the server reads no file", e);
    }
  }

  private Optional<ObjectStat> copyVersion(
      ObjectStat from, ObjectKey to, String etag, boolean onWord)
      throws RemoteException, IOException {
    S3Request request = copying(S3Request.put(fullKey(to)), from.key());
    String quoted = '"' + etag + '"';
    request.header(SOURCE + "-if-match", quoted).headers(s3.headers().creating());
    S3Reply reply = s3.transport().exchange(request.patient());
    if (reply.status() == 501) {
      return Optional.empty();
    }
    if (isTooBig(reply)) {
      copyInParts(from.key(), to, Optional.of(quoted));
    } else {
      Optional<String> version = reply.version();
      S3Document said = S3Document.read(s3.transport(), request, reply, "CopyObjectResult");
      if (onWord && carries && S3Reply.unquote(said.field("ETag")).equals(etag)) {
        return Optional.of(
            new ObjectStat(
                to, from.sizeBytes(), from.modifiedAt(), from.etag(), version, from.sha256()));
      }
    }
    ObjectStat copy = confirm(to, from.sizeBytes());
    carries |= onWord && copy.sha256().equals(from.sha256());
    return Optional.of(copy);
  }

  /**
   * Writes anew what is recorded beside an object, by a copy of it onto itself; where the same is
   * recorded already, nothing is done.
   *
   * @return empty when the server cannot copy it so, as what is bigger than 5 GiB
   */
  Optional<ObjectStat> describe(ObjectStat held, ObjectContent content) throws RemoteException {
    ObjectKey key = held.key();
    Map<String, String> traits = ObjectHeaders.traits(content);
    S3Request request = copying(S3Request.put(fullKey(key)), key);
    String etag;
    try (S3Reply there = reads.headers(key)) {
      etag = there.etag().orElse("");
      boolean same =
          traits.entrySet().stream()
              .allMatch(each -> there.header(each.getKey()).equals(Optional.of(each.getValue())));
      if (held.etag().isEmpty() || !held.etag().get().equals(etag)) {
        Optional<ObjectStat> ours = same ? findOurs(held) : Optional.empty();
        if (ours.isPresent()) {
          return ours;
        }
        throw s3.errors()
            .of(
                Cause.NO_SUCH_OBJECT,
                "describing '" + key + "'",
                "another object lies there",
                "the file is sent again");
      }
      if (same) {
        return Optional.of(held);
      }
      for (String name : DESCRIPTION) {
        if (!traits.containsKey(name)) {
          there.header(name).ifPresent(value -> request.header(name, value));
        }
      }
    }
    request
        .headers(traits)
        .header("x-amz-metadata-directive", "REPLACE")
        .header(SOURCE + "-if-match", "\"" + etag + "\"")
        .headers(s3.headers().creating());
    S3Reply reply = s3.transport().exchange(request.patient());
    if (reply.status() == 501 || isTooBig(reply)) {
      reply.close();
      return Optional.empty();
    }
    S3Document.read(s3.transport(), request, reply, "CopyObjectResult");
    return Optional.of(confirm(key, held.sizeBytes()));
  }

  /** What an earlier copy onto itself made whose answer did not come: the same bytes, described. */
  private Optional<ObjectStat> findOurs(ObjectStat held) throws RemoteException {
    return reads
        .find(held.key())
        .filter(stat -> stat.sizeBytes() == held.sizeBytes())
        .filter(stat -> stat.sha256().isPresent() && stat.sha256().equals(held.sha256()));
  }

  Map<ObjectKey, RemoteException> move(Map<ObjectKey, ObjectKey> moves, int hands)
      throws RemoteException {
    List<Map.Entry<ObjectKey, ObjectKey>> all = List.copyOf(moves.entrySet());
    Map<ObjectKey, RemoteException> failed = new ConcurrentHashMap<>();
    Set<ObjectKey> copied = ConcurrentHashMap.newKeySet();
    try {
      crew.work(
          all.size(),
          hands,
          index -> {
            ObjectKey from = all.get(index).getKey();
            if (copyNoting(from, all.get(index).getValue(), failed)) {
              copied.add(from);
            }
          });
    } catch (IOException e) {
      throw new IllegalStateException("A copy at the server reads no file", e);
    }
    if (!copied.isEmpty()) {
      failed.putAll(deletes.delete(copied));
    }
    Map<ObjectKey, RemoteException> inOrder = new LinkedHashMap<>();
    for (ObjectKey from : moves.keySet()) {
      RemoteException failure = failed.get(from);
      if (failure != null) {
        inOrder.put(from, failure);
      }
    }
    return Collections.unmodifiableMap(inOrder);
  }

  /** True when the object now lies under both keys. */
  private boolean copyNoting(ObjectKey from, ObjectKey to, Map<ObjectKey, RemoteException> failed)
      throws RemoteException, IOException {
    try {
      if (!from.equals(to)) {
        copy(from, to);
        return true;
      }
    } catch (RemoteException e) {
      if (e.reason().concernsWholeRemote() || e.reason() == Cause.CANCELLED) {
        throw e;
      }
      if (e.reason() != Cause.NO_SUCH_OBJECT) {
        failed.put(from, e);
      }
    }
    return false;
  }

  private void copy(ObjectKey from, ObjectKey to) throws RemoteException, IOException {
    S3Request request = copying(S3Request.put(fullKey(to)), from);
    request.headers(s3.headers().creating());
    S3Reply reply = s3.transport().exchange(request.patient());
    if (isTooBig(reply)) {
      copyInParts(from, to, Optional.empty());
    } else if (reply.status() == 501) {
      // Ceph 16 cannot copy what is encrypted with a customer's key.
      copyThroughHere(from, to, s3.errors().refused(request, reply));
    } else {
      S3Document.read(s3.transport(), request, reply, "CopyObjectResult");
    }
  }

  /** Servers refuse to copy more than 5 GiB at once, in one of these ways. */
  private static boolean isTooBig(S3Reply reply) {
    String code = reply.error().code();
    boolean invalid = code.equals("InvalidRequest") || code.equals("InvalidArgument");
    return code.equals("EntityTooLarge")
        || (invalid && reply.error().message().contains("larger than"));
  }

  /**
   * Copies an object of any size above 0; what is recorded beside it must be sent again.
   *
   * @param wanted the ETag that it must have; empty for any
   */
  void copyInParts(ObjectKey from, ObjectKey to, Optional<String> wanted)
      throws RemoteException, IOException {
    S3Request create = S3Request.post(fullKey(to)).headers(s3.headers().creating());
    long size;
    String etag;
    try (S3Reply source = reads.headers(from)) {
      for (String name : DESCRIPTION) {
        source.header(name).ifPresent(value -> create.header(name, value));
      }
      size = Long.parseLong(source.header("Content-Length").orElse("0"));
      etag = wanted.or(() -> source.header("ETag")).orElse("");
    }
    long partSize = S3Limits.partSize(size, copyPart);
    uploads
        .multiparts()
        .run(
            to,
            create,
            uploadId -> {
              List<UploadJournal.Part> parts = new ArrayList<>();
              for (long first = 0; first < size; first += partSize) {
                String range = "bytes=" + first + "-" + (Math.min(size, first + partSize) - 1);
                S3Request part =
                    copying(S3Request.put(fullKey(to)), from)
                        .query("partNumber", Integer.toString(parts.size() + 1))
                        .query("uploadId", uploadId)
                        .header(SOURCE + "-range", range)
                        .header(SOURCE + "-if-match", etag)
                        .headers(s3.headers().opening());
                parts.add(copyPart(part));
              }
              uploads.multiparts().complete(fullKey(to), uploadId, parts);
              return confirm(to, size);
            });
  }

  private void copyThroughHere(ObjectKey from, ObjectKey to, RemoteException refused)
      throws RemoteException, IOException {
    ObjectStat stat = reads.find(from).orElseThrow(() -> refused);
    String sha256 = stat.sha256().orElseThrow(() -> refused);
    try {
      uploads.put(to, new RemoteContent(reads, stat, sha256));
    } catch (IOException e) {
      throw e.getCause() instanceof RemoteException known ? known : refused;
    }
  }

  private UploadJournal.Part copyPart(S3Request request) throws RemoteException {
    S3Document answer =
        S3Document.ask(s3.transport(), request.patient(), "CopyPartResult", "CopyObjectResult");
    return new UploadJournal.Part(answer.need("ETag", s3.transport(), request), "");
  }

  private ObjectStat confirm(ObjectKey to, long size) throws RemoteException {
    return reads
        .find(to)
        .filter(stat -> stat.sizeBytes() == size)
        .orElseThrow(
            () -> s3.errors().corrupt("copying to '" + to + "'", "the copy is not complete"));
  }

  private S3Request copying(S3Request request, ObjectKey from) {
    String source = "/" + s3.address().bucket() + "/" + S3Keys.encode(fullKey(from));
    return request.header(SOURCE, source).headers(s3.headers().copying());
  }

  private String fullKey(ObjectKey key) {
    return s3.address().fullKey(key.value());
  }
}
