package dev.caravan.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.catalog.ItemRow;
import dev.caravan.catalog.RunCount;
import dev.caravan.catalog.RunRow;
import dev.caravan.catalog.RunView;
import dev.caravan.config.StorageSettings.Deletes;
import dev.caravan.event.RunState;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.sim.FlakyRemote;
import dev.caravan.sim.FlakyRemote.Break;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RenameTest {

  private static final int MANY = 40;

  @TempDir Path store;
  private final FlakyRemote near = new FlakyRemote("near");
  private SyncWorld world;

  @BeforeEach
  void open() throws Exception {
    world = SyncWorld.of(store, near);
    world.write("keep", "k");
  }

  @AfterEach
  void close() {
    world.close();
  }

  private void rename(String from, String to) throws IOException {
    Files.createDirectories(world.path(to).getParent());
    Files.move(world.path(from), world.path(to), StandardCopyOption.REPLACE_EXISTING);
  }

  private static long count(RunRow run, RunCount what) {
    Map<?, ?> counts = (Map<?, ?>) RunView.of(run).get("counts");
    return ((Number) counts.get(what.label())).longValue();
  }

  private List<String> trash() {
    return near.holds().keySet().stream().filter(key -> key.startsWith(".caravan/trash/")).toList();
  }

  private List<String> told(RunRow run) {
    return world.items(run).stream()
        .map(item -> item.action() + " " + item.path() + " " + item.reason() + " " + item.state())
        .toList();
  }

  @Test
  void aRenamedFileIsCopiedByTheRemoteAndItsOldNameGoesToTheTrashAfterASecondLook()
      throws Exception {
    world.write("a", "content");
    world.cycle();
    rename("a", "b");
    RunRow first = world.cycle();
    assertThat(told(first)).containsExactly("rename b renamed done");
    assertThat(count(first, RunCount.RENAMED)).isEqualTo(1);
    assertThat(count(first, RunCount.UPLOADED)).isZero();
    assertThat(near.files()).as("one look").containsOnlyKeys("keep", "a", "b");
    assertThat(world.file("b").state()).isEqualTo("synced");
    assertThat(near.puts()).doesNotContain("b");
    RunRow second = world.cycle();
    assertThat(told(second)).containsExactly("trash a renamed done");
    assertThat(near.files()).containsOnlyKeys("keep", "b");
    assertThat(near.text("b")).isEqualTo("content");
    assertThat(trash()).singleElement().asString().endsWith("/a");
    for (RunCount what : List.of(RunCount.RENAMED, RunCount.TRASHED, RunCount.DELETED)) {
      assertThat(count(second, what)).as("%s", what).isZero();
    }
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
  }

  @Test
  void manyRenamesDoNotHaltAndADeletionAmongThemStillCounts() throws Exception {
    for (int i = 0; i < MANY; i++) {
      world.write("old/f" + i, "file " + i);
    }
    world.cycle();
    rename("old", "new");
    RunRow first = world.cycle();
    assertThat(count(first, RunCount.RENAMED)).isEqualTo(MANY);
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(near.files()).hasSize(MANY + 1).containsKey("new/f1").doesNotContainKey("old/f1");
    for (int i = 0; i < 25; i++) {
      world.delete("new/f" + i);
    }
    world.cycle();
    assertThat(world.cycle().state()).as("25 real deletions").isEqualTo(RunState.HALTED);
  }

  @Test
  void whatSeemsRenamedIsNotGivenUpBeforeItWasRead() throws Exception {
    for (int i = 0; i < MANY; i++) {
      world.write("f" + i, "file " + i);
    }
    world.cycle();
    for (int i = 0; i < MANY; i++) {
      rename("f" + i, "n" + i);
    }
    near.down(true);
    assertThat(world.cycle().state()).isEqualTo(RunState.FAILED);
    assertThat(world.manual().state()).as("two looks, none read").isEqualTo(RunState.FAILED);
    near.mend();
    RunRow run = world.manual();
    assertThat(run.state()).as("%s", run.error()).isEqualTo(RunState.SUCCEEDED);
    assertThat(near.files()).containsKey("f1").containsKey("n1");
    assertThat(world.mirror().schedule().next().orElseThrow())
        .as("looked at again soon")
        .isBefore(world.clock().instant().plusSeconds(60));
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(near.files()).hasSize(MANY + 1).doesNotContainKey("f1");
  }

  @Test
  void renamedThenModifiedIsAnUploadAndADeletion() throws Exception {
    world.write("a", "content");
    world.cycle();
    rename("a", "b");
    world.write("b", "content, changed");
    RunRow run = world.cycle();
    assertThat(told(run)).containsExactly("upload b new done");
    RunRow second = world.cycle();
    assertThat(told(second)).containsExactly("trash a deleted_by_owner done");
    assertThat(count(second, RunCount.TRASHED)).isEqualTo(1);
    assertThat(near.text("b")).isEqualTo("content, changed");
  }

  @Test
  void modifiedAfterTheCopyWasMadeTheOldNameCountsAsDeleted() throws Exception {
    world.write("a", "content");
    world.cycle();
    rename("a", "b");
    world.cycle();
    world.write("b", "content, changed");
    RunRow second = world.cycle();
    assertThat(count(second, RunCount.TRASHED)).isEqualTo(1);
    assertThat(near.text("b")).isEqualTo("content, changed");
    assertThat(near.text(trash().get(0))).isEqualTo("content");
  }

  @Test
  void renamedOverAnotherFileReplacesIt() throws Exception {
    world.write("a", "from a");
    world.write("b", "b's own");
    world.cycle();
    rename("a", "b");
    assertThat(told(world.cycle())).containsExactly("rename b renamed done");
    assertThat(near.text("b")).isEqualTo("from a");
    world.cycle();
    assertThat(near.files()).containsOnlyKeys("keep", "b");
    assertThat(world.file("b").state()).isEqualTo("synced");
  }

  @Test
  void swapsAndChainsEndWithTheRightContentEverywhere() throws Exception {
    for (String name : List.of("a", "b", "c", "d")) {
      world.write(name, "content of " + name);
    }
    world.cycle();
    rename("a", "tmp");
    rename("b", "a");
    rename("tmp", "b");
    rename("d", "e");
    rename("c", "d");
    world.cycle();
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(near.files()).containsOnlyKeys("keep", "a", "b", "d", "e");
    assertThat(near.text("a")).isEqualTo("content of b");
    assertThat(near.text("b")).isEqualTo("content of a");
    assertThat(near.text("d")).isEqualTo("content of c");
    assertThat(near.text("e")).isEqualTo("content of d");
    assertThat(world.files()).allMatch(file -> file.state().equals("synced"));
  }

  @Test
  void renamedAgainBeforeTheSecondLookIsStillNoDeletion() throws Exception {
    for (int i = 0; i < MANY; i++) {
      world.write("a/f" + i, "file " + i);
    }
    world.cycle();
    rename("a", "b");
    world.cycle();
    rename("b", "c");
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(near.files()).hasSize(MANY + 1).containsKey("c/f1");
    assertThat(near.puts()).noneMatch(key -> key.startsWith("c/"));
  }

  @Test
  void aHardLinkIsNoRename() throws Exception {
    world.write("a", "content");
    world.cycle();
    Files.createLink(world.path("b"), world.path("a"));
    assertThat(told(world.cycle())).contains("upload b new done");
    assertThat(near.files()).containsOnlyKeys("keep", "a", "b");
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(near.files()).containsOnlyKeys("keep", "a", "b");
  }

  @Test
  void aRemoteThatCannotCopyOrFailsToIsSentTheFile() throws Exception {
    for (Cause cause : List.of(Cause.UNSUPPORTED, Cause.SERVER, Cause.NO_SUCH_OBJECT)) {
      String from = "from-" + cause;
      String to = "to-" + cause;
      world.write(from, "content of " + cause);
      world.cycle();
      rename(from, to);
      near.breakNextCopy(cause);
      RunRow run = world.cycle();
      assertThat(near.copiesBroken()).as("%s", cause).isEqualTo(1);
      assertThat(told(run)).containsExactly("upload " + to + " new done");
      assertThat(run.state()).isEqualTo(RunState.SUCCEEDED);
      RunRow second = world.cycle();
      assertThat(count(second, RunCount.TRASHED)).isEqualTo(1);
      assertThat(near.text(to)).isEqualTo("content of " + cause);
    }
  }

  @Test
  void aCopyThatIsNotWhatWasReadIsReplacedByTheFile() throws Exception {
    world.write("a", "content");
    world.cycle();
    near.plant("a", "CONTENT");
    rename("a", "b");
    assertThat(told(world.cycle())).containsExactly("upload b new done");
    assertThat(near.text("b")).isEqualTo("content");
  }

  @Test
  void aRemoteThatLacksTheNewNameKeepsTheOldOne() throws Exception {
    FlakyRemote far = new FlakyRemote("far");
    world.restart(TestSettings.of(store), List.of(near, far));
    world.write("a", "content");
    world.cycle();
    rename("a", "b");
    far.down(true);
    world.cycle();
    world.cycle();
    assertThat(near.files()).containsOnlyKeys("keep", "b");
    far.down(false);
    far.breakNextPut("b");
    far.breakNextCopy(Cause.SERVER);
    world.manual();
    assertThat(far.files()).as("the new name failed there").containsOnlyKeys("keep", "a");
    world.manual();
    assertThat(far.files()).containsOnlyKeys("keep", "b");
    assertThat(far.text("b")).isEqualTo("content");
  }

  @Test
  void aDryRunSaysRenameAndChangesNothing() throws Exception {
    world.write("a", "content");
    world.cycle();
    rename("a", "b");
    near.callsSince();
    RunRow dry = world.dryRun();
    assertThat(told(dry)).containsExactly("rename b renamed planned");
    assertThat(near.files()).containsOnlyKeys("keep", "a");
    world.dryRun();
    assertThat(told(world.cycle())).containsExactly("rename b renamed done");
    assertThat(told(world.dryRun())).isEmpty();
    assertThat(near.files()).containsOnlyKeys("keep", "a", "b");
    world.cycle();
    assertThat(near.files()).containsOnlyKeys("keep", "b");
  }

  @Test
  void theOldNameFollowsThePolicyForDeletions() throws Exception {
    for (Deletes deletes : List.of(Deletes.MIRROR, Deletes.KEEP)) {
      world.restart(TestSettings.of(store).deleting(deletes), List.of(near));
      world.write("a-" + deletes, "content");
      world.cycle();
      rename("a-" + deletes, "b-" + deletes);
      world.cycle();
      RunRow second = world.cycle();
      assertThat(count(second, RunCount.DELETED)).isZero();
      assertThat(count(second, RunCount.SKIPPED)).isZero();
      assertThat(near.files()).containsKey("b-" + deletes);
      assertThat(near.files().containsKey("a-" + deletes)).isEqualTo(deletes == Deletes.KEEP);
    }
    assertThat(trash()).isEmpty();
  }

  @Test
  void aFileThatCameBackUnderItsOldNameStays() throws Exception {
    world.write("a", "content");
    world.cycle();
    rename("a", "b");
    world.cycle();
    Files.copy(world.path("b"), world.path("a"));
    world.cycle();
    world.cycle();
    world.cycle();
    assertThat(near.files()).containsOnlyKeys("keep", "a", "b");
    assertThat(trash()).isEmpty();
    assertThat(world.files()).allMatch(file -> file.state().equals("synced"));
  }

  @Test
  void renamesWaitWhileDeletionsAreHalted() throws Exception {
    for (int i = 0; i < MANY; i++) {
      world.write("f" + i, "file " + i);
    }
    world.write("a", "content");
    world.cycle();
    for (int i = 0; i < MANY; i++) {
      world.delete("f" + i);
    }
    rename("a", "b");
    world.cycle();
    assertThat(world.cycle().state()).isEqualTo(RunState.HALTED);
    assertThat(near.files()).containsKeys("a", "b", "f1");
    world.approve();
    assertThat(world.manual().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(near.files()).containsOnlyKeys("keep", "b");
  }

  @Test
  void aRestartBetweenTheTwoLooksForgetsNothing() throws Exception {
    world.write("a", "content");
    world.cycle();
    rename("a", "b");
    near.breakAfter(0, Break.AFTER, Cause.NETWORK);
    world.cycle();
    world.restart();
    world.manual();
    world.restart();
    RunRow last = world.manual();
    assertThat(last.state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(near.files()).containsOnlyKeys("keep", "b");
    assertThat(world.items(last)).extracting(ItemRow::state).doesNotContain("failed");
  }
}
