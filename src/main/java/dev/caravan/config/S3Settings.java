package dev.caravan.config;

import java.net.URI;
import java.util.Optional;

/** A bucket on S3 or anything that speaks its protocol. */
public record S3Settings(
    String name,
    @Setting(value = "The bucket.", example = "my-bucket") String bucket,
    @Setting(value = "Put in front of every key; without leading or trailing slash.", def = "\"\"")
        String prefix,
    @Setting(
            value = "Base address of the server; absent for AWS itself.",
            example = "https://minio.example.org:9000")
        Optional<URI> endpoint,
    @Setting(value = "The region that requests are signed for.", def = "us-east-1") String region,
    @Setting("Access key; left out, the usual AWS chain is asked.") Optional<Secret> accessKeyId,
    @Setting("Secret key.") Optional<Secret> secretAccessKey,
    @Setting("Session token of temporary credentials.") Optional<Secret> sessionToken,
    @Setting(
            value = "Bucket in the path instead of the host name.",
            derived = "true when an endpoint is set")
        boolean pathStyle,
    @Setting(value = "Encryption at the server: none, aes256, kms or customer.", def = "none")
        Sse sse,
    @Setting("Key id for kms; absent for the bucket's default key.") Optional<String> sseKmsKeyId,
    @Setting("Key for customer: 32 raw characters, or base64 of 32 bytes.")
        Optional<Secret> sseCustomerKey,
    @Setting(value = "Storage class of new objects.", example = "STANDARD_IA")
        Optional<String> storageClass,
    @Setting(value = "Size of the parts of big files, 5MiB to 5GiB.", def = "16MiB")
        ByteSize partSize,
    @Setting(value = "Make the bucket when it is missing.", def = "false") boolean createBucket,
    @Setting(
            value =
                "auto sends additional checksums where the server knows them; when_required never.",
            def = "auto")
        Checksums checksum,
    @Setting(
            value = "Objects moved at once, at most.",
            derived = "storage.transfers where that is written, else 64",
            min = 1,
            max = 256)
        int transfers,
    @Setting(value = "Let a customer key travel over plain http to another machine.", def = "false")
        boolean allowInsecure)
    implements RemoteSettings {

  /** Encryption at the server. */
  public enum Sse {
    NONE,
    AES256,
    KMS,
    CUSTOMER
  }

  /** Whether additional checksums ({@code x-amz-checksum-*}) are sent. */
  public enum Checksums {
    AUTO,
    WHEN_REQUIRED
  }

  @Override
  public String provider() {
    return "s3";
  }
}
