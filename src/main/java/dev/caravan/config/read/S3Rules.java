package dev.caravan.config.read;

import dev.caravan.config.ByteSize;
import dev.caravan.config.S3Settings;
import dev.caravan.config.S3Settings.Sse;
import dev.caravan.config.check.Loopback;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Set;

/** What must hold for one S3 remote. */
final class S3Rules {
  private static final long SMALLEST_PART = ByteSize.ofMebibytes(5).bytes();
  private static final long LARGEST_PART = ByteSize.ofMebibytes(5 * 1024).bytes();

  private final Findings findings;

  S3Rules(Findings findings) {
    this.findings = findings;
  }

  void check(S3Settings s3, String path) {
    findings.check(
        !s3.bucket().matches("[^/\\s\\\\]{1,255}"),
        path + ".bucket",
        "is not the name of a bucket",
        "write the name alone; folders belong into prefix");
    findings.check(
        !isPrefix(s3.prefix()),
        path + ".prefix",
        "is not a prefix",
        "write folder/folder, without / at either end, without . and ..");
    findings.check(
        s3.endpoint().filter(e -> e.getRawUserInfo() != null).isPresent(),
        path + ".endpoint",
        "has a user or password in it",
        "write them as access_key_id and secret_access_key");
    long part = s3.partSize().bytes();
    findings.check(
        part < SMALLEST_PART || part > LARGEST_PART,
        path + ".part_size",
        "must be from 5MiB to 5GiB",
        "S3 accepts no other parts");
    credentials(path);
    encryption(s3, path);
    customerKey(s3, path);
  }

  private static boolean isPrefix(String prefix) {
    return prefix.isEmpty()
        || List.of(prefix.split("/", -1)).stream().noneMatch(Set.of("", ".", "..")::contains);
  }

  private void credentials(String path) {
    boolean id = findings.isWritten(path + ".access_key_id");
    boolean secret = findings.isWritten(path + ".secret_access_key");
    String both = "set both, or neither to use the usual AWS chain";
    findings.check(
        id && !secret, path + ".access_key_id", "is set without secret_access_key", both);
    findings.check(
        secret && !id, path + ".secret_access_key", "is set without access_key_id", both);
    findings.check(
        findings.isWritten(path + ".session_token") && !id,
        path + ".session_token",
        "is set without access_key_id",
        "temporary credentials have all three");
  }

  private void encryption(S3Settings s3, String path) {
    boolean kmsKey = findings.isWritten(path + ".sse_kms_key_id");
    findings.check(
        kmsKey && s3.sse() != Sse.KMS,
        path + ".sse_kms_key_id",
        "is set without sse: kms",
        "set sse: kms, or remove the key id");
    boolean customerKey = findings.isWritten(path + ".sse_customer_key");
    findings.check(
        customerKey && s3.sse() != Sse.CUSTOMER,
        path + ".sse_customer_key",
        "is set without sse: customer",
        "set sse: customer, or remove the key");
    findings.check(
        s3.sse() == Sse.CUSTOMER && !customerKey,
        path + ".sse",
        "is customer, but sse_customer_key is not set",
        "set sse_customer_key or sse_customer_key_file");
  }

  private void customerKey(S3Settings s3, String path) {
    s3.sseCustomerKey()
        .ifPresent(
            key ->
                findings.check(
                    !isKey(key.reveal()),
                    path + ".sse_customer_key",
                    "is neither 32 characters nor base64 of 32 bytes",
                    "make one with: openssl rand -base64 32"));
    boolean plain = s3.endpoint().filter(Loopback::isReadableOnTheWay).isPresent();
    findings.check(
        s3.sse() == Sse.CUSTOMER && plain && !s3.allowInsecure(),
        path + ".endpoint",
        "is plain http, over which sse: customer would send its key readably",
        "use https, or set allow_insecure: true");
  }

  private static boolean isKey(String key) {
    if (key.getBytes(StandardCharsets.UTF_8).length == 32) {
      return true;
    }
    try {
      return Base64.getDecoder().decode(key).length == 32;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
