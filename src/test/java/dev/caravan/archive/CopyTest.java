package dev.caravan.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.archive.queue.QueueRow.State;
import dev.caravan.catalog.RunRow;
import dev.caravan.event.RunId;
import dev.caravan.event.RunState;
import dev.caravan.event.Trigger;
import dev.caravan.remote.RemoteException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files are copied and accounted for one by one; the faults of SupRsync's copying are gone. */
class CopyTest {

  @TempDir Path folder;
  private ArchiveLab lab;

  @BeforeEach
  void setUp() throws Exception {
    lab = new ArchiveLab(folder);
  }

  @AfterEach
  void tearDown() throws Exception {
    lab.close();
  }

  @Test
  void aRegisteredFileIsCopiedVerifiedAndOnRecord() throws Exception {
    long id = lab.register("A", "x/one file");
    lab.round("A");
    assertThat(lab.at("A", "x/one file")).hasContent("A x/one file");
    assertThat(lab.texts("SELECT remote_md5sum = local_md5sum FROM supersync_v0"))
        .containsExactly("1");
    assertThat(lab.row(id).copied().getAsDouble()).isEqualTo(lab.now());
    assertThat(lab.row(id).verifiedAt().getAsDouble()).isEqualTo(lab.now());
    assertThat(lab.row(id).attempts()).isZero();
    assertThat(lab.runs()).extracting(RunRow::state).containsExactly(RunState.SUCCEEDED);
  }

  @Test
  void nothingToDoIsNoRun() throws Exception {
    lab.archive("A");
    lab.rounds("A", 3);
    assertThat(lab.runs()).isEmpty();
  }

  @Test
  void aDestinationThatIsDownCountsAgainstNoFile() throws Exception {
    long id = lab.register("A", "a");
    lab.carrier("A").broken =
        Optional.of(new RemoteException(RemoteException.Cause.NETWORK, "connection refused"));
    lab.rounds("A", 12);
    assertThat(lab.row(id).attempts()).isZero();
    assertThat(lab.state(id)).isEqualTo("queued");
    assertThat(lab.archive("A").hostFailures()).isEqualTo(12);
    assertThat(lab.runs()).hasSize(12).allMatch(run -> run.state() == RunState.FAILED);
    assertThat(lab.runs().get(0).error().orElseThrow()).contains("'A'", "connection refused");
    assertThat(lab.archive("A").isDue()).as("it waits longer than sleep_time").isFalse();
    lab.clock.advance(Duration.ofSeconds(61));
    assertThat(lab.archive("A").isDue()).isFalse();

    lab.carrier("A").broken = Optional.empty();
    lab.round("A");
    assertThat(lab.state(id)).isEqualTo("copied");
    assertThat(lab.archive("A").hostFailures()).isZero();
  }

  @Test
  void anArchiveThatHasNotWorkedForLongIsAWorryUntilItWorks() throws Exception {
    lab.register("A", "a");
    lab.carrier("A").broken =
        Optional.of(new RemoteException(RemoteException.Cause.NETWORK, "connection refused"));
    lab.round("A");
    lab.clock.advance(Duration.ofMinutes(2));
    assertThat(lab.archive("A").worry()).isEmpty();
    lab.clock.advance(Duration.ofSeconds(1));
    assertThat(lab.archive("A").worry()).hasValue("archive 'A' has failed for long");
    lab.carrier("A").broken = Optional.empty();
    lab.round("A");
    assertThat(lab.archive("A").worry()).isEmpty();
  }

  @Test
  void aRunThatIsCancelledEndsItsRoundAndTheNextGoesOn() throws Exception {
    lab.batch(1);
    List<Long> all = List.of(lab.register("A", "a"), lab.register("A", "b"));
    Archive archive = lab.archive("A");
    archive.begin();
    ArchiveRound round = new ArchiveRound(archive, Trigger.MANUAL);
    CopyBatch batch = round.next();
    assertThat(archive.cancel(new RunId("run-of-another"))).isFalse();
    assertThat(archive.cancel(batch.run().book().id())).isTrue();
    assertThatThrownBy(() -> round.carry(batch)).hasMessageContaining("Cancelled");
    round.fail(new RemoteException(RemoteException.Cause.CANCELLED, "Cancelled"));
    round.endRun();
    assertThat(round.hasNext()).isFalse();
    archive.end();
    assertThat(lab.runs()).extracting(RunRow::state).containsExactly(RunState.CANCELLED);
    assertThat(all).allMatch(id -> lab.row(id).attempts() == 0);
    assertThat(archive.cancel(batch.run().book().id())).as("it has ended").isFalse();

    lab.clock.advance(Duration.ofMinutes(2));
    lab.round("A");
    assertThat(all).allMatch(id -> lab.state(id).equals("copied"));
  }

  @Test
  void whatArrivedBeforeTheConnectionWasLostIsNotSentAgain() throws Exception {
    long id = lab.register("A", "a");
    lab.carrier("A").brokenAfterSending =
        Optional.of(new RemoteException(RemoteException.Cause.NETWORK, "connection lost"));
    lab.round("A");
    assertThat(lab.state(id)).isEqualTo("copied");
    assertThat(lab.archive("A").hostFailures()).isEqualTo(1);
  }

  @Test
  void oneFileThatDoesNotArriveFailsAloneAndItsAttemptsCountOnce() throws Exception {
    long bad = lab.register("A", "bad");
    long good = lab.register("A", "good");
    lab.carrier("A").refused.add("bad");
    lab.round("A");
    assertThat(lab.state(good)).isEqualTo("copied");
    assertThat(lab.row(bad).attempts()).isEqualTo(1);
    assertThat(lab.row(bad).reason()).hasValue("refused");
    assertThat(lab.runs().get(0).state()).isEqualTo(RunState.PARTIAL);
  }

  @Test
  void aHeadThatFailsDoesNotStarveTheRest() throws Exception {
    lab.batch(2);
    List<Long> all = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      all.add(lab.register("A", "f" + i));
    }
    lab.carrier("A").refused.addAll(List.of("f0", "f1"));
    lab.round("A");
    assertThat(all.subList(2, 6)).allMatch(id -> lab.state(id).equals("copied"));
    assertThat(lab.row(all.get(0)).attempts()).isEqualTo(1);
  }

  @Test
  void missingFilesAreGivenUpAfterAsManyRoundsAsAttempts() throws Exception {
    long gone = lab.register("A", "gone");
    Files.delete(folder.resolve("data/A/gone"));
    lab.rounds("A", 4);
    assertThat(lab.row(gone).attempts()).isEqualTo(4);
    assertThat(lab.state(gone)).isEqualTo("failing");
    lab.rounds("A", 3);
    assertThat(lab.row(gone).attempts()).isEqualTo(5);
    assertThat(lab.state(gone)).isEqualTo("dead");
    assertThat(lab.row(gone).reason()).hasValue("The local file is missing");
    assertThat(lab.carrier("A").sent).as("nothing was asked of the destination").isEmpty();
    assertThat(lab.desk("A").views().check(folder.resolve("data/A/gone").toString()))
        .singleElement()
        .satisfies(view -> assertThat((List<?>) view.get("failures")).hasSize(5));
    assertThat(lab.alerts).hasSize(1);
  }

  @Test
  void aFileThatWasGivenUpIsTriedAgainWhenSomebodySaysSo() throws Exception {
    long bad = lab.register("A", "bad");
    lab.carrier("A").refused.add("bad");
    lab.rounds("A", 7);
    assertThat(lab.state(bad)).isEqualTo("dead");
    lab.carrier("A").refused.clear();
    lab.rounds("A", 1);
    assertThat(lab.state(bad)).isEqualTo("dead");
    assertThat(lab.desk("A").retry(new ArchiveDesk.Choice.AllFailed())).isEqualTo(1);
    lab.round("A");
    assertThat(lab.state(bad)).isEqualTo("copied");
  }

  @Test
  void aFileThatWasGivenUpIsTriedAgainWhenItsAttemptsAreResetBySql() throws Exception {
    long bad = lab.register("A", "bad");
    lab.carrier("A").refused.add("bad");
    lab.rounds("A", 7);
    assertThat(lab.state(bad)).isEqualTo("dead");
    lab.sql("UPDATE supersync_v0 SET failed_copy_attempts = 0");
    assertThat(lab.desk("A").views().stats().states()).containsEntry(State.QUEUED, 1L);
    lab.rounds("A", 1);
    assertThat(lab.state(bad)).isEqualTo("failing");
    lab.carrier("A").refused.clear();
    lab.rounds("A", 1);
    assertThat(lab.state(bad)).isEqualTo("copied");
  }

  @Test
  void allThatIsIgnoredIsTakenInAgainAtOnce() throws Exception {
    for (String name : List.of("a", "b")) {
      lab.desk("A").ignore(new ArchiveDesk.Choice.Id(lab.register("A", name)), true);
    }
    assertThat(lab.desk("A").ignore(new ArchiveDesk.Choice.AllFailed(), false)).isEqualTo(2);
    assertThat(lab.desk("A").ignore(new ArchiveDesk.Choice.AllFailed(), false)).isZero();
  }

  @Test
  void anIgnoredFileIsLeftAloneUntilItIsNot() throws Exception {
    long id = lab.register("A", "a");
    lab.desk("A").ignore(new ArchiveDesk.Choice.Id(id), true);
    lab.round("A");
    assertThat(lab.state(id)).isEqualTo("ignored");
    lab.desk("A").ignore(new ArchiveDesk.Choice.Remote("a"), false);
    lab.round("A");
    assertThat(lab.state(id)).isEqualTo("copied");
  }

  @Test
  void pathsThatLeaveTheBaseAreGivenUpAtOnceAndTouchNothing() throws Exception {
    Path file = lab.write("evil", "evil");
    String md5 = ArchiveLab.md5(file);
    List<Long> ids = new ArrayList<>();
    for (String path : List.of("../out", "/abs", "a/../../out", "", "a/", "x/..")) {
      ids.add(lab.register("A", file, md5, path, true));
    }
    lab.round("A");
    assertThat(ids).allMatch(id -> lab.state(id).equals("dead"));
    assertThat(folder.resolve("out")).doesNotExist();
    assertThat(lab.carrier("A").sent).isEmpty();
  }

  @Test
  void aPlainerFormOfAPathIsTheSamePlace() throws Exception {
    Path file = lab.write("f", "f");
    long id = lab.register("A", file, ArchiveLab.md5(file), "./a//b", true);
    lab.round("A");
    assertThat(lab.state(id)).isEqualTo("copied");
    assertThat(lab.at("A", "a/b")).hasContent("f");
  }

  @Test
  void aSecondFileOfTheSamePlaceNeverOverwritesTheFirst() throws Exception {
    long first = lab.register("A", "same");
    Path other = lab.write("other", "other content");
    long second = lab.register("A", other, ArchiveLab.md5(other), "same", true);
    lab.rounds("A", 3);
    assertThat(lab.at("A", "same")).hasContent("A same");
    assertThat(lab.state(first)).isEqualTo("copied");
    assertThat(lab.state(second)).isEqualTo("dead");
    assertThat(lab.row(second).reason().orElseThrow()).contains("File " + first, "not overwritten");
  }

  @Test
  void aSecondFileOfTheSamePlaceAndContentIsProvenLikeTheFirst() throws Exception {
    lab.register("A", "same");
    Path copy = lab.write("copy", "A same");
    long second = lab.register("A", copy, ArchiveLab.md5(copy), "same", true);
    lab.rounds("A", 2);
    assertThat(lab.state(second)).isEqualTo("copied");
  }

  @Test
  void aFileThatChangedAfterItWasRegisteredIsCopiedAsItIsNow() throws Exception {
    long id = lab.register("A", "log");
    lab.write("A/log", "grown since");
    lab.round("A");
    assertThat(lab.state(id)).isEqualTo("copied");
    assertThat(lab.row(id).localMd5()).isEqualTo(ArchiveLab.md5(lab.at("A", "log")));
    assertThat(lab.row(id).version()).isEqualTo(2);
    assertThat(lab.row(id).attempts()).isZero();
  }

  @Test
  void aFileThatGrowsWhileItIsCopiedIsCopiedAgain() throws Exception {
    long id = lab.register("A", "log");
    lab.carrier("A").afterSending =
        () -> {
          try {
            lab.write("A/log", "grew under the copy");
          } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        };
    lab.rounds("A", 1);
    assertThat(lab.state(id)).isEqualTo("queued");
    assertThat(lab.row(id).attempts()).isZero();
    lab.carrier("A").afterSending = () -> {};
    lab.round("A");
    assertThat(lab.state(id)).isEqualTo("copied");
    assertThat(lab.at("A", "log")).hasContent("grew under the copy");
  }

  @Test
  void aBatchThatTakesTooLongIsTriedInSmallerOnesUntilTheBigFileIsAlone() throws Exception {
    List<Long> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      all.add(lab.register("A", "f" + i));
    }
    lab.carrier("A").takesLongFrom = 2;
    lab.rounds("A", 4);
    assertThat(all.stream().filter(id -> lab.state(id).equals("copied"))).isNotEmpty();
    assertThat(all).allMatch(id -> lab.row(id).attempts() == 0);
    lab.carrier("A").takesLongFrom = 1;
    long slow = lab.register("B", "slow");
    lab.carrier("B").takesLongFrom = 1;
    lab.rounds("B", 6);
    assertThat(lab.state(slow)).isEqualTo("dead");
    assertThat(lab.row(slow).reason().orElseThrow()).contains("longer than copy_timeout");
  }

  @Test
  void twoArchivesShareOneDatabaseAndTouchOnlyTheirOwnRows() throws Exception {
    long a = lab.register("A", "same/path");
    long b = lab.register("B", "same/path");
    lab.round("A");
    assertThat(lab.state(a)).isEqualTo("copied");
    assertThat(lab.state(b)).isEqualTo("queued");
    lab.round("B");
    assertThat(lab.at("A", "same/path")).hasContent("A same/path");
    assertThat(lab.at("B", "same/path")).hasContent("B same/path");
  }

  @Test
  void registeringIsOncePerContentAndRefusesWhatCannotBe() throws Exception {
    Path file = lab.write("f", "f");
    ArchiveDesk desk = lab.desk("A");
    ArchiveDesk.Added first = desk.add(wish(file.toString(), "a/f"));
    assertThat(first.isNew()).isTrue();
    assertThat(first.row().localMd5()).isEqualTo(ArchiveLab.md5(file));
    assertThat(desk.add(wish(file.toString(), "./a//f")).isNew()).isFalse();
    Path other = lab.write("g", "g");
    assertThat(reasonOf(wish(other.toString(), "a/f"))).isEqualTo(ArchiveRefusal.Reason.CONFLICT);
    for (String bad : List.of("", "/abs", "../x", "a/..", "x/../../y")) {
      assertThat(reasonOf(wish(file.toString(), bad))).isEqualTo(ArchiveRefusal.Reason.INVALID);
    }
    assertThat(reasonOf(wish("relative", "b"))).isEqualTo(ArchiveRefusal.Reason.INVALID);
    assertThat(reasonOf(wish(folder.resolve("nothing").toString(), "b")))
        .isEqualTo(ArchiveRefusal.Reason.INVALID);
    assertThat(desk.views().files(Optional.of(State.QUEUED), 0, 10)).hasSize(1);
  }

  private ArchiveRefusal.Reason reasonOf(ArchiveDesk.Wish wish) throws Exception {
    try {
      lab.desk("A").add(wish);
    } catch (ArchiveRefusal e) {
      return e.reason();
    }
    throw new AssertionError("it was registered: " + wish);
  }

  private static ArchiveDesk.Wish wish(String local, String remote) {
    return new ArchiveDesk.Wish(
        local, remote, java.util.OptionalDouble.empty(), Optional.empty(), true);
  }

  @Test
  void aHundredFailuresLaterTheStatesStillAddUp() throws Exception {
    for (int i = 0; i < 30; i++) {
      lab.register("A", "f" + i);
    }
    lab.carrier("A").refused.addAll(List.of("f3", "f7"));
    lab.rounds("A", 2);
    lab.desk("A").ignore(new ArchiveDesk.Choice.Remote("f3"), true);
    var stats = lab.desk("A").views().stats();
    assertThat(stats.numFiles()).isEqualTo(30);
    assertThat(stats.uncopiedFiles()).isEqualTo(2);
    assertThat(stats.states())
        .containsEntry(State.COPIED, 28L)
        .containsEntry(State.IGNORED, 1L)
        .containsEntry(State.FAILING, 1L);
    assertThat(stats.lastFileAdded().orElseThrow()).endsWith("/f29");
  }
}
