package dev.caravan.sync.detect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.FileRow;
import dev.caravan.event.StorePath;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreChangesTest {

  @TempDir Path folder;
  private Catalog catalog;
  private int remote;

  @BeforeEach
  void open() {
    catalog = Catalog.open(folder);
    catalog.commit(session -> catalog.remotes().insert(session, "near", "memory:near"));
    remote = catalog.remotes().find("near").orElseThrow().id();
  }

  @AfterEach
  void close() {
    catalog.close();
  }

  @Test
  void manyFilesAreRecordedWithoutWaitingForTheWriterToLinger() {
    StoreChanges changes = new StoreChanges(catalog, List.of(remote), 1, true);
    long begun = System.nanoTime();
    for (int i = 0; i < 20_000; i++) {
      changes.seen(row("f" + i));
    }
    changes.finish();
    assertThat(catalog.copies().countOpen(remote).files()).isEqualTo(20_000);
    // Twenty batches that each wait for half a second would take ten.
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(6));
  }

  @Test
  void aDryRunBringsNoDeletionNearer() {
    StoreChanges seen = new StoreChanges(catalog, List.of(remote), 1, true);
    seen.seen(row("f"));
    seen.finish();
    StoreChanges dry = new StoreChanges(catalog, List.of(remote), 2, false);
    dry.missing(row("f"));
    dry.finish();
    assertThat(catalog.files().missing(1, Optional.empty(), 9)).isEmpty();
    StoreChanges real = new StoreChanges(catalog, List.of(remote), 2, true);
    real.missing(row("f"));
    real.finish();
    assertThat(catalog.files().missing(1, Optional.empty(), 9)).hasSize(1);
    dry.back(StorePath.of("f"));
    dry.finish();
    assertThat(catalog.files().missing(1, Optional.empty(), 9)).isEmpty();
  }

  private static FileRow row(String path) {
    return new FileRow(
        StorePath.of(path), FileRow.State.PRESENT, 1, 2, 3, 4, 5, 6, Optional.empty(), 0);
  }
}
