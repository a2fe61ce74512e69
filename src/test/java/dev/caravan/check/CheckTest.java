package dev.caravan.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.catalog.ItemRow;
import dev.caravan.catalog.RunCount;
import dev.caravan.event.RunState;
import dev.caravan.event.StorePath;
import dev.caravan.event.Trigger;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.memory.Faults;
import dev.caravan.remote.memory.MemoryRemote;
import dev.caravan.sync.SyncWorld;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is out of order is named, all of it and nothing else, and mended where that can be. */
class CheckTest {

  private static final List<String> NAMES = List.of("d/a", "d/b", "e/c", "e/purged");

  @TempDir Path store;
  private final MemoryRemote near = new MemoryRemote("near");
  private final MemoryRemote far = new MemoryRemote("far");
  private SyncWorld world;
  private CheckedStore checked;

  @BeforeEach
  void open() throws Exception {
    world = SyncWorld.of(store, near, far);
    checked = new CheckedStore(world, near, far);
    for (String name : NAMES) {
      world.write(name, content(name));
    }
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
    checked.purge("e/purged");
  }

  @AfterEach
  void close() {
    checked.close();
  }

  private static String content(String name) {
    return "content of " + name;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static ObjectKey key(String path) {
    return ObjectKey.of(StorePath.of(path));
  }

  @ParameterizedTest
  @EnumSource(CheckMode.class)
  void whatIsInOrderIsEqualAlsoWithPurgedFilesAndTrash(CheckMode mode) throws Exception {
    world.write("gone", "x");
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
    world.delete("gone");
    world.cycle();
    world.clock().advance(Duration.ofHours(1));
    world.cycle();
    assertThat(near.find(key("gone"))).as("it is in the trash").isEmpty();
    CheckedStore.Result result = checked.check(mode);
    assertThat(result.found()).isEmpty();
    assertThat(result.state()).as(result.error()).isEqualTo(RunState.SUCCEEDED);
    assertThat(result.count(RunCount.VERIFIED)).as("3 here and 4 at each remote").isEqualTo(11);
  }

  @Test
  void sizesNameWhatIsMissingTruncatedLongerOrExtra() throws Exception {
    near.lose(key("d/a"));
    CheckedStore.plant(near, "d/b", bytes("cont"));
    CheckedStore.plant(far, "e/c", bytes("content of another"));
    CheckedStore.plant(far, "e/purged", bytes("content of e/burged"));
    CheckedStore.plant(far, "somebody/else's", bytes("x"));
    CheckedStore.plant(far, "empty", bytes(""));
    CheckedStore.Result result = checked.check(CheckMode.SIZE);
    assertThat(result.found())
        .containsExactly(
            "far different e/c",
            "far extra empty",
            "far extra somebody/else's",
            "near missing d/a",
            "near truncated d/b");
    assertThat(result.state()).isEqualTo(RunState.PARTIAL);
    assertThat(result.error()).contains("2 extra", "1 missing", "1 truncated", "1 different");
    assertThat(result.count(RunCount.DIFFERENT)).isEqualTo(5);
    assertThat(checked.check(CheckMode.HASH).found()).contains("far different e/purged");
  }

  @Test
  void whereCopiesOfDeletedFilesStayTheyAreNoDifference() throws Exception {
    checked.keepDeleted();
    CheckedStore.plant(far, "deleted/long ago", bytes("x"));
    CheckedStore.Result result = checked.check(CheckMode.FULL);
    assertThat(result.found()).containsExactly("far kept deleted/long ago");
    assertThat(result.items()).extracting(ItemRow::state).containsExactly("skipped");
    assertThat(result.state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(result.count(RunCount.DIFFERENT)).isZero();
    near.lose(key("d/a"));
    assertThat(checked.check(CheckMode.SIZE).error()).contains("1 missing").doesNotContain("kept");
  }

  @Test
  void aHundredPlantedFaultsAreNamedByAFullCheckAndNothingElse() throws Exception {
    Random random = new Random(20_261_121);
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      names.add("many/%d/%d".formatted(i % 7, i));
      byte[] bytes = new byte[1 + random.nextInt(5_000)];
      random.nextBytes(bytes);
      Files.createDirectories(world.path(names.get(i)).getParent());
      Files.write(world.path(names.get(i)), bytes);
    }
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
    for (int i = 0; i < 300; i += 5) {
      checked.purge(names.get(i));
    }
    Collections.shuffle(names, random);
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      MemoryRemote remote = random.nextBoolean() ? near : far;
      expected.add(remote.name() + " " + damage(remote, names, i, random));
    }
    Collections.sort(expected);
    CheckedStore.Result result = checked.check(CheckMode.FULL);
    assertThat(result.found()).hasSize(100).isEqualTo(expected);
    assertThat(result.count(RunCount.DIFFERENT)).isEqualTo(100);
  }

  private static String damage(MemoryRemote remote, List<String> names, int i, Random random)
      throws Exception {
    String name = names.get(i);
    byte[] held = remote.open(key(name), 0, -1).readAllBytes();
    switch (i % 5) {
      case 0 -> {
        held[random.nextInt(held.length)] ^= (byte) (1 << random.nextInt(8));
        CheckedStore.plant(remote, name, held);
        return "different " + name;
      }
      case 1 -> {
        CheckedStore.plant(remote, name, java.util.Arrays.copyOf(held, held.length - 1));
        return "truncated " + name;
      }
      case 2 -> {
        byte[] other = held.clone();
        random.nextBytes(other);
        other[0] = (byte) ~held[0];
        CheckedStore.plant(remote, name, other);
        return "different " + name;
      }
      case 3 -> {
        remote.lose(key(name));
        return "missing " + name;
      }
      default -> {
        CheckedStore.plant(remote, name + ".extra", held);
        return "extra " + name + ".extra";
      }
    }
  }

  @Test
  void aFullReadIsANewProof() {
    long before = world.file("d/a").copies().get("near").verifiedMillis();
    world.clock().advance(Duration.ofDays(3));
    checked.check(CheckMode.SIZE);
    checked.check(CheckMode.HASH);
    world.catalog().flush();
    assertThat(world.file("d/a").copies().get("near").verifiedMillis()).isEqualTo(before);
    checked.check(CheckMode.FULL);
    world.catalog().flush();
    assertThat(world.file("d/a").copies().get("near").verifiedMillis())
        .isEqualTo(world.clock().millis());
    assertThat(world.cycle().report()).contains("\"uploaded\":0");
  }

  @Test
  void aRemoteThatFailsTellsNothingAndTheOthersAreChecked() throws Exception {
    far.lose(key("d/b"));
    near.faults().fail(Faults.Call.LIST, 1, RemoteException.Cause.SERVER);
    CheckedStore.Result result = checked.repair(CheckMode.SIZE);
    assertThat(result.found()).containsExactly("far missing d/b");
    assertThat(result.state()).isEqualTo(RunState.PARTIAL);
    assertThat(result.error()).contains("remote 'near' could not be checked");
    assertThat(result.book().remotes().get("near").state()).isEqualTo("failed");
    assertThat(world.open("near")).as("nothing is known, so nothing changes").isEmpty();
    assertThat(world.open("far")).hasSize(1);

    near.faults().failAll(Faults.Call.OPEN, RemoteException.Cause.NETWORK);
    near.faults().failAll(Faults.Call.FIND, RemoteException.Cause.NETWORK);
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
    result = checked.repair(CheckMode.FULL);
    assertThat(result.state()).as(result.error()).isEqualTo(RunState.FAILED);
    assertThat(result.found()).isEmpty();
    assertThat(world.open("near")).isEmpty();
  }

  @Test
  void aListingWithoutTheMarkerIsNotBelieved() {
    near.lose(ObjectKey.own("store.id"));
    NAMES.forEach(name -> near.lose(key(name)));
    CheckedStore.Result result = checked.repair(CheckMode.SIZE);
    assertThat(result.state()).isEqualTo(RunState.FAILED);
    assertThat(result.error()).contains("near", "marker");
    assertThat(result.found()).isEmpty();
    assertThat(world.open("near")).isEmpty();
  }

  @Test
  void oneObjectThatCannotBeReadIsAProblemOfItsOwn() {
    near.faults().fail(Faults.Call.OPEN, 2, RemoteException.Cause.NETWORK);
    CheckedStore.Result result = checked.check(CheckMode.FULL);
    assertThat(result.found()).hasSize(1).allMatch(item -> item.startsWith("near remote_failed"));
    assertThat(result.state()).isEqualTo(RunState.PARTIAL);
    assertThat(result.count(RunCount.DIFFERENT)).isZero();
  }

  @Test
  void aCheckThatIsCancelledEndsAtTheNextObject() {
    // The first is of the copy of the catalog.
    near.faults().before(Faults.Call.OPEN, 3, checked::cancel);
    CheckedStore.Result result = checked.check(CheckMode.FULL);
    assertThat(result.state()).isEqualTo(RunState.CANCELLED);
    assertThat(result.found()).isEmpty();
    assertThat(result.count(RunCount.VERIFIED)).as("3 here and 1 there").isEqualTo(4);
    assertThat(result.book().remotes().get("near").state()).isEqualTo("cancelled");
  }

  @Test
  void whoAskedWhetherThereIsAnotherObjectGetsItThoughTheCheckIsCancelled() throws Exception {
    Check check = checked.check();
    CheckRun run =
        check.begin(
            new CheckRequest(Trigger.MANUAL, CheckRequest.Terms.all(CheckMode.FULL, false)));
    RemoteCheck remote = run.getRemotes().iterator().next();
    remote.begin();
    Iterator<RemoteCheck.Subject> subjects = remote.getSubjects();
    assertThat(subjects.hasNext()).isTrue();
    checked.cancel();
    assertThat(subjects.next()).isInstanceOf(RemoteCheck.Known.class);
    assertThat(subjects.hasNext()).isFalse();
    remote.end();
    check.end(run);
    assertThat(run.book().remotes().get("near").state()).isEqualTo("cancelled");
  }

  @Test
  void whatASyncSendsMeanwhileIsNoDifference() throws Exception {
    near.faults().before(Faults.Call.LIST, 1, () -> edited("d/a", "a longer content than before"));
    CheckedStore.Result result = checked.check(CheckMode.FULL);
    assertThat(result.found()).isEmpty();
    assertThat(result.state()).isEqualTo(RunState.SUCCEEDED);
  }

  private void edited(String path, String text) {
    try {
      world.write(path, text);
    } catch (java.io.IOException e) {
      throw new IllegalStateException(e);
    }
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
  }

  @Test
  void whatIsMendedIsEqualAfterTheNextSync() throws Exception {
    near.lose(key("d/a"));
    CheckedStore.plant(far, "d/b", bytes("cont"));
    CheckedStore.plant(far, "e/c", bytes("content of e/d"));
    CheckedStore.Result result = checked.repair(CheckMode.FULL);
    assertThat(result.state()).isEqualTo(RunState.PARTIAL);
    assertThat(result.items()).hasSize(3).allMatch(item -> item.state().equals("done"));
    assertThat(result.items()).allMatch(item -> item.action().equals("repair"));
    assertThat(world.file("d/a").state()).isNotEqualTo("synced");
    assertThat(world.cycle().report()).contains("\"uploaded\":3");
    assertThat(checked.check(CheckMode.FULL).state()).isEqualTo(RunState.SUCCEEDED);
  }

  @Test
  void aPurgedFileStaysPurgedAndItsBadCopyCountsNoMore() throws Exception {
    near.lose(key("e/purged"));
    CheckedStore.Result result = checked.check(CheckMode.SIZE);
    assertThat(result.items().get(0).message().orElseThrow()).contains("the copy at 'far' is good");
    assertThat(world.file("e/purged").copies().get("near").state()).isEqualTo("verified");
    checked.repair(CheckMode.SIZE);
    assertThat(world.file("e/purged").state()).isEqualTo("purged");
    assertThat(world.file("e/purged").copies().get("near").state()).isEqualTo("failed");
    world.clock().advance(Duration.ofDays(1));
    world.cycle();
    world.cycle();
    assertThat(far.find(key("e/purged"))).as("a repair deletes nothing").isPresent();
    far.lose(key("e/purged"));
    result = checked.check(CheckMode.SIZE);
    assertThat(result.items().get(0).message().orElseThrow()).contains("no other remote");
    assertThat(world.file("e/purged").state()).isEqualTo("purged");
  }

  @Test
  void aDamagedFileOfTheStoreIsNamedAndBroughtBack() throws Exception {
    checked.rot("d/a", "cOntent of d/a");
    assertThat(checked.check(CheckMode.SIZE).found()).as("sizes tell nothing of it").isEmpty();
    CheckedStore.Result result = checked.check(CheckMode.HASH);
    assertThat(result.found()).containsExactly("damaged d/a");
    assertThat(result.state()).isEqualTo(RunState.PARTIAL);
    assertThat(world.path("d/a")).hasContent("cOntent of d/a");
    result = checked.repair(CheckMode.HASH);
    assertThat(result.items()).extracting(ItemRow::state).containsExactly("done");
    assertThat(world.path("d/a")).hasContent(content("d/a"));
    assertThat(checked.check(CheckMode.FULL).state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(world.cycle().report()).contains("\"uploaded\":0");
  }

  @Test
  void damageIsNeverSentAndNoDamagedFileIsTakenAway() throws Exception {
    checked.rot("d/a", "cOntent of d/a");
    near.lose(key("d/a"));
    CheckedStore.plant(far, "d/a", bytes("conTent of d/a"));
    CheckedStore.Result result = checked.repair(CheckMode.FULL);
    assertThat(result.found())
        .containsExactly("damaged d/a", "far different d/a", "near missing d/a");
    assertThat(result.items()).allMatch(item -> item.state().equals("failed"));
    assertThat(world.path("d/a")).hasContent("cOntent of d/a");
    assertThat(world.cycle().report()).contains("\"uploaded\":0");
    assertThat(world.file("d/a").state()).isEqualTo("synced");
  }

  @Test
  void aLostFileComesBackAndAnEditedOneIsNoDifference() throws Exception {
    world.delete("d/a");
    world.write("d/b", "edited by its owner");
    CheckedStore.Result result = checked.check(CheckMode.SIZE);
    assertThat(result.found()).containsExactly("changed_since_sync d/b", "missing d/a");
    assertThat(result.count(RunCount.DIFFERENT)).isEqualTo(1);
    checked.repair(CheckMode.SIZE);
    assertThat(world.path("d/a")).hasContent(content("d/a"));
    assertThat(world.path("d/b")).hasContent("edited by its owner");
    assertThat(checked.check(CheckMode.FULL).state()).isEqualTo(RunState.SUCCEEDED);
  }

  @Test
  void aLostFileThatNoRemoteCanGiveStaysAsItIs() throws Exception {
    world.delete("d/a");
    near.lose(key("d/a"));
    far.lose(key("d/a"));
    CheckedStore.Result result = checked.repair(CheckMode.FULL);
    assertThat(result.found())
        .containsExactly("far missing d/a", "missing d/a", "near missing d/a");
    assertThat(result.items()).allMatch(item -> item.state().equals("failed"));
    assertThat(world.file("d/a").state()).isNotEqualTo("purged");
  }

  @Test
  void whatAHaltAsksAPersonIsNotDecidedByARepair() throws Exception {
    for (int i = 0; i < 30; i++) {
      world.write("many/" + i, "x" + i);
    }
    assertThat(world.cycle().state()).isEqualTo(RunState.SUCCEEDED);
    for (int i = 0; i < 30; i++) {
      world.delete("many/" + i);
    }
    world.cycle();
    world.clock().advance(Duration.ofHours(1));
    assertThat(world.cycle().state()).isEqualTo(RunState.HALTED);
    world.delete("d/a");
    CheckedStore.Result result = checked.repair(CheckMode.SIZE);
    assertThat(result.found()).containsExactly("missing d/a");
    assertThat(result.items().get(0).message().orElseThrow()).contains("a halt waits");
    assertThat(world.path("d/a")).doesNotExist();
    assertThat(world.path("many/0")).doesNotExist();
  }

  @Test
  void aStoreThatIsAwayIsNotTakenForALostOne() throws Exception {
    checked.refuse("the disk is not mounted");
    NAMES.subList(0, 3).forEach(name -> world.path(name).toFile().renameTo(store.toFile()));
    CheckedStore.Result result = checked.repair(CheckMode.FULL);
    assertThat(result.state()).isEqualTo(RunState.FAILED);
    assertThat(result.error()).contains("the disk is not mounted");
    assertThat(result.found()).isEmpty();
    assertThat(result.count(RunCount.VERIFIED)).as("the remotes are checked").isEqualTo(8);
  }
}
