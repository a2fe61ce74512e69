package dev.caravan.remote.s3;

import dev.caravan.config.S3Settings;
import dev.caravan.event.ObjectContent;
import dev.caravan.event.Owner;
import dev.caravan.remote.Remote;
import dev.caravan.remote.s3.wire.Digests;
import dev.caravan.remote.s3.wire.S3Request;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The headers that objects carry: the user metadata, encryption and storage class. {@code mtime}
 * and {@code md5chksum} are rclone's, so that rclone sees times and sums of what Caravan wrote.
 */
final class ObjectHeaders {

  static final String SHA256 = "x-amz-meta-caravan-sha256";
  static final String MTIME = "x-amz-meta-mtime";
  static final String MD5 = "x-amz-meta-md5chksum";
  static final String MODE = "x-amz-meta-mode";
  static final String UID = "x-amz-meta-uid";
  static final String GID = "x-amz-meta-gid";

  private static final int REGULAR_FILE = 0100000;
  private static final int PERMISSIONS = 07777;

  private static final String CUSTOMER = "server-side-encryption-customer-";
  private static final int KEY_BYTES = 32;

  private final Map<String, String> creating = new LinkedHashMap<>();
  private final Map<String, String> opening;
  private final Map<String, String> copying;
  private final boolean etagIsMd5;

  ObjectHeaders(S3Settings settings) {
    opening = customerKey(settings, "x-amz-");
    copying = customerKey(settings, "x-amz-copy-source-");
    etagIsMd5 =
        switch (settings.sse()) {
          case NONE, AES256 -> true;
          case KMS, CUSTOMER -> false;
        };
    switch (settings.sse()) {
      case NONE -> {}
      case AES256 -> creating.put("x-amz-server-side-encryption", "AES256");
      case KMS -> {
        creating.put("x-amz-server-side-encryption", "aws:kms");
        settings
            .sseKmsKeyId()
            .ifPresent(id -> creating.put("x-amz-server-side-encryption-aws-kms-key-id", id));
      }
      case CUSTOMER -> creating.putAll(opening);
    }
    settings.storageClass().ifPresent(c -> creating.put("x-amz-storage-class", c));
  }

  /** For a request that makes an object: a PUT, a copy, the begin of a multipart upload. */
  Map<String, String> creating() {
    return creating;
  }

  /** For a request that reads or goes on with an encrypted object; often empty. */
  Map<String, String> opening() {
    return opening;
  }

  /** For the source of a copy; often empty. */
  Map<String, String> copying() {
    return copying;
  }

  /** True when the ETag of an object put at once is the MD5 of its content. */
  boolean isEtagMd5() {
    return etagIsMd5;
  }

  /**
   * What is recorded beside the object.
   *
   * @param withMd5 where the ETag will not tell
   */
  void describe(S3Request request, ObjectContent content, boolean withMd5) throws IOException {
    request.header("Content-Type", "application/octet-stream");
    request.header(SHA256, content.sha256());
    request.headers(traits(content));
    if (withMd5) {
      request.header(MD5, Digests.base64(content.md5()));
    }
  }

  /**
   * Tells what a request gives an object from what another one gives it: what was begun with other
   * metadata, encryption or storage class must not be gone on with. The customer's own key is left
   * out, so that nothing on record could be compared with it; a server refuses parts under another.
   *
   * @return 16 hex digits
   */
  String mark(S3Request creating) {
    Map<String, String> marked = new TreeMap<>(creating.headers());
    marked.keySet().removeAll(opening.keySet());
    marked.put(CUSTOMER, Boolean.toString(!opening.isEmpty()));
    byte[] text = marked.toString().getBytes(StandardCharsets.UTF_8);
    return Digests.hex(Digests.sha256().digest(text)).substring(0, 16);
  }

  /** Time, mode and owner, in rclone's names; the mode is that of a regular file, in octal. */
  static Map<String, String> traits(ObjectContent content) {
    Map<String, String> traits = new LinkedHashMap<>();
    traits.put(MTIME, formatTime(content.modifiedAt()));
    if (content.permissions().isPresent()) {
      int mode = REGULAR_FILE | (content.permissions().getAsInt() & PERMISSIONS);
      traits.put(MODE, Integer.toOctalString(mode));
    }
    if (content.owner().isPresent()) {
      traits.put(UID, Long.toString(content.owner().get().uid()));
      traits.put(GID, Long.toString(content.owner().get().gid()));
    }
    return traits;
  }

  /** Reads what {@link #traits} and rclone write; what is something else is absent. */
  static Remote.Traits traitsOf(Function<String, Optional<String>> header) {
    OptionalInt permissions = OptionalInt.empty();
    Optional<Owner> owner = Optional.empty();
    try {
      Optional<String> mode = header.apply(MODE);
      if (mode.isPresent()) {
        permissions = OptionalInt.of(Integer.parseInt(mode.get(), 8) & PERMISSIONS);
      }
      Optional<String> uid = header.apply(UID);
      Optional<String> gid = header.apply(GID);
      if (uid.isPresent() && gid.isPresent()) {
        owner = Optional.of(new Owner(Long.parseLong(uid.get()), Long.parseLong(gid.get())));
      }
    } catch (IllegalArgumentException e) {
      // Somebody else's words.
    }
    return new Remote.Traits(permissions, owner);
  }

  /** Seconds since 1970 with up to nine decimals and no trailing zeros. */
  static String formatTime(Instant time) {
    long seconds = time.getEpochSecond();
    int nanos = time.getNano();
    boolean negative = seconds < 0;
    if (negative && nanos > 0) {
      seconds++;
      nanos = 1_000_000_000 - nanos;
    }
    StringBuilder out = new StringBuilder(24).append(negative ? "-" : "").append(Math.abs(seconds));
    if (nanos > 0) {
      int dot = out.length();
      out.append(1_000_000_000L + nanos).setCharAt(dot, '.');
      while (out.charAt(out.length() - 1) == '0') {
        out.setLength(out.length() - 1);
      }
    }
    return out.toString();
  }

  /** Reads what {@link #formatTime} and rclone write; empty when it is something else. */
  static Optional<Instant> parseTime(String text) {
    boolean negative = text.startsWith("-");
    String digits = negative ? text.substring(1) : text;
    int dot = digits.indexOf('.');
    String whole = dot < 0 ? digits : digits.substring(0, dot);
    String decimals = dot < 0 ? "" : digits.substring(dot + 1);
    try {
      long seconds = Long.parseLong(whole);
      String padded = (decimals + "000000000").substring(0, 9);
      long nanos = Integer.parseInt(padded);
      return Optional.of(
          negative
              ? Instant.ofEpochSecond(-seconds, -nanos)
              : Instant.ofEpochSecond(seconds, nanos));
    } catch (NumberFormatException | DateTimeException e) {
      return Optional.empty();
    }
  }

  private static Map<String, String> customerKey(S3Settings settings, String start) {
    if (settings.sse() != S3Settings.Sse.CUSTOMER) {
      return Map.of();
    }
    byte[] key = customerKey(settings);
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put(start + CUSTOMER + "algorithm", "AES256");
    headers.put(start + CUSTOMER + "key", Digests.base64(key));
    headers.put(start + CUSTOMER + "key-MD5", Digests.base64(Digests.md5().digest(key)));
    return headers;
  }

  private static byte[] customerKey(S3Settings settings) {
    String text =
        settings
            .sseCustomerKey()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "Remote '" + settings.name() + "': sse customer needs sse_customer_key"))
            .reveal();
    byte[] raw = text.getBytes(StandardCharsets.UTF_8);
    if (raw.length == KEY_BYTES) {
      return raw;
    }
    try {
      byte[] decoded = Base64.getDecoder().decode(text);
      if (decoded.length == KEY_BYTES) {
        return decoded;
      }
    } catch (IllegalArgumentException e) {
      // Not base64: refused below, without showing any of it.
    }
    throw new IllegalArgumentException(
        "Remote '"
            + settings.name()
            + "': sse_customer_key is neither 32 characters nor base64 of 32 bytes");
  }
}
