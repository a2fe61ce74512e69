package dev.caravan.remote.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.caravan.lab.S3Bucket;
import dev.caravan.lab.S3Server;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.StoredObject;
import dev.caravan.remote.StoredObject.Proof;
import dev.caravan.remote.s3.wire.Digests;
import java.io.InputStream;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every server must do, held against three real ones. */
class S3RemoteIT {

  private static final long MIB = 1 << 20;
  private static final long THRESHOLD = 8 * MIB;
  private static final S3Limits LIMITS = new S3Limits(THRESHOLD, 5 * MIB);

  private static final List<String> NAMES =
      List.of(
          "a b",
          "a+b",
          "a%b",
          "a%20b",
          "ü",
          "u\u0308",
          "😀",
          "漢/字",
          "-leading",
          "trailing.",
          "trailing ",
          "'quoted'",
          "new\nline\tand tab",
          "~",
          ".hidden",
          "a&b=c?d#e",
          "a;b,c:d@e",
          "{x}[y](z)!$*",
          "‛FF",
          "ｆｕｌｌ");

  private final RecordingJournal journal = new RecordingJournal();

  @ParameterizedTest
  @EnumSource
  void everySizeComesBackAsItWasSent(S3Server server) throws Exception {
    S3Bucket bucket = server.newBucket();
    try (S3Remote remote = remote(bucket)) {
      long[] sizes = {0, 1, 262_143, 262_144, 262_145, THRESHOLD, THRESHOLD + 1, 12 * MIB + 7};
      for (int i = 0; i < sizes.length; i++) {
        ObjectKey key = new ObjectKey("size/" + sizes[i]);
        PatternContent content = new PatternContent(sizes[i], i);
        StoredObject stored = remote.put(key, content);
        assertThat(stored.proof()).isEqualTo(Proof.SERVER_CHECKED);
        ObjectStat stat = remote.find(key).orElseThrow();
        assertThat(stat.sizeBytes()).isEqualTo(sizes[i]);
        assertThat(stat.modifiedAt()).isEqualTo(PatternContent.MODIFIED);
        assertThat(stat.sha256()).contains(content.sha256());
        assertThat(stat.etag()).isEqualTo(stored.etag());
        assertThat(sha256(remote, key)).isEqualTo(content.sha256());
      }
      assertThat(listing(remote, "")).hasSize(sizes.length);
      assertThat(journal.told()).hasSize(4);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aRangeIsWhatWasAskedFor(S3Server server) throws Exception {
    try (S3Remote remote = remote(server.newBucket())) {
      ObjectKey key = new ObjectKey("f");
      byte[] bytes = new PatternContent(1000, 1).bytes();
      remote.put(key, new PatternContent(1000, 1));
      remote.put(new ObjectKey("empty"), new PatternContent(0, 1));
      assertThat(read(remote, key, 0, -1)).isEqualTo(bytes);
      assertThat(read(remote, key, 10, 5)).containsExactly(slice(bytes, 10, 15));
      assertThat(read(remote, key, 990, -1)).containsExactly(slice(bytes, 990, 1000));
      assertThat(read(remote, key, 0, 1)).containsExactly(bytes[0]);
      assertThat(read(remote, key, 5, 0)).isEmpty();
      assertThat(read(remote, key, 1000, -1)).isEmpty();
      assertThat(read(remote, new ObjectKey("empty"), 0, -1)).isEmpty();
      assertThat(refused(() -> remote.open(key, 990, 20).close())).isEqualTo(Cause.CORRUPT);
      assertThat(refused(() -> remote.open(new ObjectKey("none"), 0, -1).close()))
          .isEqualTo(Cause.NO_SUCH_OBJECT);
      assertThat(refused(() -> remote.open(new ObjectKey("none"), 0, 0).close()))
          .isEqualTo(Cause.NO_SUCH_OBJECT);
      assertThat(remote.find(new ObjectKey("none"))).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void namesSurviveEveryWay(S3Server server) throws Exception {
    try (S3Remote remote = remote(server.newBucket().prefix("pre fix+ü"))) {
      List<String> names = names(server);
      Map<ObjectKey, ObjectKey> moves = new LinkedHashMap<>();
      for (String name : names) {
        ObjectKey key = new ObjectKey("zoo/" + name);
        remote.put(key, new PatternContent(10, name.hashCode()));
        assertThat(remote.find(key)).as(name).isPresent();
        moves.put(key, new ObjectKey("moved/" + name));
      }
      assertThat(listing(remote, "zoo/")).containsExactlyInAnyOrderElementsOf(under("zoo/", names));
      assertThat(remote.move(moves)).isEmpty();
      assertThat(listing(remote, "")).containsExactlyInAnyOrderElementsOf(under("moved/", names));
      assertThat(remote.delete(moves.values())).isEmpty();
      assertThat(listing(remote, "")).isEmpty();
    }
  }

  @Test
  void whatXmlCannotCarryIsDeletedAllTheSame() throws Exception {
    try (S3Remote remote = remote(S3Server.S3PROXY.newBucket())) {
      ObjectKey odd = new ObjectKey("a\u0001b");
      ObjectKey plain = new ObjectKey("plain");
      remote.put(odd, new PatternContent(3, 1));
      remote.put(plain, new PatternContent(3, 1));
      assertThat(listing(remote, "")).containsExactlyInAnyOrder("a\u0001b", "plain");
      assertThat(remote.delete(List.of(odd, plain))).isEmpty();
      assertThat(remote.find(odd)).isEmpty();
      assertThat(remote.find(plain)).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aListingOfManyPagesIsComplete(S3Server server) throws Exception {
    try (S3Remote remote = remote(server.newBucket().prefix("p"))) {
      List<ObjectKey> keys =
          IntStream.range(0, 1100).mapToObj(i -> new ObjectKey("many/" + i)).toList();
      keys.parallelStream().forEach(key -> put(remote, key));
      put(remote, new ObjectKey("other"));
      assertThat(listing(remote, "many/"))
          .containsExactlyInAnyOrderElementsOf(keys.stream().map(ObjectKey::value).toList());
      assertThat(listing(remote, "")).hasSize(1101);
      assertThat(remote.delete(keys.subList(0, 1000))).isEmpty();
      assertThat(listing(remote, "many/")).hasSize(100);
    }
  }

  @ParameterizedTest
  @EnumSource
  void twoPrefixesDoNotSeeEachOther(S3Server server) throws Exception {
    S3Bucket bucket = server.newBucket();
    try (S3Remote one = remote(bucket.prefix("one"));
        S3Remote two = remote(bucket.prefix("one-two"))) {
      put(one, new ObjectKey("f"));
      assertThat(listing(two, "")).isEmpty();
      assertThat(two.find(new ObjectKey("f"))).isEmpty();
      put(two, new ObjectKey("g"));
      assertThat(one.delete(List.of(new ObjectKey("g")))).isEmpty();
      assertThat(listing(one, "")).containsExactly("f");
      assertThat(listing(two, "")).containsExactly("g");
    }
  }

  @ParameterizedTest
  @EnumSource
  void movingKeepsWhatIsRecordedAndForgivesWhatIsGone(S3Server server) throws Exception {
    try (S3Remote remote = remote(server.newBucket())) {
      ObjectKey from = new ObjectKey("d/from");
      ObjectKey to = new ObjectKey(".caravan/trash/2026-11-21/d/from");
      PatternContent content = new PatternContent(9 * MIB, 3);
      remote.put(from, content);
      assertThat(remote.move(Map.of(from, to, new ObjectKey("gone"), new ObjectKey("x"))))
          .isEmpty();
      assertThat(remote.find(from)).isEmpty();
      assertThat(remote.find(new ObjectKey("x"))).isEmpty();
      ObjectStat stat = remote.find(to).orElseThrow();
      assertThat(stat.sha256()).contains(content.sha256());
      assertThat(stat.modifiedAt()).isEqualTo(PatternContent.MODIFIED);
      assertThat(sha256(remote, to)).isEqualTo(content.sha256());
    }
  }

  @ParameterizedTest
  @EnumSource
  void aBucketIsMadeWhereThatIsWished(S3Server server) throws Exception {
    S3Bucket bucket = server.newBucket().bucket("made-" + System.nanoTime());
    try (S3Remote remote = remote(bucket)) {
      RemoteException refused = catchThrowableOfType(RemoteException.class, remote::probe);
      assertThat(refused.reason()).isEqualTo(Cause.NOT_THERE);
      assertThat(refused).hasMessageContaining("create_bucket");
    }
    try (S3Remote remote = remote(bucket.createBucket())) {
      assertThat(remote.probe()).containsEntry("bucket", "created");
      assertThat(listing(remote, "")).isEmpty();
      assertThat(remote.probe()).containsEntry("bucket", "found");
    }
  }

  @Test
  void eachServerIsSeenThrough() throws Exception {
    assertThat(facts(S3Server.CEPH))
        .containsEntry("checksum", "none")
        .containsEntry("signature", "checked")
        .containsEntry("md5", "checked");
    assertThat(facts(S3Server.S3PROXY))
        .containsEntry("checksum", "sha256")
        .containsEntry("signature", "checked")
        .containsEntry("md5", "checked");
    assertThat(facts(S3Server.S3MOCK))
        .containsEntry("checksum", "sha256")
        .containsEntry("signature", "not checked");
  }

  private Map<String, String> facts(S3Server server) throws RemoteException {
    try (S3Remote remote = remote(server.newBucket())) {
      return remote.probe();
    }
  }

  private S3Remote remote(S3Bucket bucket) {
    return new S3Remote(bucket.settings(), journal, Clock.systemUTC(), LIMITS, () -> "test");
  }

  /** S3Mock's web server refuses some characters in a path, whoever sends them. */
  private static List<String> names(S3Server server) {
    return switch (server) {
      case CEPH, S3PROXY -> NAMES;
      case S3MOCK -> NAMES.stream().filter(n -> !n.startsWith("{") && !n.contains(";")).toList();
    };
  }

  private static List<String> under(String folder, List<String> names) {
    return names.stream().map(folder::concat).toList();
  }

  private static void put(S3Remote remote, ObjectKey key) {
    try {
      remote.put(key, new PatternContent(3, 1));
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  static String sha256(S3Remote remote, ObjectKey key) throws Exception {
    try (InputStream in = remote.open(key, 0, -1)) {
      return Digests.hex(Digests.of(Digests.sha256(), in));
    }
  }

  private static byte[] read(S3Remote remote, ObjectKey key, long offset, long length)
      throws Exception {
    try (InputStream in = remote.open(key, offset, length)) {
      return in.readAllBytes();
    }
  }

  private static byte[] slice(byte[] bytes, int from, int to) {
    return java.util.Arrays.copyOfRange(bytes, from, to);
  }

  private static Cause refused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    return catchThrowableOfType(RemoteException.class, call).reason();
  }

  static List<String> listing(S3Remote remote, String prefix) throws RemoteException {
    List<String> keys = new ArrayList<>();
    remote.list(prefix, stat -> keys.add(stat.key().value()));
    return keys;
  }
}
