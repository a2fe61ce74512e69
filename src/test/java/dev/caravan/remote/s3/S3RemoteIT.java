package dev.caravan.remote.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.lab.S3Bucket;
import dev.caravan.lab.S3Server;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.StoredObject;
import dev.caravan.remote.StoredObject.Proof;
import dev.caravan.remote.UploadJournal;
import java.io.InputStream;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every server must do, held against three real ones. */
class S3RemoteIT {

  private static final long MIB = 1 << 20;
  private static final UploadJournal NO_JOURNAL = new Journal();

  @ParameterizedTest
  @EnumSource
  void everySizeComesBackAsItWasSent(S3Server server) throws Exception {
    S3Bucket bucket = server.newBucket();
    try (S3Remote remote = remote(bucket)) {
      long[] sizes = {0, 1, 256 * 1024 - 1, 256 * 1024 + 1, 8 * MIB, 8 * MIB + 1, 12 * MIB + 7};
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
        try (InputStream in = remote.open(key, 0, -1)) {
          assertThat(Digests.hex(Digests.of(Digests.sha256(), in))).isEqualTo(content.sha256());
        }
      }
      assertThat(listing(remote, "")).hasSize(sizes.length);
    }
  }

  static S3Remote remote(S3Bucket bucket) {
    S3Limits limits = new S3Limits(8 * MIB, 5 * MIB);
    return new S3Remote(bucket.settings(), NO_JOURNAL, Clock.systemUTC(), limits, () -> "test");
  }

  static List<String> listing(S3Remote remote, String prefix) throws Exception {
    List<String> keys = new ArrayList<>();
    remote.list(prefix, stat -> keys.add(stat.key().value()));
    return keys;
  }

  static final class Journal implements UploadJournal {
    final Map<ObjectKey, Integer> open = new HashMap<>();

    @Override
    public synchronized void begun(ObjectKey key) {
      open.merge(key, 1, Integer::sum);
    }

    @Override
    public synchronized void ended(ObjectKey key) {
      open.merge(key, -1, Integer::sum);
    }
  }
}
