package dev.caravan.remote.s3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.caravan.config.S3Settings.Sse;
import dev.caravan.lab.S3Bucket;
import dev.caravan.lab.S3Server;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.StoredObject.Proof;
import dev.caravan.remote.s3.wire.Digests;
import java.time.Clock;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;

/** Encryption at the server, held against Ceph, which really encrypts. */
class S3EncryptionIT {

  private static final String KEY = "0123456789abcdef0123456789abcdef";
  private static final String OTHER = "fedcba9876543210fedcba9876543210";
  private static final long MIB = 1 << 20;

  @Test
  void withoutTheCustomersKeyNothingCanBeRead() throws Exception {
    S3Bucket bucket = S3Server.CEPH.newBucket();
    S3Bucket right = bucket.customerKey(KEY);
    long[] sizes = {0, 1, 100_000, 12 * MIB + 1};
    try (S3Remote remote = remote(right);
        S3Remote wrong = remote(bucket.customerKey(OTHER));
        S3Remote keyless = remote(bucket)) {
      assertThat(remote.probe()).containsEntry("sse_enforced", "yes");
      for (long size : sizes) {
        ObjectKey key = new ObjectKey("f" + size);
        PatternContent content = new PatternContent(size, 1);
        assertThat(remote.put(key, content).proof()).isEqualTo(Proof.SERVER_CHECKED);
        ObjectStat stat = remote.find(key).orElseThrow();
        assertThat(stat.sizeBytes()).isEqualTo(size);
        assertThat(stat.sha256()).contains(content.sha256());
        assertThat(S3RemoteIT.sha256(remote, key)).isEqualTo(content.sha256());
        if (size > 0) {
          refused(() -> wrong.open(key, 0, -1).close());
          refused(() -> keyless.open(key, 0, -1).close());
        }
        refused(() -> wrong.find(key));
        refused(() -> keyless.find(key));
      }
    }
  }

  @Test
  void whatIsCreatedTakesNoPlaceThatIsTaken() throws Exception {
    S3Bucket bucket = S3Server.CEPH.newBucket().customerKey(KEY);
    ObjectKey key = new ObjectKey("claim");
    try (S3Remote remote = remote(bucket)) {
      assertThat(remote.create(key, new PatternContent(40, 1))).isTrue();
      assertThat(remote.create(key, new PatternContent(40, 1))).isFalse();
      assertThat(remote.create(key, new PatternContent(50, 2))).isFalse();
      assertThat(remote.find(key).orElseThrow().sizeBytes()).isEqualTo(40);
    }
  }

  @Test
  void theSdkReadsItWithTheSameKey() throws Exception {
    S3Bucket bucket = S3Server.CEPH.newBucket();
    PatternContent content = new PatternContent(12 * MIB + 1, 1);
    String base64 = Base64.getEncoder().encodeToString(KEY.getBytes(UTF_8));
    try (S3Remote remote = remote(bucket.customerKey(base64));
        S3Client sdk = S3Clients.client(bucket.settings())) {
      remote.put(new ObjectKey("f"), content);
      byte[] read =
          sdk.getObjectAsBytes(
                  b ->
                      b.bucket(bucket.settings().bucket())
                          .key("f")
                          .sseCustomerAlgorithm("AES256")
                          .sseCustomerKey(base64)
                          .sseCustomerKeyMD5(md5(KEY)))
              .asByteArray();
      assertThat(read).isEqualTo(content.bytes());
    }
  }

  @Test
  void anEncryptedObjectCanBeMoved() throws Exception {
    S3Bucket bucket = S3Server.CEPH.newBucket().customerKey(KEY);
    try (S3Remote remote = remote(bucket)) {
      PatternContent content = new PatternContent(12 * MIB + 1, 1);
      ObjectKey from = new ObjectKey("from");
      ObjectKey to = new ObjectKey("to");
      remote.put(from, content);
      Map<ObjectKey, RemoteException> failed = remote.move(Map.of(from, to));
      assertThat(failed).isEmpty();
      assertThat(S3RemoteIT.sha256(remote, to)).isEqualTo(content.sha256());
      assertThat(remote.find(from)).isEmpty();
    }
  }

  @Test
  void theMd5IsRecordedWhereTheEtagDoesNotTell() throws Exception {
    S3Bucket bucket = S3Server.CEPH.newBucket().customerKey(KEY);
    try (S3Remote remote = remote(bucket);
        S3Client sdk = S3Clients.client(bucket.settings())) {
      assertThat(remote.wantedSums(1).md5()).isTrue();
      PatternContent content = new PatternContent(100, 1);
      remote.put(new ObjectKey("f"), content);
      HeadObjectResponse head =
          sdk.headObject(
              b ->
                  b.bucket(bucket.settings().bucket())
                      .key("f")
                      .sseCustomerAlgorithm("AES256")
                      .sseCustomerKey(Base64.getEncoder().encodeToString(KEY.getBytes(UTF_8)))
                      .sseCustomerKeyMD5(md5(KEY)));
      assertThat(head.metadata())
          .containsEntry("md5chksum", Base64.getEncoder().encodeToString(content.md5()));
    }
  }

  @Test
  void aKeyOfTheServersKeyServiceIsUsed() throws Exception {
    S3Bucket bucket = S3Server.CEPH.newBucket().sse(Sse.KMS, Optional.of("labkey"));
    try (S3Remote remote = remote(bucket);
        S3Client sdk = S3Clients.client(bucket.settings())) {
      for (long size : new long[] {1000, 12 * MIB}) {
        PatternContent content = new PatternContent(size, 1);
        ObjectKey key = new ObjectKey("f" + size);
        remote.put(key, content);
        assertThat(S3RemoteIT.sha256(remote, key)).isEqualTo(content.sha256());
        HeadObjectResponse head =
            sdk.headObject(b -> b.bucket(bucket.settings().bucket()).key(key.value()));
        assertThat(head.serverSideEncryptionAsString()).isEqualTo("aws:kms");
        assertThat(head.ssekmsKeyId()).isEqualTo("labkey");
      }
    }
  }

  @Test
  void theServersOwnKeyIsAskedFor() throws Exception {
    S3Bucket bucket = S3Server.S3MOCK.newBucket().sse(Sse.AES256, Optional.empty());
    try (S3Remote remote = remote(bucket);
        S3Client sdk = S3Clients.client(bucket.settings())) {
      remote.put(new ObjectKey("f"), new PatternContent(10, 1));
      HeadObjectResponse head = sdk.headObject(b -> b.bucket(bucket.settings().bucket()).key("f"));
      assertThat(head.serverSideEncryptionAsString()).isEqualTo("AES256");
    }
  }

  @Test
  void aServerThatOnlyPretendsToEncryptIsSeenThrough() throws Exception {
    try (S3Remote remote = remote(S3Server.S3MOCK.newBucket().customerKey(KEY))) {
      assertThat(remote.probe().get("sse_enforced")).startsWith("no");
    }
  }

  @Test
  void aServerThatCannotEncryptIsRefused() {
    try (S3Remote remote = remote(S3Server.S3PROXY.newBucket().customerKey(KEY))) {
      refused(remote::probe);
    }
  }

  private static void refused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    RemoteException refused = catchThrowableOfType(RemoteException.class, call);
    assertThat(refused).isNotNull();
    assertThat(refused.getMessage()).doesNotContain(KEY);
  }

  private static String md5(String key) {
    return Digests.base64(Digests.md5().digest(key.getBytes(UTF_8)));
  }

  private static S3Remote remote(S3Bucket bucket) {
    S3Limits limits = new S3Limits(8 * MIB, 5 * MIB);
    return new S3Remote(
        bucket.settings(), new RecordingJournal(), Clock.systemUTC(), limits, () -> "test");
  }
}
