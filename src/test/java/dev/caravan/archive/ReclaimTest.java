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
                QueueChanges.recordRemoving(session, lab.row(id), Archive.seen(seen));
                return true;
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
