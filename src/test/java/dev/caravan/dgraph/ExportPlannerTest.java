package dev.caravan.dgraph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.catalog.export.ExportRow;
import dev.caravan.catalog.export.ExportState;
import dev.caravan.dgraph.files.AlphaFolder;
import dev.caravan.event.StorePath;
import dev.caravan.store.FileStat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Whose a folder is, where exports overlap. Times are seconds. */
class ExportPlannerTest {

  private static final long NEVER = -1;

  private static ExportRow row(long id, ExportState state, long asked, long ended) {
    Optional<Long> end = ended == NEVER ? Optional.empty() : Optional.of(ended * 1_000);
    return new ExportRow(
        id,
        Optional.of("0x" + id),
        state,
        new ExportRow.Ask("rdf", Optional.empty(), List.of(), asked * 1_000),
        new ExportRow.Task(
            end, end.map(at -> true), Optional.empty(), Optional.empty(), 0, asked * 1_000),
        0,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private static AlphaFolder written(long readTs, long at) {
    String name = "dgraph.r" + readTs + ".u0101.0000";
    FileStat file =
        new FileStat(
            StorePath.of(name + "/g01.rdf.gz"),
            FileStat.Kind.FILE,
            10,
            TimeUnit.SECONDS.toNanos(at),
            TimeUnit.SECONDS.toNanos(at),
            readTs,
            1,
            0644);
    return new AlphaFolder(name, readTs, at * 1_000, List.of(file));
  }

  @Test
  void theOrderOfTheAlphaCountsWhereAnswersWereRecordedTheOtherWayRound() {
    ExportRow second = row(1, ExportState.RUNNING, 1000, 1020);
    ExportRow first = row(2, ExportState.RUNNING, 1000, 1010);
    List<ExportRow> known = List.of(second, first);
    AlphaFolder ten = written(10, 1009);
    AlphaFolder eleven = written(11, 1019);
    List<AlphaFolder> free = List.of(ten, eleven);
    assertThat(ExportPlanner.choose(second, known, List.of(1L, 2L), free).waits()).isTrue();
    assertThat(ExportPlanner.choose(first, known, List.of(1L, 2L), free).folders())
        .containsExactly(ten);
    assertThat(ExportPlanner.choose(second, known, List.of(1L), List.of(eleven)).folders())
        .containsExactly(eleven);
  }

  @Test
  void aFolderThatNoKnownExportExplainsMakesItUnclear() {
    ExportRow one = row(1, ExportState.RUNNING, 1000, 1020);
    List<AlphaFolder> free = List.of(written(10, 1009), written(11, 1019));
    ExportPlanner.Choice choice = ExportPlanner.choose(one, List.of(one), List.of(1L), free);
    assertThat(choice.unclear()).isTrue();
    assertThat(choice.folders()).isEmpty();
  }

  @Test
  void aLaterExportThatIsKnownExplainsAFolderMore() {
    ExportRow one = row(1, ExportState.RUNNING, 1000, 1020);
    ExportRow next = row(2, ExportState.RUNNING, 1001, NEVER);
    AlphaFolder ten = written(10, 1009);
    List<AlphaFolder> free = List.of(ten, written(11, 1021));
    assertThat(ExportPlanner.choose(one, List.of(one, next), List.of(1L, 2L), free))
        .isEqualTo(ExportPlanner.Choice.of(List.of(ten)));
  }

  @Test
  void anExportWithoutAKnownEndWasOverWhenALaterOneHadEnded() {
    ExportRow lost = row(1, ExportState.FAILED, 900, NEVER);
    ExportRow between = row(2, ExportState.DONE, 910, 950);
    ExportRow one = row(3, ExportState.RUNNING, 1000, 1020);
    ExportRow next = row(4, ExportState.RUNNING, 1001, NEVER);
    AlphaFolder ten = written(10, 1009);
    List<AlphaFolder> free = List.of(ten, written(11, 1021));
    List<Long> unbound = List.of(1L, 3L, 4L);
    assertThat(ExportPlanner.choose(one, List.of(lost, between, one, next), unbound, free))
        .isEqualTo(ExportPlanner.Choice.of(List.of(ten)));
    assertThat(ExportPlanner.choose(one, List.of(lost, one, next), unbound, free).unclear())
        .isTrue();
  }

  @Test
  void whatAFailedExportSeemsToHaveLeftIsNotMovedWhileAnotherMayStillRun() {
    ExportRow lost = row(1, ExportState.EXPIRED, 1000, NEVER);
    ExportRow good = row(2, ExportState.RUNNING, 1001, 1020);
    ExportRow failed =
        new ExportRow(
            2,
            good.taskId(),
            good.state(),
            good.ask(),
            new ExportRow.Task(
                good.task().endedMillis(),
                Optional.of(false),
                Optional.empty(),
                Optional.empty(),
                0,
                0),
            0,
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    List<AlphaFolder> free = List.of(written(10, 1009));
    assertThat(ExportPlanner.choose(failed, List.of(lost, failed), List.of(1L, 2L), free))
        .isEqualTo(ExportPlanner.Choice.of(List.of()));
  }
}
