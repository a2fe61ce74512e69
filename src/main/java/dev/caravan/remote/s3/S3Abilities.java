package dev.caravan.remote.s3;

import dev.caravan.event.WantedSums.PartSum;
import dev.caravan.remote.StoredObject.Proof;
import java.util.Optional;

/**
 * Which integrity checks a server was seen to make: each was sent something wrong, and refused it.
 *
 * @param sha256 of the {@code x-amz-checksum-sha256} header
 * @param crc32c of the {@code x-amz-checksum-crc32c} header
 * @param signature of the payload's SHA-256 that the request is signed over
 * @param md5 of the {@code Content-MD5} header
 */
record S3Abilities(boolean sha256, boolean crc32c, boolean signature, boolean md5) {

  /** What guards the bytes of one part of a big object on their way. */
  enum PartGuard {
    /** The signature covers the part's SHA-256. */
    SIGNATURE(Optional.of(PartSum.SHA256)),
    /** CRC-32C beside an unsigned payload: as sure inside TLS, at a fraction of the cost. */
    CRC32C(Optional.of(PartSum.CRC32C)),
    MD5(Optional.empty()),
    /** Nothing at the server; the object must be read back. */
    NONE(Optional.empty());

    private final Optional<PartSum> sum;

    PartGuard(Optional<PartSum> sum) {
      this.sum = sum;
    }

    /** What a content may know of its parts beforehand. */
    Optional<PartSum> sum() {
      return sum;
    }
  }

  /**
   * @param tls true when nobody on the way can change the bytes
   */
  PartGuard partGuard(boolean tls) {
    if (crc32c && tls) {
      return PartGuard.CRC32C;
    }
    if (signature) {
      return PartGuard.SIGNATURE;
    }
    return md5 ? PartGuard.MD5 : PartGuard.NONE;
  }

  /** True when an object put at once must carry a {@code Content-MD5} to be checked at all. */
  boolean needsMd5() {
    return !sha256 && !signature && md5;
  }

  /** The proof that comes with a success, before anything is read back. */
  Proof proof() {
    return sha256 || signature || md5 ? Proof.SERVER_CHECKED : Proof.SIZE_ONLY;
  }
}
