package dev.caravan.remote.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.contract.TestContent;
import dev.caravan.event.Owner;
import dev.caravan.lab.S3Bucket;
import dev.caravan.lab.S3Server;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.StoredObject;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Mode and owner beside objects at three real servers, and their change without the bytes. */
class S3TraitsIT {

  private static final S3Limits LIMITS = new S3Limits(8 << 20, 5 << 20);

  @ParameterizedTest
  @EnumSource
  void theyAreKeptAndChangedWithoutTheBytes(S3Server server) throws Exception {
    try (S3Remote remote = remote(server.newBucket())) {
      for (long size : new long[] {0, 5, 9 << 20}) {
        ObjectKey key = new ObjectKey("of " + size + " bytes");
        TestContent content = TestContent.ofSize(size, 1).with(04640, new Owner(1_234, 5));
        ObjectStat held = stat(key, content, remote.put(key, content));
        assertThat(remote.traits(key)).isEqualTo(traits(04640, new Owner(1_234, 5)));

        Instant later = Instant.parse("2027-01-02T03:04:05.123456789Z");
        TestContent other =
            TestContent.ofSize(size, 1).modified(later).with(0604, new Owner(4_000_000_000L, 0));
        ObjectStat now = remote.describe(held, other).orElseThrow();
        assertThat(other.opened()).isZero();
        assertThat(now).isEqualTo(remote.find(key).orElseThrow());
        assertThat(now.modifiedAt()).isEqualTo(later);
        assertThat(now.sha256()).contains(content.sha256());
        assertThat(remote.traits(key)).isEqualTo(traits(0604, new Owner(4_000_000_000L, 0)));
        assertThat(remote.open(key, 0, -1).readAllBytes()).isEqualTo(content.bytes());
        // The same once more is no request that writes: a new version would have a new time.
        assertThat(remote.describe(now, other)).contains(now);
        // The answer of the first may have been lost: what it made is ours, under another ETag.
        assertThat(remote.describe(held, other).orElseThrow().etag()).isEqualTo(now.etag());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void anotherObjectIsLeftAlone(S3Server server) throws Exception {
    try (S3Remote remote = remote(server.newBucket())) {
      ObjectKey key = new ObjectKey("a");
      TestContent content = TestContent.of("proven").with(0640, new Owner(1, 1));
      ObjectStat held = stat(key, content, remote.put(key, content));
      remote.put(key, TestContent.of("another"));
      assertThatThrownBy(() -> remote.describe(held, content))
          .isInstanceOfSatisfying(
              RemoteException.class,
              e -> assertThat(e.reason()).isEqualTo(RemoteException.Cause.NO_SUCH_OBJECT));
      assertThat(remote.traits(key)).isEqualTo(Remote.Traits.NONE);
      remote.delete(List.of(key));
      assertThatThrownBy(() -> remote.describe(held, content))
          .isInstanceOfSatisfying(
              RemoteException.class,
              e -> assertThat(e.reason()).isEqualTo(RemoteException.Cause.NO_SUCH_OBJECT));
    }
  }

  private static Remote.Traits traits(int permissions, Owner owner) {
    return new Remote.Traits(OptionalInt.of(permissions), Optional.of(owner));
  }

  private static ObjectStat stat(ObjectKey key, TestContent content, StoredObject stored) {
    return new ObjectStat(
        key,
        content.sizeBytes(),
        content.modifiedAt(),
        stored.etag(),
        stored.version(),
        Optional.of(content.sha256()));
  }

  private static S3Remote remote(S3Bucket bucket) {
    return new S3Remote(
        bucket.settings(), new RecordingJournal(), Clock.systemUTC(), LIMITS, () -> "nonce");
  }
}
