package dev.caravan.remote.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.caravan.event.ForwardingContent;
import dev.caravan.event.SendingStoppedException;
import dev.caravan.lab.S3Bucket;
import dev.caravan.lab.S3Server;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.UploadJournal;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/** Uploads in parts that were cut off: the next remote goes on with them, if that is right. */
class S3ResumeIT {

  private static final ObjectKey KEY = new ObjectKey("f");
  private static final long MIB = 1 << 20;
  private static final S3Limits LIMITS = new S3Limits(8 * MIB, 5 * MIB);

  /** Five parts: with four hands, the fifth begins when one has arrived. */
  private static final long SIZE = 21 * MIB;

  private final MemoryParts journal = new MemoryParts();

  /** What happens when a part goes out. */
  private interface Turn {
    void run() throws IOException;
  }

  /** Notes which parts go out; does something when the n-th does. */
  private static final class Watched extends ForwardingContent {
    private final List<Long> offsets = new CopyOnWriteArrayList<>();
    private final int turn;
    private final Turn action;

    Watched(PatternContent content, int turn, Turn action) {
      super(content);
      this.turn = turn;
      this.action = action;
    }

    @Override
    public InputStream open(long offset, long length) throws IOException {
      offsets.add(offset);
      if (offsets.size() == turn) {
        action.run();
      }
      return super.open(offset, length);
    }
  }

  private S3Remote remote(S3Bucket bucket) {
    return new S3Remote(bucket.settings(), journal, Clock.systemUTC(), LIMITS, () -> "test");
  }

  /** Puts, and breaks off when the fifth part begins; returns what is on record then. */
  private UploadJournal.Cut cutOff(S3Bucket bucket, int seed) {
    S3Remote remote = remote(bucket);
    Watched content = new Watched(new PatternContent(SIZE, seed), 5, remote::close);
    RemoteException thrown =
        catchThrowableOfType(RemoteException.class, () -> remote.put(KEY, content));
    assertThat(thrown.reason()).isEqualTo(Cause.CANCELLED);
    UploadJournal.Cut cut = journal.only().orElseThrow();
    assertThat(cut.parts()).as("arrived before").isNotEmpty().hasSizeLessThan(5);
    return cut;
  }

  /** Puts the same or another content; returns the numbers of the parts that went out. */
  private Set<Integer> put(S3Bucket bucket, int seed) throws Exception {
    PatternContent content = new PatternContent(SIZE, seed);
    Watched watched = new Watched(content, 0, () -> {});
    try (S3Remote remote = remote(bucket)) {
      remote.put(KEY, watched);
      assertThat(S3RemoteIT.sha256(remote, KEY)).isEqualTo(content.sha256());
    }
    assertThat(journal.only()).as("nothing is left to go on with").isEmpty();
    assertThat(S3MultipartIT.uploads(bucket)).isEmpty();
    Set<Integer> numbers = new TreeSet<>();
    watched.offsets.forEach(at -> numbers.add((int) (at / (5 * MIB)) + 1));
    return numbers;
  }

  @ParameterizedTest
  @EnumSource
  void onlyPartsThatDidNotArriveAreSentByTheNextRemote(S3Server server) throws Exception {
    S3Bucket bucket = server.newBucket();
    UploadJournal.Cut cut = cutOff(bucket, 3);
    Set<Integer> missing = new TreeSet<>(Set.of(1, 2, 3, 4, 5));
    missing.removeAll(cut.parts().keySet());
    assertThat(put(bucket, 3)).isEqualTo(missing);
    try (S3Remote remote = remote(bucket)) {
      journal.begun(remote.identity(), KEY, cut);
    }
    assertThat(put(bucket, 3)).as("killed after the last step").isEmpty();
  }

  /** The customer's key goes with every step of it. */
  @Test
  void aSweepSparesWhatIsToBeGoneOnWithAndNothingElse() throws Exception {
    S3Bucket bucket = S3Server.CEPH.newBucket().customerKey("0123456789abcdef0123456789abcdef");
    UploadJournal.Cut cut = cutOff(bucket, 3);
    try (S3Remote remote = remote(bucket);
        S3Client sdk = S3Clients.client(bucket.settings())) {
      String name = bucket.settings().bucket();
      sdk.createMultipartUpload(upload -> upload.bucket(name).key("f"));
      assertThat(S3MultipartIT.uploads(bucket)).hasSize(2);
      remote.sweep(KEY, Instant.now());
      assertThat(S3MultipartIT.uploads(bucket)).hasSize(1);
    }
    assertThat(put(bucket, 3)).hasSize(5 - cut.parts().size());
  }

  /** As an archive may send while a cycle looks for what is left. */
  @Test
  void aSweepLeavesWhatIsBeingSent() throws Exception {
    S3Bucket bucket = S3Server.CEPH.newBucket();
    S3Remote remote =
        new S3Remote(
            bucket.settings(), new RecordingJournal(), Clock.systemUTC(), LIMITS, () -> "test");
    List<Integer> underWay = new CopyOnWriteArrayList<>();
    Turn sweep =
        () -> {
          underWay.add(S3MultipartIT.uploads(bucket).size());
          assertThat(remote.isSendingParts(KEY)).isTrue();
          assertThatCode(() -> remote.sweep(KEY, Instant.now())).doesNotThrowAnyException();
        };
    PatternContent content = new PatternContent(9 * MIB, 3);
    try (remote) {
      remote.put(KEY, new Watched(content, 2, sweep));
      assertThat(underWay).containsExactly(1);
      assertThat(S3RemoteIT.sha256(remote, KEY)).isEqualTo(content.sha256());
      assertThat(remote.isSendingParts(KEY)).isFalse();
    }
  }

  @Test
  void aCancelLeavesWhatWasSent() throws Exception {
    S3Bucket bucket = S3Server.CEPH.newBucket();
    Turn cancel =
        () -> {
          throw new SendingStoppedException("cancelled");
        };
    PatternContent content = new PatternContent(SIZE, 3);
    Watched cancelled = new Watched(content, 5, cancel);
    try (S3Remote remote = remote(bucket)) {
      assertThatThrownBy(() -> remote.put(KEY, cancelled))
          .isInstanceOf(SendingStoppedException.class);
    }
    int arrived = journal.only().orElseThrow().parts().size();
    assertThat(arrived).isPositive();
    assertThat(put(bucket, 3)).hasSize(5 - arrived);
  }

  @Test
  void whatWasBegunForAnotherContentIsRemoved() throws Exception {
    S3Bucket bucket = S3Server.CEPH.newBucket();
    cutOff(bucket, 3);
    assertThat(put(bucket, 4)).hasSize(5);
  }

  @Test
  void partsThatTheServerHasNotAsTheyWereSentAreSentAgain() throws Exception {
    S3Bucket bucket = S3Server.CEPH.newBucket();
    UploadJournal.Cut cut = cutOff(bucket, 3);
    int altered = cut.parts().firstKey();
    try (S3Client sdk = S3Clients.client(bucket.settings())) {
      sdk.uploadPart(
          part ->
              part.bucket(bucket.settings().bucket())
                  .key("f")
                  .uploadId(cut.uploadId())
                  .partNumber(altered),
          RequestBody.fromBytes(new byte[(int) (5 * MIB)]));
    }
    assertThat(put(bucket, 3)).contains(altered);
    UploadJournal.Cut gone = cutOff(bucket, 5);
    try (S3Client sdk = S3Clients.client(bucket.settings())) {
      sdk.abortMultipartUpload(
          upload -> upload.bucket(bucket.settings().bucket()).key("f").uploadId(gone.uploadId()));
    }
    assertThat(put(bucket, 5)).as("the server has forgotten all").hasSize(5);
  }
}
