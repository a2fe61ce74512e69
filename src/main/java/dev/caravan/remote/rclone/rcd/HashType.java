package dev.caravan.remote.rclone.rcd;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.Optional;

/** The hashes that both rclone and Java know, best first. */
public enum HashType {
  SHA256("sha256", "SHA-256"),
  MD5("md5", "MD5"),
  SHA1("sha1", "SHA-1"),
  SHA512("sha512", "SHA-512");

  private final String rclone;
  private final String java;

  HashType(String rclone, String java) {
    this.rclone = rclone;
    this.java = java;
  }

  /** The name in rclone's answers. */
  public String label() {
    return rclone;
  }

  public MessageDigest begin() {
    try {
      return MessageDigest.getInstance(java);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("This Java has no " + java, e);
    }
  }

  /** The best of those that a remote knows. */
  public static Optional<HashType> bestOf(Collection<String> known) {
    for (HashType type : values()) {
      if (known.contains(type.rclone)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
