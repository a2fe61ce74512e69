package dev.caravan.snapshot.manifest;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The digests that are needed here. */
final class Hashes {
  private Hashes() {}

  static MessageDigest sha256() {
    return of("SHA-256");
  }

  static MessageDigest md5() {
    return of("MD5");
  }

  private static MessageDigest of(String name) {
    try {
      return MessageDigest.getInstance(name);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(name + " is missing from this Java", e);
    }
  }
}
