package dev.caravan.remote;

import java.util.Optional;

/**
 * What {@link Remote#put} returns: the remote holds exactly the content, and this is how we know.
 *
 * @param etag the remote's opaque name of the content
 * @param version the remote's version id, where it keeps versions
 * @param proof how the remote showed that it holds these bytes
 */
public record StoredObject(Optional<String> etag, Optional<String> version, Proof proof) {

  /** How it is known that the remote holds the bytes that were sent. */
  public enum Proof {
    /** The server compared the bytes that arrived with a checksum sent beside them. */
    SERVER_CHECKED,
    /** The bytes were read again from the remote after writing, and hashed. */
    READ_BACK,
    /** Nothing but the size was compared: never enough for a purge. */
    SIZE_ONLY,
    /** Nothing was compared; it was sent, and nobody complained: never enough for a purge. */
    NONE
  }
}
