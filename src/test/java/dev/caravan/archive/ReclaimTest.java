package dev.caravan.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.archive.queue.QueueChanges;
import dev.caravan.config.ArchiveSettings.DeleteClock;
import dev.caravan.remote.RemoteException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A local file goes only when its copy is there at that moment and the file is what was copied. */
class ReclaimTest {

  private static final Duration AGE = Duration.ofSeconds(100);

  @TempDir Path folder;
  private ArchiveLab lab;

  @BeforeEach
  void setUp() throws Exception {
    lab = new ArchiveLab(folder).deleteAfter(AGE, DeleteClock.COPIED);
    lab.clock.advance(Duration.ofDays(1));
  }

  @AfterEach
  void tearDown() throws Exception {
    lab.close();
  }

  private Path local(String name) {
    return folder.resolve("data/A").resolve(name);
  }

  @Test
  void theAgeCountsFromTheVerifiedCopyAndMustBeMore() throws Exception {
    long id = lab.register("A", "a");
    lab.clock.advance(Duration.ofHours(10));
    lab.round("A");
    double copied = lab.now();
    lab.at(copied + 100);
    lab.round("A");
    assertThat(local("a")).exists();
    lab.at(copied + 100.001);
    lab.round("A");
    assertThat(local("a")).doesNotExist();
    assertThat(lab.row(id).removed().getAsDouble()).isEqualTo(lab.now());
    assertThat(lab.at("A", "a")).exists();
    assertThat(lab.state(id)).isEqualTo("removed");
  }

  @Test
  void theOldMeaningOfTheAgeCanBeHad() throws Exception {
    lab.deleteAfter(AGE, DeleteClock.REGISTERED);
    lab.register("A", "a");
    double registered = lab.now();
    lab.at(registered + 100);
    lab.round("A");
    assertThat(local("a")).exists();
    lab.at(registered + 101);
    lab.round("A");
    assertThat(local("a")).doesNotExist();
  }

  private long copiedLongAgo(String name) throws Exception {
    long id = lab.register("A", name);
    lab.round("A");
    lab.clock.advance(AGE.plusSeconds(1));
    return id;
  }

  @Test
  void aFileWhoseCopyIsGoneStaysAndIsCopiedAgain() throws Exception {
    long id = copiedLongAgo("a");
    Files.delete(lab.at("A", "a"));
    lab.round("A");
    assertThat(local("a")).exists();
    assertThat(lab.state(id)).isEqualTo("queued");
    lab.clock.advance(Duration.ofSeconds(1));
    lab.round("A");
    assertThat(lab.at("A", "a")).exists();
    assertThat(lab.state(id)).isEqualTo("copied");
  }

  @Test
  void aFileWhoseCopyWasTamperedWithStaysAndIsCopiedAgain() throws Exception {
    copiedLongAgo("a");
    FileTime time = Files.getLastModifiedTime(lab.at("A", "a"));
    Files.writeString(lab.at("A", "a"), "X a");
    Files.setLastModifiedTime(lab.at("A", "a"), time);
    lab.round("A");
    assertThat(local("a")).exists();
    lab.clock.advance(Duration.ofSeconds(1));
    lab.round("A");
    assertThat(lab.at("A", "a")).hasContent("A a");
  }

  @Test
  void aFileThatChangedSinceStaysAndIsCopiedAsItIsNow() throws Exception {
    long id = copiedLongAgo("a");
    lab.write("A/a", "more");
    lab.round("A");
    assertThat(local("a")).hasContent("more");
    lab.clock.advance(Duration.ofSeconds(1));
    lab.round("A");
    assertThat(lab.at("A", "a")).hasContent("more");
    assertThat(lab.row(id).version()).isEqualTo(2);
    lab.clock.advance(AGE.plusSeconds(1));
    lab.round("A");
    assertThat(local("a")).doesNotExist();
  }

  @Test
  void aFileThatChangedWithinItsSizeAndTimeStays() throws Exception {
    copiedLongAgo("a");
    FileTime time = Files.getLastModifiedTime(local("a"));
    lab.write("A/a", "B a");
    Files.setLastModifiedTime(local("a"), time);
    lab.round("A");
    assertThat(local("a")).hasContent("B a");
  }

  @Test
  void aFileThatWasOnlyTouchedMayGo() throws Exception {
    copiedLongAgo("a");
    Files.setLastModifiedTime(local("a"), FileTime.fromMillis(1_000_000));
    lab.round("A");
    assertThat(local("a")).doesNotExist();
  }

  @Test
  void nothingGoesWhileTheDestinationIsDown() throws Exception {
    copiedLongAgo("a");
    lab.carrier("A").broken =
        Optional.of(new RemoteException(RemoteException.Cause.NETWORK, "no route"));
    lab.rounds("A", 3);
    assertThat(local("a")).exists();
    assertThat(lab.archive("A").hostFailures()).isEqualTo(3);
  }

  @Test
  void fiftyGoAndTheOneThatIsNotToBeDeletedStays() throws Exception {
    lab.deleteAfter(Duration.ZERO, DeleteClock.COPIED);
    for (int i = 0; i < 50; i++) {
      lab.register("A", "f" + i);
    }
    Path kept = lab.write("A/kept", "kept");
    lab.register("A", kept, ArchiveLab.md5(kept), "kept", false);
    lab.rounds("A", 2);
    try (var left = Files.list(folder.resolve("data/A"))) {
      assertThat(left).containsExactly(kept);
    }
    try (var copies = Files.list(lab.carrier("A").folder)) {
      assertThat(copies).hasSize(51);
    }
  }

  @Test
  void aFileThatIsMissingWhenItIsToGoIsSaidToBe() throws Exception {
    long id = copiedLongAgo("a");
    Files.delete(local("a"));
    lab.round("A");
    assertThat(lab.row(id).removed()).hasValue(0);
    assertThat(lab.row(id).reason().orElseThrow()).contains("missing");
  }

  @Test
  void aLinkGoesAndWhatItLeadsToStays() throws Exception {
    Path target = lab.write("target", "target");
    Path link = folder.resolve("data/link");
    Files.createSymbolicLink(link, target);
    lab.register("A", link, ArchiveLab.md5(target), "link", true);
    lab.round("A");
    lab.clock.advance(AGE.plusSeconds(1));
    lab.round("A");
    assertThat(Files.isSymbolicLink(link)).isFalse();
    assertThat(target).hasContent("target");
    assertThat(lab.at("A", "link")).hasContent("target");
  }

  @Test
  void aFileThatThePythonPackageCopiedIsProvenBeforeItGoes() throws Exception {
    long id = lab.register("A", "a");
    lab.carrier("A")
        .send(
            java.util.List.of(
                new dev.caravan.archive.carry.Carrier.Parcel(
                    id, "a", local("a"), "", Optional.empty())),
            () -> false);
    lab.sql("UPDATE supersync_v0 SET remote_md5sum = local_md5sum, copied = " + lab.now());
    lab.clock.advance(AGE.plusSeconds(1));
    lab.round("A");
    assertThat(local("a")).doesNotExist();
    assertThat(lab.state(id)).isEqualTo("removed");
  }

  @Test
  void aDeletionThatWasCutOffIsEndedByTheNextStart() throws Exception {
    long gone = copiedLongAgo("gone");
    long back = lab.register("A", "back");
    lab.sql("UPDATE supersync_v0 SET remote_md5sum = local_md5sum WHERE id = " + back);
    var archive = lab.archive("A");
    for (long id : new long[] {gone, back}) {
      var seen =
          new dev.caravan.store.single.LocalFile(local(id == gone ? "gone" : "back"), lab.clock)
              .look()
              .orElseThrow();
      archive
          .file()
          .write(
              session -> {
                return QueueChanges.recordRemoving(
                    session, lab.row(id), lab.row(id).localPath(), Archive.seen(seen));
              });
      if (id == back) {
        // It was renamed aside when the process died.
        Files.move(
            local("back"), local(".caravan-" + Long.toUnsignedString(seen.inode()) + ".aside"));
      }
    }
    Files.delete(local("gone"));
    lab.restart();
    lab.archive("A").recover();
    assertThat(local("back")).hasContent("A back");
    assertThat(lab.row(back).removed()).isEmpty();
    assertThat(lab.state(gone)).isEqualTo("removed");
    assertThat(lab.number("SELECT count(*) FROM caravan_file_v0 WHERE removing = 1")).isZero();
  }

  @Test
  void aFileThatAnotherArchiveStillHasToCopyStays() throws Exception {
    lab.register("A", "a");
    long other = lab.register("B", local("a"), ArchiveLab.md5(local("a")), "a", true);
    lab.carrier("B").broken =
        Optional.of(new RemoteException(RemoteException.Cause.NETWORK, "no route"));
    lab.round("A");
    lab.round("B");
    lab.clock.advance(AGE.plusSeconds(1));
    lab.round("A");
    assertThat(local("a")).exists();
    lab.carrier("B").broken = Optional.empty();
    lab.clock.advance(Duration.ofHours(2));
    lab.round("B");
    assertThat(lab.state(other)).isEqualTo("copied");
    lab.round("A");
    assertThat(local("a")).doesNotExist();
    assertThat(lab.number("SELECT count(*) FROM caravan_file_v0 WHERE removing = 1")).isZero();
  }

  @Test
  void aFileThatAnyRowOfItSaysIsToStayStays() throws Exception {
    copiedLongAgo("a");
    lab.register("B", local("a"), ArchiveLab.md5(local("a")), "a", false);
    lab.round("B");
    lab.round("A");
    assertThat(local("a")).exists();
  }

  @Test
  void whatBecomesOfTheRowWhileTheDestinationIsAskedCounts() throws Exception {
    for (String change :
        new String[] {"deletable = 0", "local_md5sum = 'f'", "remote_md5sum = NULL"}) {
      String name = "by " + change;
      long id = copiedLongAgo(name);
      lab.carrier("A").afterAsking = () -> sql("UPDATE supersync_v0 SET " + change, id);
      lab.round("A");
      lab.carrier("A").afterAsking = () -> {};
      assertThat(local(name)).exists();
      assertThat(lab.row(id).removed()).isEmpty();
    }
  }

  private void sql(String change, long id) {
    try {
      lab.sql(change + " WHERE id = " + id);
    } catch (java.sql.SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aFileThatStayedIsNotAskedForInEachRound() throws Exception {
    copiedLongAgo("a");
    lab.register("B", local("a"), ArchiveLab.md5(local("a")), "a", false);
    lab.round("A");
    int asked = lab.carrier("A").asked.size();
    for (int i = 0; i < 20; i++) {
      lab.clock.advance(Duration.ofMinutes(1));
      lab.round("A");
    }
    assertThat(lab.carrier("A").asked).hasSize(asked);
    lab.sql("UPDATE supersync_v0 SET deletable = 1");
    lab.clock.advance(Duration.ofHours(1));
    lab.round("B");
    lab.round("A");
    assertThat(local("a")).doesNotExist();
  }

  @Test
  void aFileThatTheDestinationTurnsOutToBeStaysAndIsGivenUp() throws Exception {
    long id = copiedLongAgo("a");
    Files.delete(lab.at("A", "a"));
    Files.delete(lab.carrier("A").folder);
    Files.createSymbolicLink(lab.carrier("A").folder, folder.resolve("data/A"));
    lab.round("A");
    assertThat(local("a")).hasContent("A a");
    lab.clock.advance(Duration.ofSeconds(1));
    lab.round("A");
    assertThat(local("a")).hasContent("A a");
    assertThat(lab.state(id)).isEqualTo("dead");
    assertThat(lab.row(id).reason().orElseThrow()).contains("the local file itself");
  }

  @Test
  void whereAskingTakesTooLongFewerAreAskedForAndNoneIsLost() throws Exception {
    for (int i = 0; i < 20; i++) {
      lab.register("A", "f" + i);
    }
    lab.round("A");
    lab.clock.advance(AGE.plusSeconds(1));
    lab.carrier("A").askingTakesLongFrom = 1;
    lab.round("A");
    assertThat(lab.number("SELECT count(*) FROM supersync_v0 WHERE remote_md5sum = local_md5sum"))
        .isEqualTo(20);
    try (var left = Files.list(folder.resolve("data/A"))) {
      assertThat(left).hasSize(20);
    }
    assertThat(lab.archive("A").hostFailures()).isZero();
    lab.clock.advance(Duration.ofHours(2));
    lab.carrier("A").askingTakesLongFrom = 3;
    lab.round("A");
    try (var left = Files.list(folder.resolve("data/A"))) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void noMoreFilesAreAskedForAtOnceThanInABatch() throws Exception {
    lab.batch(5);
    for (int i = 0; i < 12; i++) {
      lab.register("A", "f" + i);
    }
    lab.round("A");
    lab.clock.advance(AGE.plusSeconds(1));
    lab.round("A");
    assertThat(lab.carrier("A").asked).allMatch(names -> names.size() <= 5);
    try (var left = Files.list(folder.resolve("data/A"))) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void foldersOfPathsThatAreNotPlainGoAsWellAndNotesThatNameNoneAreDropped() throws Exception {
    lab.removeEmptyDirsAfter(Duration.ofSeconds(50));
    Path plain = lab.write("A/17000/deep/f", "f");
    Files.createDirectories(folder.resolve("data/A/x"));
    Path odd = folder.resolve("data/A/x/../17000/deep/f");
    lab.register("A", odd, ArchiveLab.md5(plain), "17000//deep/f", true);
    lab.sql("INSERT INTO caravan_folder_v0 VALUES ('A', '/a/../b', '/a', 1)");
    lab.round("A");
    lab.clock.advance(AGE.plusSeconds(1));
    lab.round("A");
    assertThat(plain).doesNotExist();
    lab.clock.advance(Duration.ofSeconds(51));
    lab.round("A");
    assertThat(lab.archive("A").hostFailures()).isZero();
    assertThat(plain.getParent()).doesNotExist();
    assertThat(lab.number("SELECT count(*) FROM caravan_folder_v0")).isZero();
  }

  @Test
  void foldersThatBecameEmptyGoWhereThatIsWantedAndNoneAboveTheArchive() throws Exception {
    lab.removeEmptyDirsAfter(Duration.ofSeconds(50));
    lab.register("A", "17000/deep/f");
    lab.register("A", "17000/also/g");
    lab.round("A");
    lab.clock.advance(AGE.plusSeconds(1));
    Files.writeString(local("17000/also/stranger"), "not ours");
    lab.round("A");
    assertThat(local("17000/deep")).isEmptyDirectory();
    lab.clock.advance(Duration.ofSeconds(51));
    lab.round("A");
    assertThat(local("17000/deep")).doesNotExist();
    assertThat(local("17000/also/stranger")).exists();
    assertThat(folder.resolve("data/A")).exists();
  }
}
