package dev.caravan.lab;

import dev.caravan.config.ByteSize;
import dev.caravan.config.S3Settings;
import dev.caravan.config.S3Settings.Checksums;
import dev.caravan.config.S3Settings.Sse;
import dev.caravan.config.Secret;
import java.net.URI;
import java.util.Optional;

/** Settings of a bucket for a test, and variations of them. */
public record S3Bucket(S3Settings settings) {

  public S3Bucket prefix(String prefix) {
    S3Settings s = settings;
    return copy(s.bucket(), prefix, s.endpoint(), s.accessKeyId(), s.secretAccessKey());
  }

  public S3Bucket bucket(String bucket) {
    S3Settings s = settings;
    return copy(bucket, s.prefix(), s.endpoint(), s.accessKeyId(), s.secretAccessKey());
  }

  public S3Bucket endpoint(URI endpoint) {
    S3Settings s = settings;
    return copy(
        s.bucket(), s.prefix(), Optional.of(endpoint), s.accessKeyId(), s.secretAccessKey());
  }

  public S3Bucket keys(String id, String secret) {
    S3Settings s = settings;
    return copy(
        s.bucket(), s.prefix(), s.endpoint(), Optional.of(id), Optional.of(new Secret(secret)));
  }

  public S3Bucket customerKey(String key) {
    return copy(Sse.CUSTOMER, Optional.empty(), Optional.of(new Secret(key)), settings.checksum());
  }

  public S3Bucket sse(Sse sse, Optional<String> kmsKeyId) {
    return copy(sse, kmsKeyId, Optional.empty(), settings.checksum());
  }

  public S3Bucket checksums(Checksums checksums) {
    S3Settings s = settings;
    return copy(s.sse(), s.sseKmsKeyId(), s.sseCustomerKey(), checksums);
  }

  public S3Bucket partSize(ByteSize partSize) {
    return rest(settings.region(), partSize, settings.createBucket());
  }

  public S3Bucket region(String region) {
    return rest(region, settings.partSize(), settings.createBucket());
  }

  public S3Bucket createBucket() {
    return rest(settings.region(), settings.partSize(), true);
  }

  private S3Bucket copy(
      String bucket,
      String prefix,
      Optional<URI> endpoint,
      Optional<String> id,
      Optional<Secret> secret) {
    S3Settings s = settings;
    return new S3Bucket(
        new S3Settings(
            s.name(),
            bucket,
            prefix,
            endpoint,
            s.region(),
            id,
            secret,
            s.sessionToken(),
            s.pathStyle(),
            s.sse(),
            s.sseKmsKeyId(),
            s.sseCustomerKey(),
            s.storageClass(),
            s.partSize(),
            s.createBucket(),
            s.checksum(),
            s.transfers()));
  }

  private S3Bucket copy(Sse sse, Optional<String> kms, Optional<Secret> key, Checksums checksums) {
    S3Settings s = settings;
    return new S3Bucket(
        new S3Settings(
            s.name(),
            s.bucket(),
            s.prefix(),
            s.endpoint(),
            s.region(),
            s.accessKeyId(),
            s.secretAccessKey(),
            s.sessionToken(),
            s.pathStyle(),
            sse,
            kms,
            key,
            s.storageClass(),
            s.partSize(),
            s.createBucket(),
            checksums,
            s.transfers()));
  }

  private S3Bucket rest(String region, ByteSize partSize, boolean createBucket) {
    S3Settings s = settings;
    return new S3Bucket(
        new S3Settings(
            s.name(),
            s.bucket(),
            s.prefix(),
            s.endpoint(),
            region,
            s.accessKeyId(),
            s.secretAccessKey(),
            s.sessionToken(),
            s.pathStyle(),
            s.sse(),
            s.sseKmsKeyId(),
            s.sseCustomerKey(),
            s.storageClass(),
            partSize,
            createBucket,
            s.checksum(),
            s.transfers()));
  }
}
