package dev.caravan.remote.s3;

import dev.caravan.event.ObjectContent;
import dev.caravan.event.WantedSums.PartSum;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.UploadJournal;
import dev.caravan.remote.s3.S3Abilities.PartGuard;
import dev.caravan.remote.s3.ask.Insistence;
import dev.caravan.remote.s3.wire.Digests;
import dev.caravan.remote.s3.wire.RequestBody;
import dev.caravan.remote.s3.wire.S3Reply;
import dev.caravan.remote.s3.wire.S3Request;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One upload of a big file in parts. The parts are read from the file as they are sent, so that
 * memory stays flat; nothing is visible before the last step. After a failure nothing stays, unless
 * there is a record of parts: then what a later try does not need to send again stays for it.
 */
final class MultipartUpload {

  private static final int HANDS = 4;

  private final S3Connection s3;
  private final ObjectReads reads;
  private final ObjectKey key;
  private final ObjectContent content;
  private final PartGuard guard;
  private final long partSize;
  private final AtomicReferenceArray<UploadJournal.@Nullable Part> parts;

  MultipartUpload(
      S3Connection s3,
      ObjectReads reads,
      ObjectKey key,
      ObjectContent content,
      PartGuard guard,
      long wishedPartSize) {
    this.s3 = s3;
    this.reads = reads;
    this.key = key;
    this.content = content;
    this.guard = guard;
    this.partSize = S3Limits.partSize(content.sizeBytes(), wishedPartSize);
    this.parts =
        new AtomicReferenceArray<>(
            Math.toIntExact((content.sizeBytes() + partSize - 1) / partSize));
  }

  /**
   * Sends everything and makes it visible.
   *
   * @return what the server holds then
   */
  ObjectStat run(Crew crew, Multiparts multiparts) throws RemoteException, IOException {
    S3Request create = S3Request.post(fullKey());
    s3.headers().describe(create, content, true);
    create.headers(s3.headers().creating());
    if (guard == PartGuard.CRC32C) {
      create.header("x-amz-checksum-algorithm", "CRC32C");
    }
    return multiparts.recorded(key, resumption -> run(crew, multiparts, create, resumption));
  }

  private ObjectStat run(
      Crew crew, Multiparts multiparts, S3Request create, Optional<Resumption> resumption)
      throws RemoteException, IOException {
    if (resumption.isEmpty()) {
      return multiparts.run(
          key, create, uploadId -> all(crew, multiparts, uploadId, Map.of(), (number, part) -> {}));
    }
    String form = guard.name() + " " + s3.headers().mark(create);
    Resumption.Wanted wanted =
        new Resumption.Wanted(content.sha256(), content.sizeBytes(), partSize, form);
    return resumption
        .get()
        .run(
            key,
            create,
            wanted,
            () -> confirmed().filter(s -> s.modifiedAt().equals(content.modifiedAt())),
            (uploadId, sent, told) -> all(crew, multiparts, uploadId, sent, told));
  }

  /** Sends the parts that were not sent, and completes. */
  private ObjectStat all(
      Crew crew,
      Multiparts multiparts,
      String uploadId,
      Map<Integer, UploadJournal.Part> sent,
      Resumption.Told told)
      throws RemoteException, IOException {
    sent.forEach((number, part) -> parts.set(number - 1, part));
    int[] missing =
        IntStream.range(0, parts.length()).filter(index -> parts.get(index) == null).toArray();
    crew.work(missing.length, HANDS, turn -> send(uploadId, missing[turn], told));
    content.ensureUnchanged();
    return complete(multiparts, uploadId);
  }

  private void send(String uploadId, int index, Resumption.Told told)
      throws RemoteException, IOException {
    long offset = index * partSize;
    long length = Math.min(partSize, content.sizeBytes() - offset);
    S3Request request =
        S3Request.put(fullKey())
            .query("partNumber", Integer.toString(index + 1))
            .query("uploadId", uploadId)
            .headers(s3.headers().opening());
    String crc = guard(request, offset, length);
    try (S3Reply reply = s3.transport().sendFile(request)) {
      String etag =
          reply
              .header("ETag")
              .orElseThrow(
                  () ->
                      s3.errors()
                          .of(Cause.SERVER, request.toString(), "no ETag came", "report it"));
      UploadJournal.Part part = new UploadJournal.Part(etag, crc);
      told.sent(index + 1, part);
      parts.set(index, part);
    }
  }

  /** Asks the content for the checksum of the part, or reads the part once for it. */
  private String guard(S3Request request, long offset, long length) throws IOException {
    String signed = RequestBody.UNSIGNED;
    String crc = "";
    switch (guard) {
      case SIGNATURE -> signed = Digests.hex(sum(PartSum.SHA256, offset, length));
      case CRC32C -> {
        crc = Digests.base64(sum(PartSum.CRC32C, offset, length));
        request.header("x-amz-checksum-crc32c", crc);
      }
      case MD5 -> {
        try (InputStream in = content.peek(offset, length)) {
          request.header("Content-MD5", Digests.base64(Digests.of(Digests.md5(), in)));
        }
      }
      case NONE -> {
        // The whole object is read back in the end.
      }
    }
    request.body(new RequestBody(length, signed, () -> content.open(offset, length)));
    return crc;
  }

  private byte[] sum(PartSum sum, long offset, long length) throws IOException {
    Optional<byte[]> known = content.partSum(sum, offset, length);
    if (known.isPresent()) {
      return known.get();
    }
    try (InputStream in = content.peek(offset, length)) {
      return sum == PartSum.SHA256 ? Digests.of(Digests.sha256(), in) : Digests.crc32c(in);
    }
  }

  /**
   * Makes the object visible. Whatever the answer, or if none comes, the object itself decides: a
   * server may well have finished what it did not live to confirm.
   */
  private ObjectStat complete(Multiparts multiparts, String uploadId) throws RemoteException {
    List<UploadJournal.Part> inOrder = new ArrayList<>(parts.length());
    for (int i = 0; i < parts.length(); i++) {
      inOrder.add(Objects.requireNonNull(parts.get(i)));
    }
    try {
      multiparts.complete(fullKey(), uploadId, inOrder);
    } catch (RemoteException e) {
      if (e.reason() == Cause.CANCELLED) {
        throw e;
      }
      ObjectStat held = awaited(multiparts.patience(), e).orElseThrow(() -> e);
      multiparts.forget(fullKey(), uploadId);
      return held;
    }
    return Insistence.insist(() -> reads.find(key))
        .filter(s -> s.sizeBytes() == content.sizeBytes())
        .filter(s -> s.sha256().map(content.sha256()::equals).orElse(true))
        .orElseThrow(
            () ->
                s3.errors().corrupt("completing '" + key + "'", "the object is not what was sent"));
  }

  /**
   * Looks for the object until it is there. A server that did not answer, or that says a completion
   * is under way already, may still be putting it together; to send all of it again would not help.
   */
  private Optional<ObjectStat> awaited(S3Patience patience, RemoteException failure)
      throws RemoteException {
    String said = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
    boolean underway = said.contains("already in progress");
    int looks = underway ? S3Patience.LOOKS_UNDERWAY : S3Patience.LOOKS_UNHEARD;
    Optional<ObjectStat> found = found(failure);
    if (!underway && failure.reason() != Cause.NETWORK) {
      return found;
    }
    Duration wait = patience.look();
    for (int look = 0; look < looks && found.isEmpty(); look++) {
      try {
        patience.pause().sleep(wait);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return Optional.empty();
      }
      wait = wait.multipliedBy(2);
      found = found(failure);
    }
    return found;
  }

  /** A look that fails for a passing reason decides nothing. */
  private Optional<ObjectStat> found(RemoteException failure) throws RemoteException {
    try {
      return confirmed();
    } catch (RemoteException e) {
      if (!e.reason().isTransient()) {
        throw e;
      }
      failure.addSuppressed(e);
      return Optional.empty();
    }
  }

  /**
   * The object, if it says itself that it is this content. One that says nothing may be an older
   * one of the same size: without a success of the server that proves nothing.
   */
  private Optional<ObjectStat> confirmed() throws RemoteException {
    return reads
        .find(key)
        .filter(s -> s.sizeBytes() == content.sizeBytes())
        .filter(s -> s.sha256().equals(Optional.of(content.sha256())));
  }

  private String fullKey() {
    return s3.address().fullKey(key.value());
  }
}
