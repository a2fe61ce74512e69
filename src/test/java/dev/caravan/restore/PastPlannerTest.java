package dev.caravan.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.past.PastFacts;
import dev.caravan.event.StorePath;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote.Past.Moment;
import dev.caravan.remote.memory.MemoryRemote;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Which version is that of a time, and when nobody can tell. Times are hours of one day. */
class PastPlannerTest {

  private static final StorePath PATH = StorePath.of("d/f");
  private static final String SUM = "a".repeat(64);
  private static final int REMOTE = 1;

  private final MemoryRemote remote = new MemoryRemote("near");

  private static Instant hour(int hour) {
    return Instant.parse("2026-11-21T%02d:00:00Z".formatted(hour));
  }

  private static long ns(int hour) {
    return hour(hour).getEpochSecond() * 1_000_000_000L;
  }

  private static Optional<PastFacts.Known> file(int knownAt, int modifiedAt) {
    return Optional.of(
        new PastFacts.Known(
            FileRow.State.PRESENT,
            ns(modifiedAt),
            0640,
            Optional.of(SUM),
            Optional.of(hour(knownAt))));
  }

  private static List<PastFacts.Copy> copy(Optional<Instant> storedAt) {
    return List.of(new PastFacts.Copy(REMOTE, SUM, 5, storedAt));
  }

  private static PastFacts.Trashed trashed(Optional<Instant> storedAt, int at) {
    return new PastFacts.Trashed(
        REMOTE,
        "2026-11-21",
        "d/f~1",
        Optional.of(SUM),
        OptionalLong.of(5),
        OptionalLong.of(ns(1)),
        0,
        Optional.of(hour(1)),
        storedAt,
        hour(at),
        hour(at));
  }

  private PastPlanner.Verdict judge(PastFacts facts, Optional<Moment> listed, int at) {
    return PastPlanner.judge(facts, remote, REMOTE, listed, hour(at));
  }

  private static Optional<Moment> listed(Moment.State state) {
    return Optional.of(new Moment(ObjectKey.of(PATH), state, "v1"));
  }

  private static PastFile.Source source(PastPlanner.Verdict verdict) {
    assertThat(verdict).isInstanceOf(PastPlanner.Held.class);
    return ((PastPlanner.Held) verdict).source();
  }

  @Test
  void whatArrivedBeforeAndIsStillThereIsIt() {
    PastFacts facts = new PastFacts(PATH, file(1, 1), copy(Optional.of(hour(5))), List.of());
    PastFile.Source found = source(judge(facts, Optional.empty(), 6));
    assertThat(found.key()).isEqualTo(ObjectKey.of(PATH));
    assertThat(found.version()).isEmpty();
    assertThat(found.sha256()).contains(SUM);
    assertThat(judge(facts, Optional.empty(), 4)).isInstanceOf(PastPlanner.Unknown.class);
    assertThat(source(judge(facts, listed(Moment.State.HELD), 4)).version()).contains("v1");
  }

  @Test
  void aLaterProofOfAnUnknownArrivalLeavesItToTheFilesOwnTime() {
    PastFacts facts = new PastFacts(PATH, file(1, 3), copy(Optional.empty()), List.of());
    assertThat(source(judge(facts, Optional.empty(), 3)).byTime()).isTrue();
    assertThat(judge(facts, Optional.empty(), 2)).isInstanceOf(PastPlanner.Unknown.class);
  }

  @Test
  void theTrashHasWhatWasDeletedAfterIt() {
    PastFacts facts =
        new PastFacts(
            PATH,
            file(1, 7),
            copy(Optional.of(hour(8))),
            List.of(trashed(Optional.of(hour(2)), 6)));
    assertThat(source(judge(facts, Optional.empty(), 4)).key().value())
        .isEqualTo(".caravan/trash/2026-11-21/d/f~1");
    assertThat(judge(facts, Optional.empty(), 7)).isInstanceOf(PastPlanner.Unknown.class);
    assertThat(source(judge(facts, Optional.empty(), 8)).key()).isEqualTo(ObjectKey.of(PATH));
  }

  @Test
  void whatCameAfterSomethingWasDeletedIsNotTakenForIt() {
    PastFacts facts =
        new PastFacts(
            PATH, file(1, 1), copy(Optional.empty()), List.of(trashed(Optional.of(hour(5)), 6)));
    assertThat(judge(facts, Optional.empty(), 4)).isInstanceOf(PastPlanner.Unknown.class);
    assertThat(source(judge(facts, Optional.empty(), 7)).byTime()).isTrue();
    PastFacts rebuilt =
        new PastFacts(PATH, file(1, 1), List.of(), List.of(trashed(Optional.empty(), 6)));
    assertThat(source(judge(rebuilt, Optional.empty(), 4)).byTime()).isTrue();
    assertThat(source(judge(rebuilt, listed(Moment.State.REPLACED), 4)).byTime()).isTrue();
  }

  @Test
  void whatWasDeletedBeforeOrCameLaterIsNoFileOfThatTime() {
    PastFacts gone =
        new PastFacts(PATH, Optional.empty(), List.of(), List.of(trashed(Optional.of(hour(2)), 6)));
    assertThat(judge(gone, Optional.empty(), 6)).isInstanceOf(PastPlanner.Absent.class);
    assertThat(judge(gone, Optional.empty(), 1)).isInstanceOf(PastPlanner.Unknown.class);
    PastFacts later = new PastFacts(PATH, file(9, 9), copy(Optional.of(hour(9))), List.of());
    assertThat(judge(later, Optional.empty(), 8)).isInstanceOf(PastPlanner.Absent.class);
    assertThat(judge(later, listed(Moment.State.LATER), 8)).isInstanceOf(PastPlanner.Absent.class);
    assertThat(judge(PastFacts.none(PATH), listed(Moment.State.DELETED), 8))
        .isInstanceOf(PastPlanner.Absent.class);
  }

  /** Written before and mirrored after it: what lay there before, if anything did, is not known. */
  @Test
  void whatCannotBeToldIsNeverANewerVersion() {
    PastFacts lagging = new PastFacts(PATH, file(9, 3), copy(Optional.of(hour(9))), List.of());
    assertThat(judge(lagging, Optional.empty(), 5)).isInstanceOf(PastPlanner.Unknown.class);
    PastFacts replaced = new PastFacts(PATH, file(1, 9), copy(Optional.of(hour(9))), List.of());
    for (Moment.State state : List.of(Moment.State.LATER, Moment.State.REPLACED)) {
      assertThat(judge(replaced, listed(state), 5)).isInstanceOf(PastPlanner.Unknown.class);
      assertThat(judge(PastFacts.none(PATH), listed(state), 5))
          .isInstanceOf(PastPlanner.Unknown.class);
    }
  }
}
