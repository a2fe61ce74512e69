package dev.caravan.lab;

import dev.caravan.config.ByteSize;
import dev.caravan.config.S3Settings;
import dev.caravan.config.S3Settings.Checksums;
import dev.caravan.config.S3Settings.Sse;
import dev.caravan.config.Secret;
import dev.caravan.remote.s3.S3Clients;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import software.amazon.awssdk.services.s3.S3Client;

/** Settings of a bucket for a test, and variations of them. */
public record S3Bucket(S3Settings settings) {

  /** A bucket that need not exist, at an endpoint that need not answer; path-style. */
  public static S3Bucket at(String endpoint) {
    return new S3Bucket(settings("test", "bucket", Optional.of(URI.create(endpoint))));
  }

  /** A bucket at Amazon, for what never goes there. */
  public static S3Bucket atAmazon() {
    return new S3Bucket(settings("test", "bucket", Optional.empty()));
  }

  static S3Settings settings(String name, String bucket, Optional<URI> endpoint) {
    return new S3Settings(
        name,
        bucket,
        "",
        endpoint,
        "us-east-1",
        Optional.of(new Secret(S3Server.ACCESS_KEY)),
        Optional.of(S3Server.SECRET_KEY),
        Optional.empty(),
        endpoint.isPresent(),
        Sse.NONE,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        ByteSize.ofMebibytes(5),
        false,
        Checksums.AUTO,
        8,
        true);
  }

  /** Where {@link S3Server#S3PROXY} keeps the objects of this bucket, each as a file. */
  public Path disk() {
    return S3Server.LAB.resolve("s3proxy/objects").resolve(settings.bucket());
  }

  /** What an object holds, read with a client that is not Caravan's. */
  public byte[] bytes(String key) {
    try (S3Client client = S3Clients.client(settings)) {
      return client.getObjectAsBytes(get -> get.bucket(settings.bucket()).key(key)).asByteArray();
    }
  }

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
        s.bucket(),
        s.prefix(),
        s.endpoint(),
        Optional.of(new Secret(id)),
        Optional.of(new Secret(secret)));
  }

  /** With keys that may change, as those that lie in files do. */
  public S3Bucket keys(Secret id, Secret secret) {
    S3Settings s = settings;
    return copy(s.bucket(), s.prefix(), s.endpoint(), Optional.of(id), Optional.of(secret));
  }

  /** Without keys of its own: the usual places are asked. */
  public S3Bucket keyless() {
    S3Settings s = settings;
    return copy(s.bucket(), s.prefix(), s.endpoint(), Optional.empty(), Optional.empty());
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
    return rest(settings.region(), partSize, settings.pathStyle(), settings.createBucket());
  }

  public S3Bucket pathStyle(boolean pathStyle) {
    return rest(settings.region(), settings.partSize(), pathStyle, settings.createBucket());
  }

  public S3Bucket region(String region) {
    return rest(region, settings.partSize(), settings.pathStyle(), settings.createBucket());
  }

  public S3Bucket createBucket() {
    return rest(settings.region(), settings.partSize(), settings.pathStyle(), true);
  }

  private S3Bucket copy(
      String bucket,
      String prefix,
      Optional<URI> endpoint,
      Optional<Secret> id,
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
            s.transfers(),
            true));
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
            s.transfers(),
            true));
  }

  private S3Bucket rest(String region, ByteSize partSize, boolean pathStyle, boolean createBucket) {
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
            pathStyle,
            s.sse(),
            s.sseKmsKeyId(),
            s.sseCustomerKey(),
            s.storageClass(),
            partSize,
            createBucket,
            s.checksum(),
            s.transfers(),
            true));
  }
}
