package dev.caravan.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.catalog.RunRow;
import dev.caravan.event.RunState;
import dev.caravan.event.StorePath;
import dev.caravan.event.Trigger;
import dev.caravan.sim.FlakyRemote;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was changed and not told of shows whether the whole store was looked at. */
class NoticedTest {

  private static final String UNTOLD = "folder/untold";

  @TempDir Path folder;
  private final FlakyRemote near = new FlakyRemote("near");
  private final AtomicBoolean following = new AtomicBoolean(true);
  private SyncWorld world;

  @BeforeEach
  void mirrorTwice() throws Exception {
    world = SyncWorld.of(Files.createDirectory(folder.resolve("store")), near);
    world.write("folder/known", "1");
    world.write("other/known", "1");
    world.cycle();
    world.mirror().schedule().following(following::get);
    world.cycle();
    world.write(UNTOLD, "nobody says so");
  }

  @AfterEach
  void close() {
    world.close();
  }

  private void told(String path) {
    world.mirror().schedule().noticed(Optional.of(StorePath.of(path)));
    world.mirror().schedule().changed();
  }

  private RunRow watched() {
    world.clock().advance(Duration.ofSeconds(3));
    return world.cycle(Trigger.WATCH, false);
  }

  private boolean lookedAtAll() {
    return near.files().containsKey(UNTOLD);
  }

  @Test
  void newAndChangedFilesAreSentWithoutALookAtTheRest() throws Exception {
    world.write("folder/new", "n");
    world.write("other/known", "22");
    world.write("top", "t");
    told("folder/new");
    told("other/known");
    told("top");
    assertThat(watched().state()).isEqualTo(RunState.SUCCEEDED);
    assertThat(near.text("folder/new")).isEqualTo("n");
    assertThat(near.text("other/known")).isEqualTo("22");
    assertThat(near.text("top")).isEqualTo("t");
    assertThat(lookedAtAll()).isFalse();
    world.cycle();
    assertThat(lookedAtAll()).as("the next scan").isTrue();
  }

  @Test
  void aFileThatCameAndWentAsksForNothing() {
    told("folder/passing");
    watched();
    assertThat(lookedAtAll()).isFalse();
  }

  @Test
  void aFileThatIsGoneIsLeftToTheLooksAtTheWholeStore() throws Exception {
    world.delete("other/known");
    told("other/known");
    watched();
    assertThat(lookedAtAll()).isTrue();
    assertThat(near.files()).as("one look").containsKey("other/known");
    world.cycle();
    assertThat(near.files()).as("two").doesNotContainKey("other/known");
  }

  @Test
  void aRenameIsSeenAsOneThoughItIsToldOfAsTwo() throws Exception {
    Files.move(world.path("other/known"), world.path("folder/renamed"));
    told("folder/renamed");
    world.clock().advance(Duration.ofMillis(20));
    told("other/known");
    world.clock().advance(Duration.ofMillis(1_980));
    assertThat(world.mirror().schedule().due()).contains(Trigger.WATCH);
    world.cycle(Trigger.WATCH, false);
    assertThat(near.copies()).isEqualTo(1);
    assertThat(near.puts()).doesNotContain("folder/renamed");
    assertThat(near.text("folder/renamed")).isEqualTo("1");
  }

  @Test
  void whatNeedsAWholeLookWaitsForItAfterALongOne() throws Exception {
    SyncSchedule schedule = world.mirror().schedule();
    Duration look = Duration.ofSeconds(60);
    schedule.ended(RunState.SUCCEEDED, Optional.of(look), false, Optional.empty());
    world.write("folder/new", "n");
    told("folder/new");
    watched();
    assertThat(near.files()).as("a plain file does not").containsKey("folder/new");
    world.delete("other/known");
    told("other/known");
    watched();
    assertThat(lookedAtAll()).isFalse();
    assertThat(schedule.due()).isEmpty();
    world.clock().advance(look.multipliedBy(4));
    assertThat(schedule.due()).contains(Trigger.WATCH);
    world.cycle(Trigger.WATCH, false);
    assertThat(lookedAtAll()).isTrue();
  }

  @Test
  void aFolderThatIsGoneIsLeftToTheWholeLook() throws Exception {
    Files.delete(world.path("other/known"));
    Files.delete(world.path("other"));
    told("other");
    watched();
    assertThat(lookedAtAll()).isTrue();
  }

  @Test
  void aNewFolderIsLeftToTheWholeLook() throws Exception {
    world.write("fresh/file", "f");
    told("fresh/file");
    watched();
    assertThat(near.files()).containsKey("fresh/file");
    assertThat(lookedAtAll()).isTrue();
  }

  @Test
  void aLinkIsLeftToTheWholeLook() throws Exception {
    Files.createSymbolicLink(world.path("link"), Path.of("folder/known"));
    told("link");
    watched();
    assertThat(lookedAtAll()).isTrue();
  }

  @Test
  void whatLiesBehindALinkIsLeftToTheWholeLook() throws Exception {
    Path away = Files.createDirectory(folder.resolve("away"));
    Files.writeString(away.resolve("secret"), "s");
    Files.createSymbolicLink(world.path("out"), away);
    told("out/secret");
    watched();
    assertThat(near.files()).doesNotContainKey("out/secret");
    assertThat(lookedAtAll()).isTrue();
  }

  @Test
  void aFileOfTwoNamesIsLeftToTheWholeLook() throws Exception {
    world.write("folder/known", "22");
    Files.createLink(world.path("folder/second"), world.path("folder/known"));
    told("folder/known");
    watched();
    assertThat(near.text("folder/second")).isEqualTo("22");
    assertThat(lookedAtAll()).isTrue();
  }

  @Test
  void theLogOfADatabaseIsLeftToTheWholeLook() {
    told("folder/known-wal");
    watched();
    assertThat(lookedAtAll()).as("it may have been closed").isTrue();
  }

  @Test
  void whoDoesNotSeeAllChangesLooksAtTheWholeStore() throws Exception {
    world.write("folder/new", "n");
    told("folder/new");
    following.set(false);
    watched();
    assertThat(lookedAtAll()).isTrue();
  }

  @Test
  void aLostEventAsksForTheWholeStore() throws Exception {
    world.write("folder/new", "n");
    told("folder/new");
    world.mirror().schedule().noticed(Optional.empty());
    watched();
    assertThat(lookedAtAll()).isTrue();
  }

  @Test
  void moreFilesThanCanBeNamedAskForTheWholeStore() {
    for (int i = 0; i <= 1_000; i++) {
      told("folder/f" + i);
    }
    watched();
    assertThat(lookedAtAll()).isTrue();
  }

  @Test
  void aCycleThatFailedIsFollowedByAWholeLook() throws Exception {
    world.write("folder/new", "n");
    told("folder/new");
    world.clock().advance(Duration.ofSeconds(3));
    SyncCycle lost = world.mirror().begin(new SyncRequest(Trigger.WATCH, false));
    lost.fail("before it looked");
    world.mirror().end(lost);
    world.clock().advance(Duration.ofSeconds(3));
    world.cycle(Trigger.WATCH, false);
    assertThat(near.files()).containsKey("folder/new");
    assertThat(lookedAtAll()).isTrue();
  }

  @Test
  void aFileThatIsStillWrittenToIsLookedAtOnceItIsQuietAndHoldsUpNoOther() throws Exception {
    SyncSchedule schedule = world.mirror().schedule();
    world.write("folder/quiet", "q");
    told("folder/quiet");
    told("folder/busy");
    for (int i = 0; i < 3; i++) {
      world.clock().advance(Duration.ofMillis(600));
      told("folder/busy");
    }
    assertThat(schedule.due()).as("1.8 s after the first change").isEmpty();
    world.clock().advance(Duration.ofMillis(200));
    assertThat(schedule.due()).contains(Trigger.WATCH);
    world.cycle(Trigger.WATCH, false);
    assertThat(near.files()).containsKey("folder/quiet");
    assertThat(schedule.due()).isEmpty();
    assertThat(schedule.isChangeDue()).isTrue();
    world.clock().advance(Duration.ofMillis(1_700));
    assertThat(schedule.due()).as("1.9 s after the last change").isEmpty();
    world.clock().advance(Duration.ofMillis(100));
    assertThat(schedule.due()).contains(Trigger.WATCH);
  }

  @Test
  void aClockThatIsTurnedBackHoldsUpNoChange() throws Exception {
    world.write("folder/new", "n");
    told("folder/new");
    world.clock().advance(Duration.ofHours(-1));
    assertThat(world.mirror().schedule().due()).contains(Trigger.WATCH);
    world.cycle(Trigger.WATCH, false);
    assertThat(lookedAtAll()).isTrue();
  }

  @Test
  void looksAtFilesPutNoScanOff() throws Exception {
    SyncSchedule schedule = world.mirror().schedule();
    schedule.watching(() -> true);
    for (int minute = 0; minute < 10; minute++) {
      world.write("folder/known", "minute " + minute);
      told("folder/known");
      world.clock().advance(Duration.ofSeconds(60));
      assertThat(schedule.due()).isPresent();
      world.cycle(minute < 9 ? Trigger.WATCH : Trigger.SCHEDULE, false);
      assertThat(lookedAtAll()).isEqualTo(minute == 9);
      assertThat(schedule.due()).isEmpty();
    }
  }
}
