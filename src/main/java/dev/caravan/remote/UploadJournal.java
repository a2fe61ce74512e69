package dev.caravan.remote;

import java.util.Optional;
import java.util.SortedMap;

/**
 * Remembers which uploads are under way at a remote, so that what a killed process left there can
 * be found again by {@link Remote#sweep}. Calls return only once the fact is durable.
 */
public interface UploadJournal {

  /** Called before the remote is told of an upload that it will keep until it is ended. */
  void begun(ObjectKey key);

  /** Called when the remote keeps nothing of it any more but the finished object, or nothing. */
  void ended(ObjectKey key);

  /**
   * The record of parts, by which an upload that was cut off is gone on with. Where there is none,
   * what was sent of it is removed when it fails.
   */
  default Optional<Parts> parts() {
    return Optional.empty();
  }

  /** Remembers uploads in parts; the place of a remote is its {@link Remote#identity}. */
  interface Parts {

    /** The upload of a key that was cut off, as far as it had come. */
    Optional<Cut> find(String place, ObjectKey key);

    /** Called before the first part is sent; replaces what was known of the key. */
    void begun(String place, ObjectKey key, Cut upload);

    /** Called when the server has taken a part; numbers begin with 1. */
    void sent(String place, ObjectKey key, int number, Part part);

    /** Called when there is nothing left to go on with. */
    void forget(String place, ObjectKey key);
  }

  /**
   * An upload in parts.
   *
   * @param uploadId as the server named it
   * @param sha256 of the whole content: 64 lower-case hex digits
   * @param partSizeBytes of all parts but the last
   * @param form how the parts are checked and what the object is begun with; the same for all
   * @param parts that the server has, by number
   */
  record Cut(
      String uploadId,
      String sha256,
      long partSizeBytes,
      String form,
      SortedMap<Integer, Part> parts) {}

  /**
   * A part that the server has.
   *
   * @param etag as the server wrote it
   * @param crc32c base64 where it was sent along, else empty
   */
  record Part(String etag, String crc32c) {}
}
