package dev.caravan.remote.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.caravan.lab.S3Bucket;
import dev.caravan.lab.S3Server;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.StoredObject.Proof;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Wrong settings, wrong clocks and calls broken off, at real servers. */
class S3FaultsIT {

  private static final ObjectKey KEY = new ObjectKey("f");
  private static final long MIB = 1 << 20;

  @ParameterizedTest
  @EnumSource(names = {"CEPH", "S3PROXY"})
  void wrongKeysAreToldAsSuch(S3Server server) throws Exception {
    S3Bucket bucket = server.newBucket();
    List<S3Bucket> wrong =
        List.of(
            bucket.keys(S3Server.ACCESS_KEY, "wrongsecretwrongsecret"),
            bucket.keys("NOSUCHKEY", S3Server.SECRET_KEY.reveal()));
    for (S3Bucket each : wrong) {
      try (S3Remote remote = remote(each, Clock.systemUTC())) {
        assertThat(reason(remote::probe)).isEqualTo(Cause.AUTHENTICATION);
        assertThat(reason(() -> remote.find(KEY))).isEqualTo(Cause.AUTHENTICATION);
        assertThat(reason(() -> remote.list("", s -> {}))).isEqualTo(Cause.AUTHENTICATION);
        assertThat(reason(() -> remote.delete(List.of(KEY)))).isEqualTo(Cause.AUTHENTICATION);
        assertThat(reason(() -> remote.put(KEY, new PatternContent(1, 1))))
            .isEqualTo(Cause.AUTHENTICATION);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aMissingBucketIsToldAsSuch(S3Server server) {
    S3Bucket bucket = server.newBucket().bucket("no-such-bucket-here");
    try (S3Remote remote = remote(bucket, Clock.systemUTC())) {
      assertThat(reason(remote::probe)).isEqualTo(Cause.NOT_THERE);
      assertThat(reason(() -> remote.find(KEY))).isEqualTo(Cause.NOT_THERE);
      assertThat(reason(() -> remote.open(KEY, 0, -1).close())).isEqualTo(Cause.NOT_THERE);
    }
  }

  /** A refusal of a big body must be heard, and must not poison the connection. */
  @ParameterizedTest
  @EnumSource(names = {"CEPH", "S3PROXY"})
  void aBigBodyThatIsRefusedLeavesTheRemoteUsable(S3Server server) throws Exception {
    S3Bucket bucket = server.newBucket();
    try (S3Remote remote = remote(bucket, Clock.systemUTC())) {
      remote.probe();
      for (int i = 0; i < 3; i++) {
        assertThat(reason(() -> remote.put(KEY, new Lying(20 * MIB)))).isEqualTo(Cause.CORRUPT);
        assertThat(reason(() -> remote.put(KEY, new Lying(100_000)))).isEqualTo(Cause.CORRUPT);
        assertThat(remote.find(KEY)).isEmpty();
      }
      assertThat(remote.put(KEY, new PatternContent(20 * MIB, 1)).proof())
          .isEqualTo(Proof.SERVER_CHECKED);
    }
  }

  @ParameterizedTest
  @CsvSource({"CEPH, 30", "CEPH, -30", "S3PROXY, 30", "S3PROXY, -30", "S3PROXY, 1500"})
  void aClockThatIsOffIsCorrectedFor(S3Server server, long minutes) throws Exception {
    Clock skewed = Clock.offset(Clock.systemUTC(), Duration.ofMinutes(minutes));
    S3Bucket bucket = server.newBucket();
    try (S3Remote remote = remote(bucket, skewed)) {
      assertThat(remote.probe()).containsKey("clock_offset_s");
    }
    try (S3Remote remote = remote(bucket, skewed)) {
      assertThat(remote.find(KEY)).isEmpty();
    }
    try (S3Remote remote = remote(bucket, skewed)) {
      remote.put(KEY, new PatternContent(20 * MIB, 1));
      assertThat(S3RemoteIT.sha256(remote, KEY))
          .isEqualTo(new PatternContent(20 * MIB, 1).sha256());
      remote.sweep(KEY, skewed.instant());
    }
  }

  @ParameterizedTest
  @EnumSource
  void closingBreaksOffWhatIsUnderWay(S3Server server) throws Exception {
    S3Remote remote = remote(server.newBucket(), Clock.systemUTC());
    CountDownLatch begun = new CountDownLatch(12);
    CompletableFuture<RemoteException> outcome =
        CompletableFuture.supplyAsync(
            () ->
                catchThrowableOfType(
                    RemoteException.class, () -> remote.put(KEY, new Huge(begun))));
    begun.await();
    long start = System.nanoTime();
    remote.close();
    RemoteException thrown = outcome.get(10, TimeUnit.SECONDS);
    assertThat(thrown.reason()).isEqualTo(Cause.CANCELLED);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    assertThat(reason(() -> remote.find(KEY))).isEqualTo(Cause.CANCELLED);
  }

  @Test
  void aReaderThatStopsEarlyDoesNotReadTheRest() throws Exception {
    try (S3Remote remote = remote(S3Server.CEPH.newBucket(), Clock.systemUTC())) {
      remote.put(KEY, new PatternContent(30 * MIB, 1));
      for (int i = 0; i < 50; i++) {
        try (InputStream in = remote.open(KEY, 0, -1)) {
          assertThat(in.readNBytes(10)).hasSize(10);
        }
      }
      assertThat(remote.find(KEY)).isPresent();
    }
  }

  private static S3Remote remote(S3Bucket bucket, Clock clock) {
    return new S3Remote(bucket.settings(), new RecordingJournal(), clock);
  }

  private static Cause reason(ThrowingCallable call) {
    RemoteException refused = catchThrowableOfType(RemoteException.class, call);
    assertThat(refused).isNotNull();
    assertThat(refused.getMessage()).doesNotContain(S3Server.SECRET_KEY.reveal(), "wrongsecret");
    return refused.reason();
  }
}
