package dev.caravan.snapshot.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.event.ObjectContent;
import dev.caravan.event.StorePath;
import dev.caravan.snapshot.manifest.ManifestEntry.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class EntriesAheadTest {

  private final List<ManifestEntry> entries = new ArrayList<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  @Test
  void whatIsReadAheadIsWhatWasWritten() throws Exception {
    for (int count : new int[] {0, 1, 250, 7_001}) {
      byte[] whole = manifest(count);
      List<ManifestEntry> read = new ArrayList<>();
      try (EntriesAhead ahead = ahead(whole)) {
        for (var next = ahead.next(); next.isPresent(); next = ahead.next()) {
          read.add(next.get());
        }
        assertThat(ahead.next()).isEmpty();
      }
      assertThat(read).isEqualTo(entries);
    }
  }

  @Test
  void whatIsWrongIsToldBehindWhatWasRead() throws Exception {
    byte[] whole = manifest(7_001);
    try (EntriesAhead ahead = ahead(Arrays.copyOf(whole, whole.length - 1))) {
      for (ManifestEntry each : entries) {
        assertThat(ahead.next()).contains(each);
      }
      for (int again = 0; again < 2; again++) {
        assertThatThrownBy(ahead::next).isInstanceOf(DamagedManifestException.class);
      }
    }
  }

  @Test
  void whoWantsNoMoreLetsGoOfTheReader() throws Exception {
    byte[] whole = manifest(20_000);
    try (EntriesAhead ahead = ahead(whole)) {
      assertThat(ahead.next()).contains(entries.get(0));
      assertThat(closed.getCount()).as("more is to come than is read ahead").isEqualTo(1);
    }
    assertThat(closed.await(Duration.ofMinutes(1).toMillis(), TimeUnit.MILLISECONDS)).isTrue();
  }

  private EntriesAhead ahead(byte[] manifest) throws IOException {
    InputStream in =
        new ByteArrayInputStream(manifest) {
          @Override
          public void close() {
            closed.countDown();
          }
        };
    return new EntriesAhead(new ManifestReader(in));
  }

  private byte[] manifest(int count) throws IOException {
    entries.clear();
    ManifestWriter writer =
        new ManifestWriter(new ManifestHeader(Instant.EPOCH, "/data", "caravan test"));
    for (int i = 0; i < count; i++) {
      ManifestEntry entry =
          new ManifestEntry(
              StorePath.of("f%06d".formatted(i)),
              Kind.FILE,
              i,
              0644,
              0,
              0,
              0,
              Optional.empty(),
              Optional.of("%064x".formatted(i)));
      writer.add(entry);
      entries.add(entry);
    }
    ObjectContent content = writer.finish(0);
    try (InputStream in = content.open(0, content.sizeBytes())) {
      return in.readAllBytes();
    }
  }
}
