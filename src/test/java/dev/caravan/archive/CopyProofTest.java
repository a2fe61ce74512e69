package dev.caravan.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.event.RunState;
import dev.caravan.remote.RemoteException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a copy proves and what it does not, and that no copy takes the place of another. */
class CopyProofTest {

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

  private void assertRefused(String remotePath) throws Exception {
    ArchiveDesk.Wish wish =
        new ArchiveDesk.Wish(
            lab.write("third", "third content").toString(),
            remotePath,
            OptionalDouble.empty(),
            Optional.empty(),
            true);
    assertThatThrownBy(() -> lab.desk("A").add(wish))
        .isInstanceOfSatisfying(
            ArchiveRefusal.class,
            e -> assertThat(e.reason()).isEqualTo(ArchiveRefusal.Reason.CONFLICT));
  }

  private long registerOther(String remotePath) throws Exception {
    Path other = lab.write("other", "other content");
    return lab.register("A", other, ArchiveLab.md5(other), remotePath, true);
  }

  @Test
  void whatLiesThereIsNotOverwrittenThroughAnotherFormOfItsPath() throws Exception {
    Path file = lab.write("f", "f");
    long first = lab.register("A", file, ArchiveLab.md5(file), "16750//x", true);
    lab.rounds("A", 1);
    List<Long> others = List.of(registerOther("16750/x"), registerOther("./16750/./x"));
    lab.rounds("A", 2);
    assertThat(lab.at("A", "16750/x")).hasContent("f");
    assertThat(lab.state(first)).isEqualTo("copied");
    assertThat(others).allMatch(id -> lab.state(id).equals("dead"));
    assertRefused("16750/x");
  }

  @Test
  void whatThePythonPackageCopiedThroughAnotherFormOfItsPathIsNotOverwritten() throws Exception {
    Path file = lab.write("f", "f");
    lab.register("A", file, ArchiveLab.md5(file), "./x", true);
    Files.createDirectories(lab.carrier("A").folder);
    Files.copy(file, lab.at("A", "x"));
    lab.sql("UPDATE supersync_v0 SET remote_md5sum = local_md5sum, copied = 1");
    lab.archive("A").recover();
    long second = registerOther("x");
    lab.rounds("A", 2);
    assertThat(lab.at("A", "x")).hasContent("f");
    assertThat(lab.state(second)).isEqualTo("dead");
  }

  @Test
  void whatLiesThereIsNotOverwrittenWhenItIsIgnoredAfterwards() throws Exception {
    long first = lab.register("A", "same");
    lab.rounds("A", 1);
    lab.desk("A").ignore(new ArchiveDesk.Choice.Id(first), true);
    long second = registerOther("same");
    lab.rounds("A", 2);
    assertThat(lab.at("A", "same")).hasContent("A same");
    assertThat(lab.state(second)).isEqualTo("dead");
    lab.sql("DELETE FROM supersync_v0 WHERE id = " + second);
    assertRefused("same");
  }

  @Test
  void aFileIsNotCopiedOntoItself() throws Exception {
    Files.createDirectories(lab.carrier("A").folder);
    Path file = lab.at("A", "a");
    Files.writeString(file, "the only copy");
    long id = lab.register("A", file, ArchiveLab.md5(file), "a", true);
    lab.rounds("A", 2);
    assertThat(lab.state(id)).isEqualTo("dead");
    assertThat(lab.row(id).reason().orElseThrow()).contains("the local file itself");
    assertThat(lab.carrier("A").sent).isEmpty();
    assertThat(file).hasContent("the only copy");
  }

  /** As when a copy arrived and the process died before that was on record. */
  private long arrivedUnrecorded(String name) throws Exception {
    long id = lab.register("A", name);
    Files.createDirectories(lab.carrier("A").folder);
    Files.copy(folder.resolve("data/A").resolve(name), lab.at("A", name));
    return id;
  }

  @Test
  void whatArrivedEarlierProvesNothingOfAFileThatIsAnotherByNow() throws Exception {
    long late = arrivedUnrecorded("late");
    lab.write("A/late", "changed since");
    lab.carrier("A").takesLongFrom = 1;
    lab.rounds("A", 1);
    assertThat(lab.state(late)).isEqualTo("queued");
    lab.carrier("A").takesLongFrom = Integer.MAX_VALUE;
    lab.rounds("A", 1);
    assertThat(lab.at("A", "late")).hasContent("changed since");

    long cut = arrivedUnrecorded("cut");
    lab.write("A/cut", "changed since");
    lab.carrier("A").refused.add("cut");
    lab.carrier("A").brokenAfterSending =
        Optional.of(new RemoteException(RemoteException.Cause.NETWORK, "connection lost"));
    lab.rounds("A", 1);
    assertThat(lab.state(cut)).isEqualTo("queued");
    assertThat(lab.row(cut).localMd5()).isEqualTo(ArchiveLab.md5(folder.resolve("data/A/cut")));
  }

  @Test
  void aLocalFileThatCannotBeReadCountsAsAFailedAttempt() throws Exception {
    long id = lab.register("A", "a");
    Path file = folder.resolve("data/A/a");
    lab.carrier("A").afterSending =
        () -> {
          try {
            Files.deleteIfExists(file);
            Files.createSymbolicLink(file, file);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        };
    lab.rounds("A", 1);
    assertThat(lab.row(id).attempts()).isEqualTo(1);
    assertThat(lab.row(id).reason().orElseThrow()).contains("cannot be read");
  }

  @Test
  void aStopKeepsWhatArrivedAndCountsAgainstNoOtherFile() throws Exception {
    long first = lab.register("A", "f0");
    long second = lab.register("A", "f1");
    lab.carrier("A").afterEach = () -> lab.archive("A").stop();
    lab.round("A");
    assertThat(lab.state(first)).isEqualTo("copied");
    assertThat(lab.state(second)).isEqualTo("queued");
    assertThat(lab.row(second).attempts()).isZero();
    assertThat(lab.runs().get(0).state()).isEqualTo(RunState.CANCELLED);
  }

  @Test
  void whereAskingTakesTooLongTheBatchesGetSmallerAndOnlyAFileAloneFails() throws Exception {
    List<Long> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      all.add(lab.register("A", "f" + i));
    }
    lab.carrier("A").askingTakesLongFrom = 3;
    lab.rounds("A", 1);
    assertThat(all).allMatch(id -> lab.state(id).equals("copied"));
    assertThat(all).allMatch(id -> lab.row(id).attempts() == 0);
    assertThat(lab.archive("A").hostFailures()).isZero();
    long slow = lab.register("B", "slow");
    lab.carrier("B").askingTakesLongFrom = 1;
    lab.rounds("B", 6);
    assertThat(lab.state(slow)).isEqualTo("dead");
    assertThat(lab.row(slow).reason().orElseThrow()).contains("longer than cmd_timeout");
  }
}
