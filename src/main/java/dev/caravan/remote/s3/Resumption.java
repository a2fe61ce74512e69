package dev.caravan.remote.s3;

import dev.caravan.event.SendingStoppedException;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.UploadJournal;
import dev.caravan.remote.UploadJournal.Cut;
import dev.caravan.remote.UploadJournal.Part;
import dev.caravan.remote.s3.wire.S3Reply;
import dev.caravan.remote.s3.wire.S3Request;
import java.io.IOException;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes on with an upload in parts that was cut off, where there is a record of it: by a kill, a
 * cancel, or a failure that may pass. A part counts as sent when the record and the server name the
 * same ETag for it, and the server has all of its bytes; all others are sent.
 *
 * <p>What was sent is not read again here. It came from a content of this very SHA-256, which was
 * compared block by block on its way; and that the file still is this content was found by reading
 * it before the upload was asked for.
 */
final class Resumption {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.s3");

  private final Multiparts multiparts;
  private final UploadJournal.Parts record;
  private final String place;

  Resumption(Multiparts multiparts, UploadJournal.Parts record, String place) {
    this.multiparts = multiparts;
    this.record = record;
    this.place = place;
  }

  /** What an upload must be of, to be gone on with. */
  record Wanted(String sha256, long sizeBytes, long partSizeBytes, String form) {

    private boolean fits(Cut cut) {
      return cut.sha256().equals(sha256)
          && cut.partSizeBytes() == partSizeBytes
          && cut.form().equals(form);
    }

    private long partBytes(int number) {
      return Math.min(partSizeBytes, sizeBytes - (number - 1) * partSizeBytes);
    }
  }

  /** Sends what is missing and completes. */
  interface Work<T> {

    /**
     * @param sent the parts that need not be sent
     * @param told is to be told of each that was
     */
    T run(String uploadId, Map<Integer, Part> sent, Told told) throws RemoteException, IOException;
  }

  /** Looks for the object, which may be there though nobody heard of it. */
  interface Finished<T> {
    Optional<T> find() throws RemoteException;
  }

  /** Hears of parts that the server took. */
  interface Told {
    void sent(int number, Part part);
  }

  /**
   * Does the work within an upload that was cut off, or else a new one; or nothing, when it was cut
   * off right after its end.
   */
  <T> T run(ObjectKey key, S3Request create, Wanted wanted, Finished<T> finished, Work<T> work)
      throws RemoteException, IOException {
    Optional<Cut> known = record.find(place, key);
    Optional<Cut> before = known.isEmpty() ? known : held(key, create.key(), wanted, known.get());
    if (before.isEmpty() && known.filter(wanted::fits).isPresent()) {
      Optional<T> done = finished.find();
      if (done.isPresent()) {
        multiparts.ended(key);
        return done.get();
      }
      multiparts.forget(create.key(), known.get().uploadId());
    }
    Cut upload = before.isPresent() ? before.get() : begin(key, create, wanted);
    boolean[] hasMoved = {before.isEmpty()};
    Told told =
        (number, part) -> {
          record.sent(place, key, number, part);
          hasMoved[0] = true;
        };
    T result;
    try {
      result = work.run(upload.uploadId(), upload.parts(), told);
    } catch (RemoteException e) {
      if (!mayGoOn(e.reason(), hasMoved[0])) {
        giveUp(key, create.key(), upload, e);
      }
      throw e;
    } catch (SendingStoppedException e) {
      throw e;
    } catch (IOException | RuntimeException | Error e) {
      giveUp(key, create.key(), upload, e);
      throw e;
    }
    record.forget(place, key);
    multiparts.ended(key);
    return result;
  }

  /** Parts that a server will not put together are not offered to it for ever. */
  private static boolean mayGoOn(Cause reason, boolean hasMoved) {
    return switch (reason) {
      case NETWORK, TLS, THROTTLED, CANCELLED, AUTHENTICATION, CLOCK, FULL -> true;
      case SERVER -> hasMoved;
      default -> false;
    };
  }

  private Cut begin(ObjectKey key, S3Request create, Wanted wanted) throws RemoteException {
    multiparts.journal().begun(key);
    String id = multiparts.create(key, create);
    SortedMap<Integer, Part> none = Collections.emptySortedMap();
    Cut cut = new Cut(id, wanted.sha256(), wanted.partSizeBytes(), wanted.form(), none);
    record.begun(place, key, cut);
    return cut;
  }

  /** The upload on record with those of its parts that the server has; empty to begin anew. */
  private Optional<Cut> held(ObjectKey key, String fullKey, Wanted wanted, Cut cut)
      throws RemoteException {
    if (!wanted.fits(cut)) {
      multiparts.abort(fullKey, cut.uploadId());
      record.forget(place, key);
      return Optional.empty();
    }
    Optional<Map<Integer, Multiparts.Held>> listed = listed(fullKey, cut.uploadId());
    boolean isLost = !cut.parts().isEmpty() && listed.filter(Map::isEmpty).isPresent();
    if (listed.isEmpty() || isLost) {
      // S3Proxy lists no parts of an upload that has ended, takes more, and shows them nowhere.
      record.forget(place, key);
      return Optional.empty();
    }
    SortedMap<Integer, Part> sure = new TreeMap<>();
    cut.parts()
        .forEach(
            (number, part) -> {
              Multiparts.Held held = listed.get().get(number);
              if (held != null
                  && held.etag().equals(S3Reply.unquote(part.etag()))
                  && held.sizeBytes() == wanted.partBytes(number)) {
                sure.put(number, part);
              }
            });
    LOG.info("Goes on with the upload of {}: {} parts of it are there", key, sure.size());
    return Optional.of(
        new Cut(cut.uploadId(), cut.sha256(), cut.partSizeBytes(), cut.form(), sure));
  }

  /** Where nobody may ask what the server has, nothing of it counts. */
  private Optional<Map<Integer, Multiparts.Held>> listed(String fullKey, String uploadId)
      throws RemoteException {
    try {
      return multiparts.held(fullKey, uploadId);
    } catch (RemoteException e) {
      if (e.reason() != Cause.PERMISSION && e.reason() != Cause.UNSUPPORTED) {
        throw e;
      }
      return Optional.empty();
    }
  }

  private void giveUp(ObjectKey key, String fullKey, Cut upload, Throwable why) {
    record.forget(place, key);
    try {
      multiparts.abort(fullKey, upload.uploadId());
      multiparts.ended(key);
    } catch (RemoteException notAborted) {
      // The journal still has it: a later sweep aborts it.
      why.addSuppressed(notAborted);
    }
  }
}
