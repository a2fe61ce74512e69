package dev.caravan.remote.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.event.ContentChangedException;
import dev.caravan.event.ForwardingContent;
import dev.caravan.event.ObjectContent;
import dev.caravan.event.StorePath;
import dev.caravan.event.WantedSums;
import dev.caravan.event.WantedSums.PartSum;
import dev.caravan.lab.S3Bucket;
import dev.caravan.lab.S3Server;
import dev.caravan.remote.MeteredRemote;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.StoredObject.Proof;
import dev.caravan.remote.s3.S3Abilities.PartGuard;
import dev.caravan.store.FileStat;
import dev.caravan.store.FileVersion;
import dev.caravan.store.StoreTree;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadResponse;

/** Big files: sent and copied in parts, and nothing left behind, at three real servers. */
class S3MultipartIT {

  private static final long MIB = 1 << 20;
  private static final long THRESHOLD = 8 * MIB;
  private static final S3Limits LIMITS = new S3Limits(THRESHOLD, 5 * MIB);

  private final RecordingJournal journal = new RecordingJournal();

  @ParameterizedTest
  @EnumSource
  void whatIsTooBigToCopyAtOnceIsCopiedInParts(S3Server server) throws Exception {
    S3Bucket bucket = server.newBucket();
    try (S3Remote remote = remote(bucket)) {
      ObjectKey from = new ObjectKey("from");
      ObjectKey to = new ObjectKey("to");
      PatternContent content = new PatternContent(11 * MIB, 3);
      remote.put(from, content);
      remote.copies().copyInParts(from, to, Optional.empty());
      assertThat(remote.find(to).orElseThrow().sha256()).contains(content.sha256());
      assertThat(S3RemoteIT.sha256(remote, to)).isEqualTo(content.sha256());
      assertThat(uploads(bucket)).isEmpty();
    }
  }

  /** Each part is read twice, once for its checksum; only what goes out counts and is slowed. */
  @Test
  void whatIsReadForAChecksumIsNotCountedAsSent() throws Exception {
    AtomicLong counted = new AtomicLong();
    S3Remote s3 = remote(S3Server.CEPH.newBucket());
    try (Remote remote =
        new MeteredRemote(
            s3, new SimpleMeterRegistry(), (name, direction, n) -> counted.addAndGet(n))) {
      remote.put(new ObjectKey("f"), new PatternContent(11 * MIB, 3));
      assertThat(counted).hasValue(11 * MIB);
    }
  }

  /** Over TLS parts go unsigned, guarded by a CRC-32C; the protocol allows that without, too. */
  @ParameterizedTest
  @EnumSource(names = {"S3PROXY", "S3MOCK"})
  void partsGuardedByACrcArriveAsWell(S3Server server) throws Exception {
    try (S3Remote remote = remote(server.newBucket())) {
      ObjectKey key = new ObjectKey("f");
      PatternContent content = new PatternContent(12 * MIB, 3);
      remote.uploads().putParts(key, content, PartGuard.CRC32C);
      assertThat(S3RemoteIT.sha256(remote, key)).isEqualTo(content.sha256());
      assertThatThrownBy(
              () -> remote.uploads().putParts(key, new Shifty(12 * MIB), PartGuard.CRC32C))
          .isInstanceOf(RemoteException.class)
          .hasMessageContaining(server == S3Server.S3MOCK ? "crc32c" : "BadDigest");
    }
  }

  /** A file that was read with the remote's wishes in mind is opened once more, for the wire. */
  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "S3MOCK") // which checks no signature
  void sumsThatAFileKnowsOfItsPartsAreSentAsTheyAre(S3Server server, @TempDir Path folder)
      throws Exception {
    Files.write(folder.resolve("f"), new PatternContent(12 * MIB + 5, 3).bytes());
    StoreTree tree = new StoreTree(folder, folder.resolve(".caravan"), Clock.systemUTC());
    FileStat seen = tree.stat(StorePath.of("f")).orElseThrow();
    try (S3Remote remote = remote(server.newBucket())) {
      assertThat(remote.wantedSums(seen.sizeBytes())).isEqualTo(WantedSums.MD5);
      remote.probe();
      // Over plain http the signature guards a part, not a CRC.
      WantedSums.Parts parts = new WantedSums.Parts(PartSum.SHA256, 5 * MIB);
      WantedSums wanted = new WantedSums(true, Optional.of(parts));
      assertThat(remote.wantedSums(seen.sizeBytes())).isEqualTo(wanted);
      assertThat(remote.wantedSums(THRESHOLD).parts()).isEmpty();

      Unpeeked content = new Unpeeked(FileVersion.read(tree, seen, wanted), false);
      ObjectKey key = new ObjectKey("f");
      remote.put(key, content);
      assertThat(S3RemoteIT.sha256(remote, key)).isEqualTo(content.sha256());

      Unpeeked wrong = new Unpeeked(FileVersion.read(tree, seen, wanted), true);
      assertThatThrownBy(() -> remote.put(new ObjectKey("wrong"), wrong))
          .isInstanceOf(RemoteException.class);
      assertThat(remote.find(new ObjectKey("wrong"))).isEmpty();
    }
  }

  /** May be read for the wire alone; can be wrong about its second part. */
  private static final class Unpeeked extends ForwardingContent {
    private final boolean wrong;

    Unpeeked(ObjectContent content, boolean wrong) {
      super(content);
      this.wrong = wrong;
    }

    @Override
    public InputStream peek(long offset, long length) {
      throw new AssertionError("was read for a checksum");
    }

    @Override
    public Optional<byte[]> partSum(PartSum sum, long offset, long length) {
      return super.partSum(sum, wrong && offset == length ? 0 : offset, length);
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatNoServerCheckedIsReadBack(S3Server server) throws Exception {
    try (S3Remote remote = remote(server.newBucket())) {
      ObjectKey key = new ObjectKey("f");
      PatternContent content = new PatternContent(12 * MIB, 3);
      assertThat(remote.uploads().putParts(key, content, PartGuard.NONE).proof())
          .isEqualTo(Proof.READ_BACK);
      assertThatThrownBy(() -> remote.uploads().putParts(key, new Lying(12 * MIB), PartGuard.NONE))
          .isInstanceOf(RemoteException.class)
          .matches(e -> ((RemoteException) e).reason() == Cause.CORRUPT);
    }
  }

  @ParameterizedTest
  @EnumSource
  void nothingOfAFileThatChangedIsVisible(S3Server server) throws Exception {
    S3Bucket bucket = server.newBucket();
    try (S3Remote remote = remote(bucket)) {
      ObjectKey key = new ObjectKey("f");
      remote.put(key, new PatternContent(5, 1));
      List<PatternContent> changing =
          List.of(
              new PatternContent(100, 2).changingAtOpen(1),
              new PatternContent(2 * MIB, 2).changingAtOpen(1),
              new PatternContent(0, 2).changingAtEnd(),
              new PatternContent(12 * MIB, 2).changingAtOpen(1),
              new PatternContent(12 * MIB, 2).changingAtOpen(4),
              new PatternContent(12 * MIB, 2).changingAtEnd());
      for (PatternContent content : changing) {
        assertThatThrownBy(() -> remote.put(key, content))
            .isInstanceOf(ContentChangedException.class);
        Optional<Long> size = remote.find(key).map(ObjectStat::sizeBytes);
        if (server == S3Server.S3MOCK && content.sizeBytes() > THRESHOLD) {
          // Whoever aborts an upload there, the older object of that name is gone.
          assertThat(size).isEmpty();
        } else {
          assertThat(size).as("after %d bytes", content.sizeBytes()).contains(5L);
        }
      }
      assertThat(uploads(bucket)).isEmpty();
      assertThat(journal.told().stream().filter(t -> t.startsWith("ended"))).hasSize(3);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aSweepEndsWhatAKilledUploadLeft(S3Server server) throws Exception {
    S3Bucket bucket = server.newBucket().prefix("p");
    try (S3Remote remote = remote(bucket);
        S3Client sdk = S3Clients.client(bucket.settings())) {
      begin(sdk, bucket, "p/f");
      begin(sdk, bucket, "p/f");
      begin(sdk, bucket, "p/f2");
      begin(sdk, bucket, "p/a b");
      remote.sweep(new ObjectKey("f"), Instant.now().plusSeconds(3600));
      assertThat(uploads(bucket)).hasSize(4);
      remote.sweep(new ObjectKey("a b"), Instant.now());
      remote.sweep(new ObjectKey("f"), Instant.now());
      assertThat(uploads(bucket)).containsExactly("p/f2");
      remote.sweep(new ObjectKey("never"), Instant.now());
      begin(sdk, bucket, "p/day/a b");
      begin(sdk, bucket, "p/day/c/d");
      begin(sdk, bucket, "p/day2/e");
      assertThat(remote.begunUploads(100).stream().map(each -> each.key().value()))
          .containsExactlyInAnyOrder("f2", "day/a b", "day/c/d", "day2/e");
      remote.sweepBelow("day/");
      assertThat(uploads(bucket)).containsExactlyInAnyOrder("p/f2", "p/day2/e");
    }
  }

  private static void begin(S3Client sdk, S3Bucket bucket, String key) {
    String name = bucket.settings().bucket();
    CreateMultipartUploadResponse begun = sdk.createMultipartUpload(b -> b.bucket(name).key(key));
    sdk.uploadPart(
        b -> b.bucket(name).key(key).uploadId(begun.uploadId()).partNumber(1),
        software.amazon.awssdk.core.sync.RequestBody.fromBytes(new byte[1000]));
  }

  static List<String> uploads(S3Bucket bucket) {
    try (S3Client sdk = S3Clients.client(bucket.settings())) {
      return sdk.listMultipartUploads(b -> b.bucket(bucket.settings().bucket())).uploads().stream()
          .map(software.amazon.awssdk.services.s3.model.MultipartUpload::key)
          .toList();
    }
  }

  private S3Remote remote(S3Bucket bucket) {
    return new S3Remote(bucket.settings(), journal, Clock.systemUTC(), LIMITS, () -> "test");
  }
}
