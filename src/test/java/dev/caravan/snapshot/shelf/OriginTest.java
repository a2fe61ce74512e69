package dev.caravan.snapshot.shelf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.remote.memory.MemoryRemote;
import dev.caravan.snapshot.manifest.ManifestHeader;
import dev.caravan.snapshot.manifest.ManifestObject;
import dev.caravan.snapshot.manifest.ManifestWriter;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class OriginTest {

  private final MemoryRemote remote = new MemoryRemote("bucket");

  @Test
  void latestIsTheNewerOfTheMirrorAndTheNewestSnapshot() throws Exception {
    assertThat(Origin.find(remote, Origin.LATEST)).isEmpty();
    put("", "2026-11-20T00:00:00Z");
    assertThat(latest()).isEqualTo("mirror");
    put("2026-11-19-000000/", "2026-11-19T00:00:00Z");
    assertThat(latest()).isEqualTo("mirror");
    put("2026-11-21-000000/", "2026-11-21T00:00:00Z");
    assertThat(latest()).isEqualTo("2026-11-21-000000");
  }

  @Test
  void aNameMayEndWithASlashAndIsNeverEmpty() throws Exception {
    put("2026-11-19-000000/", "2026-11-19T00:00:00Z");
    assertThat(Origin.find(remote, "2026-11-19-000000/").orElseThrow().folder())
        .isEqualTo("2026-11-19-000000/");
    assertThat(Origin.find(remote, "")).isEmpty();
    assertThat(Origin.find(remote, "/")).isEmpty();
  }

  private String latest() throws Exception {
    return Origin.find(remote, Origin.LATEST).orElseThrow().label();
  }

  private void put(String folder, String created) throws Exception {
    ManifestHeader header = new ManifestHeader(Instant.parse(created), "/data", "a test");
    remote.put(ManifestObject.keyIn(folder), new ManifestWriter(header).finish(0));
  }
}
