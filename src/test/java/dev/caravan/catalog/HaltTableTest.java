package dev.caravan.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.event.StorePath;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HaltTableTest {

  @TempDir Path folder;
  private Catalog catalog;

  @BeforeEach
  void open() {
    catalog = Catalog.open(folder);
  }

  @AfterEach
  void close() {
    catalog.close();
  }

  private void missing(String path, int looks) {
    catalog.commit(
        session -> {
          catalog.files().recordSeen(session, List.of(Rows.file(path, 1)), 1);
          for (int i = 0; i < looks; i++) {
            catalog.files().recordMissing(session, List.of(StorePath.of(path)), 1);
          }
        });
  }

  private void halt(String kind, int looks) {
    catalog.commit(session -> catalog.halts().open(session, "run", kind, "why", 5, looks));
  }

  private boolean approve() {
    return catalog.write(session -> catalog.halts().approve(session, 6));
  }

  @Test
  void anApprovalCoversOnlyWhatWasRefused() {
    missing("a", 2);
    missing("b", 2);
    missing("once", 1);
    assertThat(catalog.halts().countUnapproved()).isEqualTo(2);
    halt("max_delete", 2);
    assertThat(catalog.halts().countUnapproved()).isEqualTo(2);
    assertThat(approve()).isTrue();
    assertThat(catalog.halts().countUnapproved()).isZero();
    missing("c", 2);
    missing("once", 2);
    assertThat(catalog.halts().countUnapproved()).as("c and once came later").isEqualTo(2);
  }

  @Test
  void anApprovalOfAnEmptyStoreCoversFirstLooksToo() {
    missing("once", 1);
    halt("store_empty", 1);
    approve();
    missing("once", 2);
    assertThat(catalog.halts().countUnapproved()).isZero();
  }

  @Test
  void withoutAHaltThereIsNothingToApprove() {
    assertThat(approve()).isFalse();
    halt("max_delete", 2);
    assertThat(approve()).isTrue();
    assertThat(approve()).as("once is enough").isFalse();
    catalog.commit(session -> catalog.halts().end(session, 7));
    assertThat(approve()).isFalse();
    assertThat(catalog.halts().findOpen()).isEmpty();
  }

  @Test
  void aNewHaltTakesThePlaceAndTheApprovalOfTheOneBefore() {
    missing("a", 2);
    halt("max_delete", 2);
    approve();
    halt("marker_missing", 1);
    HaltRow open = catalog.halts().findOpen().orElseThrow();
    assertThat(open.kind()).isEqualTo("marker_missing");
    assertThat(open.approved()).isFalse();
    assertThat(catalog.halts().countUnapproved()).isEqualTo(1);
  }

  @Test
  void aHaltAndItsApprovalOutliveTheProcess() {
    missing("a", 2);
    halt("max_delete", 2);
    catalog.close();
    catalog = Catalog.open(folder);
    approve();
    catalog.close();
    catalog = Catalog.open(folder);
    HaltRow open = catalog.halts().findOpen().orElseThrow();
    assertThat(open.approved()).isTrue();
    assertThat(open.message()).isEqualTo("why");
    assertThat(catalog.halts().countUnapproved()).isZero();
  }
}
