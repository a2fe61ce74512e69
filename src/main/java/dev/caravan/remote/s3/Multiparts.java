package dev.caravan.remote.s3;

import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.UploadJournal;
import dev.caravan.remote.s3.ask.Insistence;
import dev.caravan.remote.s3.wire.RequestBody;
import dev.caravan.remote.s3.wire.S3Document;
import dev.caravan.remote.s3.wire.S3Keys;
import dev.caravan.remote.s3.wire.S3Reply;
import dev.caravan.remote.s3.wire.S3Request;
import dev.caravan.remote.s3.wire.S3Xml;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Begins and ends multipart uploads so that none is left behind: servers keep, and bill, the parts
 * of one that was neither completed nor aborted, and show them nowhere.
 */
final class Multiparts {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.s3");
  private static final Duration ALLOWANCE = Duration.ofMinutes(5);
  private static final int ABORT_ROUNDS = 10;

  private final S3Connection s3;
  private final UploadJournal journal;
  private final S3Patience patience;

  /** Keys of which an upload may have been begun that nobody was told of, with the time. */
  private final Map<ObjectKey, Instant> unheard = new ConcurrentHashMap<>();

  /** Keys of which parts are being sent. */
  private final Set<ObjectKey> sending = ConcurrentHashMap.newKeySet();

  Multiparts(S3Connection s3, UploadJournal journal, S3Patience patience) {
    this.s3 = s3;
    this.journal = journal;
    this.patience = patience;
  }

  S3Patience patience() {
    return patience;
  }

  UploadJournal journal() {
    return journal;
  }

  /** Does something with the record of a key's parts, or else without. */
  interface Recorded<T> {
    T run(Optional<Resumption> resumption) throws RemoteException, IOException;
  }

  /**
   * Gives the work what it can go on with. There is one record of a key, so of two uploads of it at
   * once the second has none, as where no record of parts is kept.
   */
  <T> T recorded(ObjectKey key, Recorded<T> work) throws RemoteException, IOException {
    Optional<UploadJournal.Parts> parts = journal.parts();
    if (!sending.add(key)) {
      return work.run(Optional.empty());
    }
    try {
      return work.run(parts.map(record -> new Resumption(this, record, place())));
    } finally {
      sending.remove(key);
    }
  }

  boolean isSending(ObjectKey key) {
    return sending.contains(key);
  }

  private String place() {
    return s3.address().identity();
  }

  /** The upload of a key that is to be gone on with, as the server calls it. */
  private Optional<String> kept(ObjectKey key) {
    return journal
        .parts()
        .flatMap(record -> record.find(place(), key))
        .map(UploadJournal.Cut::uploadId);
  }

  /**
   * A part as the server lists it.
   *
   * @param etag without quotes
   */
  record Held(String etag, long sizeBytes) {}

  /** What happens between the begin and the end of an upload, the completion included. */
  interface Work<T> {
    T run(String uploadId) throws RemoteException, IOException;
  }

  /** Does the work within a new multipart upload; aborts it when the work throws. */
  <T> T run(ObjectKey key, S3Request create, Work<T> work) throws RemoteException, IOException {
    journal.begun(key);
    String uploadId = create(key, create);
    T result;
    try {
      result = work.run(uploadId);
    } catch (RemoteException | IOException | RuntimeException | Error e) {
      try {
        abort(create.key(), uploadId);
        ended(key);
      } catch (RemoteException notAborted) {
        // The journal still has it: a later sweep aborts it.
        e.addSuppressed(notAborted);
      }
      throw e;
    }
    ended(key);
    return result;
  }

  /** Nothing is under way any more; looks for what a begin left whose answer was lost. */
  void ended(ObjectKey key) {
    Instant since = unheard.get(key);
    if (since != null) {
      try {
        abort(key, begun(key, since));
        unheard.remove(key);
      } catch (RemoteException e) {
        LOG.debug("An upload of {} may be left; the journal has it: {}", key, e.getMessage());
        return;
      }
    }
    recordEnded(key);
  }

  /** While an upload of the key is to be gone on with, something is still left at the server. */
  private void recordEnded(ObjectKey key) {
    if (kept(key).isEmpty()) {
      journal.ended(key);
    }
  }

  /** Begins an upload; returns what the server calls it. */
  String create(ObjectKey key, S3Request create) throws RemoteException {
    create.query("uploads", "");
    try {
      return Insistence.insist(
              () -> S3Document.ask(s3.transport(), create, "InitiateMultipartUploadResult"))
          .need("UploadId", s3.transport(), create);
    } catch (RemoteException e) {
      if (!e.reason().isTransient() && e.reason() != Cause.CANCELLED) {
        // Refused: nothing was begun. When only the answer was lost, a sweep must look.
        recordEnded(key);
      } else {
        unheard.putIfAbsent(key, s3.clock().instant().minus(s3.clock().offset()));
      }
      throw e;
    }
  }

  /** Asks for the object to be put together from its parts, and made visible. */
  void complete(String fullKey, String uploadId, List<UploadJournal.Part> parts)
      throws RemoteException {
    StringBuilder xml = new StringBuilder(128 * parts.size() + 128);
    xml.append("<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    for (int i = 0; i < parts.size(); i++) {
      xml.append("<Part><PartNumber>").append(i + 1).append("</PartNumber><ETag>");
      S3Xml.escape(xml, parts.get(i).etag());
      xml.append("</ETag>");
      String crc32c = parts.get(i).crc32c();
      if (!crc32c.isEmpty()) {
        xml.append("<ChecksumCRC32C>").append(crc32c).append("</ChecksumCRC32C>");
      }
      xml.append("</Part>");
    }
    xml.append("</CompleteMultipartUpload>");
    S3Request request =
        S3Request.post(fullKey)
            .query("uploadId", uploadId)
            .header("Content-Type", "application/xml")
            .headers(s3.headers().opening())
            .body(RequestBody.of(xml.toString().getBytes(StandardCharsets.UTF_8)))
            .patient();
    // Its ETag is of no use: Ceph leaves it empty.
    Insistence.insist(
        () -> S3Document.ask(s3.transport(), request, "CompleteMultipartUploadResult"));
  }

  /** Ends an upload whose object is there, though no success was heard; parts may be left of it. */
  void forget(String fullKey, String uploadId) {
    try {
      abort(fullKey, uploadId);
    } catch (RemoteException e) {
      LOG.debug("An upload of {} could not be aborted: {}", fullKey, e.getMessage());
    }
  }

  /**
   * Aborts the uploads of exactly this key that began after the given time, but for one that the
   * record has to be gone on with. While parts of the key are being sent, it does nothing.
   */
  void sweep(ObjectKey key, Instant begunAt) throws RemoteException {
    List<Upload> begun = begun(key, begunAt);
    // Whatever was begun before the listing ended is known here to be under way.
    if (!isSending(key)) {
      abort(key, begun);
    }
  }

  private List<Upload> begun(ObjectKey key, Instant begunAt) throws RemoteException {
    String fullKey = s3.address().fullKey(key.value());
    Instant since = begunAt.plus(s3.clock().offset()).minus(ALLOWANCE);
    return begun(fullKey, fullKey::equals, since, Integer.MAX_VALUE);
  }

  private void abort(ObjectKey key, List<Upload> begun) throws RemoteException {
    Optional<String> kept = kept(key);
    for (Upload each : begun) {
      if (!kept.equals(Optional.of(each.id()))) {
        abort(each.key(), each.id());
      }
    }
  }

  /**
   * Aborts all uploads below a folder.
   *
   * @param folder with its slash
   */
  void sweepBelow(String folder) throws RemoteException {
    String prefix = s3.address().fullKey(folder);
    Predicate<String> below = found -> found.startsWith(prefix);
    for (Upload each : begun(prefix, below, Instant.MIN, Integer.MAX_VALUE)) {
      abort(each.key(), each.id());
    }
  }

  /** Whatever was begun here and not ended; of a key that may be meant in two ways, the decoded. */
  List<Remote.Begun> begunUploads(int most) throws RemoteException {
    String prefix = s3.address().fullKey("");
    Predicate<String> below = key -> key.startsWith(prefix) && key.length() > prefix.length();
    Map<String, Remote.Begun> found = new LinkedHashMap<>();
    for (Upload each : begun(prefix, below, Instant.MIN, most)) {
      ObjectKey key = new ObjectKey(each.key().substring(prefix.length()));
      found.put(each.id(), new Remote.Begun(key, each.begunAt()));
    }
    return List.copyOf(found.values());
  }

  private record Upload(String key, String id, Instant begunAt) {}

  private List<Upload> begun(String prefix, Predicate<String> wanted, Instant since, int most)
      throws RemoteException {
    List<Upload> found = new ArrayList<>();
    String keyMarker = "";
    String idMarker = "";
    while (true) {
      S3Request request =
          S3Request.get("")
              .query("uploads", "")
              .query("encoding-type", "url")
              .query("prefix", prefix);
      if (!keyMarker.isEmpty()) {
        request.query("key-marker", keyMarker).query("upload-id-marker", idMarker);
      }
      S3Document page = S3Document.ask(s3.transport(), request, "ListMultipartUploadsResult");
      boolean encoded = page.field("EncodingType").equals("url");
      for (Map<String, String> upload : page.rows()) {
        String listed = upload.getOrDefault("Key", "");
        for (String key : keysOf(listed, encoded)) {
          if (wanted.test(key) && !began(request, upload).isBefore(since)) {
            String id = upload.getOrDefault("UploadId", "");
            found.add(new Upload(key, id, began(request, upload)));
          }
        }
      }
      if (found.size() >= most) {
        return found;
      }
      if (!page.field("IsTruncated").equals("true") || page.rows().isEmpty()) {
        return found;
      }
      String marker = page.field("NextKeyMarker");
      keyMarker = encoded ? S3Keys.decode(marker) : marker;
      idMarker = page.field("NextUploadIdMarker");
    }
  }

  /**
   * Ceph encodes the keys and does not say so: then it may be either, and an abort under the wrong
   * key finds no such upload.
   */
  private static Set<String> keysOf(String listed, boolean encoded) {
    Set<String> keys = new LinkedHashSet<>();
    if (!encoded) {
      keys.add(listed);
    }
    try {
      keys.add(S3Keys.decode(listed));
    } catch (IllegalArgumentException e) {
      keys.add(listed);
    }
    return keys;
  }

  private Instant began(S3Request request, Map<String, String> upload) throws RemoteException {
    try {
      return Instant.parse(upload.getOrDefault("Initiated", ""));
    } catch (DateTimeException e) {
      throw s3.errors()
          .of(Cause.SERVER, request.toString(), "the answer cannot be read", "it is tried again");
    }
  }

  /**
   * Parts that were still on their way may arrive after an abort and stay, so this goes on until
   * none is listed.
   */
  void abort(String fullKey, String uploadId) throws RemoteException {
    for (int round = 0; round < ABORT_ROUNDS; round++) {
      S3Request abort = S3Request.delete(fullKey).query("uploadId", uploadId);
      try (S3Reply reply = s3.transport().exchange(abort)) {
        if (!reply.isGood() && reply.status() != 404) {
          throw s3.errors().refused(abort, reply);
        }
      }
      if (!hasParts(fullKey, uploadId)) {
        return;
      }
    }
    throw s3.errors()
        .of(
            Cause.SERVER,
            "aborting the upload of '" + fullKey + "'",
            "parts are still there",
            "it is tried again in the next cycle");
  }

  private boolean hasParts(String fullKey, String uploadId) throws RemoteException {
    S3Request list = S3Request.get(fullKey).query("uploadId", uploadId).query("max-parts", "1");
    S3Reply reply = s3.transport().exchange(list);
    if (reply.status() == 404 || reply.error().code().equals("NoSuchUpload")) {
      return false;
    }
    return !S3Document.read(s3.transport(), list, reply, "ListPartsResult").rows().isEmpty();
  }

  /** The parts that the server has of an upload, by number; empty when it knows of no such. */
  Optional<Map<Integer, Held>> held(String fullKey, String uploadId) throws RemoteException {
    Map<Integer, Held> held = new TreeMap<>();
    String marker = "";
    while (true) {
      S3Request list = S3Request.get(fullKey).query("uploadId", uploadId);
      if (!marker.isEmpty()) {
        list.query("part-number-marker", marker);
      }
      S3Reply reply = s3.transport().exchange(list);
      if (reply.status() == 404 && !reply.error().code().equals("NoSuchBucket")) {
        reply.close();
        return Optional.empty();
      }
      S3Document page = S3Document.read(s3.transport(), list, reply, "ListPartsResult");
      for (Map<String, String> row : page.rows()) {
        try {
          held.put(
              Integer.parseInt(row.getOrDefault("PartNumber", "")),
              new Held(
                  S3Reply.unquote(row.getOrDefault("ETag", "")),
                  Long.parseLong(row.getOrDefault("Size", ""))));
        } catch (NumberFormatException e) {
          // A part that is not understood is sent again.
        }
      }
      String next = page.field("NextPartNumberMarker");
      if (!page.field("IsTruncated").equals("true")
          || page.rows().isEmpty()
          || next.equals(marker)) {
        return Optional.of(held);
      }
      marker = next;
    }
  }
}
