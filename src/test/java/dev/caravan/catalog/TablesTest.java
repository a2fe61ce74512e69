package dev.caravan.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.event.StorePath;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files and their copies: what may follow what. */
class TablesTest {

  private static final StorePath F = StorePath.of("f");

  @TempDir Path folder;
  private Catalog catalog;
  private int near;
  private int far;

  @BeforeEach
  void open() {
    catalog = Catalog.open(folder);
    catalog.commit(
        session -> {
          catalog.remotes().insert(session, "near", "memory:near");
          catalog.remotes().insert(session, "far", "memory:far");
        });
    near = catalog.remotes().find("near").orElseThrow().id();
    far = catalog.remotes().find("far").orElseThrow().id();
  }

  @AfterEach
  void close() {
    catalog.close();
  }

  private void seen(String path, long version) {
    catalog.commit(
        session -> {
          catalog.files().recordSeen(session, List.of(Rows.file(path, version)), 1);
          catalog
              .copies()
              .recordPending(session, List.of(StorePath.of(path)), List.of(near, far), 1);
        });
  }

  private void verified(String path, long version, int remote) {
    catalog.commit(
        session -> {
          FileRow sent = Rows.file(path, version);
          catalog.files().recordHash(session, sent, Rows.sha((int) version));
          catalog
              .copies()
              .recordVerified(
                  session, sent, remote, Rows.held(Rows.sha((int) version), version), 5);
        });
  }

  private void missing(String path) {
    catalog.commit(
        session -> catalog.files().recordMissing(session, List.of(StorePath.of(path)), 9));
  }

  private void deleted(String path) {
    catalog.commit(session -> catalog.files().recordDeleted(session, List.of(StorePath.of(path))));
  }

  private List<CopyRow> waiting(int remote) {
    return catalog.copies().open(remote, Optional.empty(), 100);
  }

  private String state(String path, String remote) {
    return catalog
        .views()
        .list(Map.of(near, "near", far, "far"), path, Optional.empty(), "", 1)
        .get(0)
        .copies()
        .get(remote)
        .state();
  }

  private Optional<FileRow.State> state(String path) {
    return catalog.files().find(StorePath.of(path)).map(FileRow::state);
  }

  @Test
  void aNewFileWaitsForEveryRemote() {
    seen("f", 1);
    assertThat(waiting(near)).hasSize(1);
    assertThat(waiting(far).get(0).heldSha256()).isEmpty();
    assertThat(waiting(far).get(0).heldSizeBytes()).isEqualTo(-1);
    assertThat(catalog.copies().countOpen(near)).isEqualTo(new CopyTable.Pending(1, 1));
  }

  @Test
  void aVerifiedFileWaitsNoMoreAndItsHashIsKnown() {
    seen("f", 1);
    verified("f", 1, near);
    assertThat(waiting(near)).isEmpty();
    assertThat(waiting(far)).hasSize(1);
    assertThat(catalog.files().find(F).flatMap(FileRow::sha256)).contains(Rows.sha(1));
  }

  @Test
  void aFileThatChangedWhileItWasSentStaysPendingButWhatIsHeldIsKnown() {
    seen("f", 1);
    seen("f", 2);
    verified("f", 1, near);
    CopyRow row = waiting(near).get(0);
    assertThat(row.state()).isEqualTo(CopyRow.State.PENDING);
    assertThat(row.heldSha256()).contains(Rows.sha(1));
    assertThat(catalog.files().find(F).flatMap(FileRow::sha256)).isEmpty();
  }

  @Test
  void aFileThatOnlyChangedItsInodeWhileItWasSentStaysPendingToo() {
    seen("f", 1);
    FileRow other =
        new FileRow(F, FileRow.State.PRESENT, 1, 10, 100, 999, 7, 0, Optional.empty(), 0);
    catalog.commit(session -> catalog.files().recordSeen(session, List.of(other), 1));
    verified("f", 1, near);
    assertThat(waiting(near)).hasSize(1);
  }

  @Test
  void aChangedFileForgetsItsHashAndItsFailures() {
    seen("f", 1);
    catalog.commit(session -> catalog.copies().recordFailed(session, F, near, "no", 77));
    catalog.commit(session -> catalog.copies().recordFailed(session, F, near, "no", 99));
    CopyRow failed = waiting(near).get(0);
    assertThat(failed.state()).isEqualTo(CopyRow.State.FAILED);
    assertThat(failed.attempts()).isEqualTo(2);
    assertThat(failed.retryAtMillis()).isEqualTo(99);
    assertThat(failed.reason()).contains("no");
    seen("f", 2);
    CopyRow again = waiting(near).get(0);
    assertThat(again.state()).isEqualTo(CopyRow.State.PENDING);
    assertThat(again.attempts()).isZero();
    assertThat(again.retryAtMillis()).isZero();
  }

  @Test
  void aFailureAfterTheProofChangesNothing() {
    seen("f", 1);
    verified("f", 1, near);
    catalog.commit(session -> catalog.copies().recordFailed(session, F, near, "late", 99));
    assertThat(waiting(near)).isEmpty();
  }

  @Test
  void beforeAnotherVersionIsSentNothingIsKnownOfWhatLiesThere() {
    seen("f", 1);
    verified("f", 1, near);
    seen("f", 2);
    assertThat(waiting(near).get(0).heldSha256()).contains(Rows.sha(1));
    catalog.commit(session -> catalog.copies().recordSending(session, F, near));
    assertThat(waiting(near).get(0).heldSha256()).isEmpty();
    assertThat(waiting(near).get(0).heldSizeBytes()).isEqualTo(-1);
  }

  @Test
  void aTouchedFileIsStillHeldOnlyWhenItsHashIsTheOneHeld() {
    seen("f", 1);
    verified("f", 1, near);
    verified("f", 1, far);
    seen("f", 2);
    stillHeld(Rows.sha(7));
    assertThat(waiting(near)).hasSize(1);
    stillHeld(Rows.sha(1));
    assertThat(waiting(near)).isEmpty();
    assertThat(waiting(far)).as("the other remote is asked for itself").hasSize(1);
  }

  private void stillHeld(String sha256) {
    FileRow seen =
        new FileRow(F, FileRow.State.PRESENT, 2, 20, 200, 2_000, 7, 0, Optional.of(sha256), 0);
    catalog.commit(session -> catalog.copies().recordStillHeld(session, seen, near));
  }

  @Test
  void onlyTwoLooksInARowMakeADeletion() {
    seen("f", 1);
    missing("f");
    deleted("f");
    assertThat(state("f")).contains(FileRow.State.PRESENT);
    assertThat(waiting(near)).as("a missing file is not sent").isEmpty();
    catalog.commit(session -> catalog.files().recordBack(session, List.of(F)));
    missing("f");
    deleted("f");
    assertThat(state("f")).contains(FileRow.State.PRESENT);
    missing("f");
    assertThat(catalog.files().missing(2, Optional.empty(), 9)).containsExactly(F);
    deleted("f");
    assertThat(state("f")).contains(FileRow.State.DELETED);
    assertThat(catalog.copies().deletions(near, Optional.empty(), 9)).containsExactly(F);
  }

  @Test
  void aDeletedFileIsForgottenOnceEveryRemoteWasTold() {
    seen("f", 1);
    missing("f");
    missing("f");
    deleted("f");
    catalog.commit(session -> catalog.copies().recordGone(session, List.of(F), near));
    catalog.commit(catalog.files()::forgetDeleted);
    assertThat(state("f")).contains(FileRow.State.DELETED);
    catalog.commit(session -> catalog.copies().recordGone(session, List.of(F), far));
    catalog.commit(catalog.files()::forgetDeleted);
    assertThat(state("f")).isEmpty();
  }

  @Test
  void aFileThatCameBackIsNotForgottenWhenARemoteWasToldOfItsDeletion() {
    seen("f", 1);
    missing("f");
    missing("f");
    deleted("f");
    seen("f", 2);
    catalog.commit(session -> catalog.copies().recordLeaving(session, List.of(F), near));
    catalog.commit(session -> catalog.copies().recordGone(session, List.of(F), near));
    catalog.commit(catalog.files()::forgetDeleted);
    assertThat(state("f")).contains(FileRow.State.PRESENT);
    assertThat(waiting(near)).hasSize(1);
  }

  @Test
  void aPurgedFileIsNeitherMissedNorDeletedNorForgotten() {
    seen("f", 1);
    verified("f", 1, near);
    catalog.commit(session -> catalog.files().recordPurged(session, List.of(F)));
    missing("f");
    missing("f");
    deleted("f");
    catalog.commit(
        session -> {
          catalog.copies().recordGone(session, List.of(F), near);
          catalog.files().forget(session, List.of(F));
          catalog.files().forgetDeleted(session);
        });
    assertThat(state("f")).contains(FileRow.State.PURGED);
    assertThat(state("f", "near")).isEqualTo("verified");
    assertThat(catalog.copies().deletions(near, Optional.empty(), 9)).isEmpty();
  }

  @Test
  void forgettingTakesFileAndCopies() {
    seen("f", 1);
    seen("g", 1);
    catalog.commit(session -> catalog.files().forget(session, List.of(F)));
    assertThat(state("f")).isEmpty();
    assertThat(catalog.copies().isAnywhere(F)).isFalse();
    assertThat(catalog.copies().isAnywhere(StorePath.of("g"))).isTrue();
  }

  @Test
  void theNextRetryIsOfTheRemotesAskedForAndAfterTheTimeGiven() {
    seen("f", 1);
    catalog.commit(session -> catalog.copies().recordFailed(session, F, near, "no", 70));
    catalog.commit(session -> catalog.copies().recordFailed(session, F, far, "no", 50));
    CopyTable copies = catalog.copies();
    assertThat(copies.findNextRetry(List.of(near, far), 0)).contains(50L);
    assertThat(copies.findNextRetry(List.of(near, far), 50)).contains(70L);
    assertThat(copies.findNextRetry(List.of(far), 50)).isEmpty();
    assertThat(copies.findNextRetry(List.of(), 0)).isEmpty();
  }

  @Test
  void aFileFoundAtARemoteNeverReplacesWhatIsKnown() {
    seen("f", 1);
    FileRow found =
        new FileRow(F, FileRow.State.PURGED, 9, 9, 0, 0, 0, 0, Optional.of(Rows.sha(9)), 0);
    catalog.commit(
        session -> {
          catalog.files().recordFoundAtRemote(session, found, 1);
          catalog.copies().recordFound(session, F, near, Rows.held(Rows.sha(9), 9), 1);
        });
    assertThat(state("f")).contains(FileRow.State.PRESENT);
    assertThat(state("f", "near")).isEqualTo("pending");
  }

  @Test
  void pagesGoOnAfterTheLastPathInByteOrder() {
    for (String path : List.of("a", "a/b", "é", "\uFF5E", "\uD83D\uDE00", "z")) {
      seen(path, 1);
    }
    assertThat(waiting(near))
        .extracting(row -> row.file().path().value())
        .containsExactly("a", "a/b", "z", "é", "\uFF5E", "\uD83D\uDE00");
    assertThat(catalog.copies().open(near, Optional.of(StorePath.of("é")), 1))
        .extracting(row -> row.file().path().value())
        .containsExactly("\uFF5E");
    try (FileTable.Cursor rows = catalog.files().open()) {
      assertThat(rows.next().map(FileRow::path)).contains(StorePath.of("a"));
    }
  }
}
