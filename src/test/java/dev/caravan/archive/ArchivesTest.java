package dev.caravan.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.caravan.event.Trigger;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archives take their turns, whatever becomes of one. */
class ArchivesTest {

  @TempDir Path folder;

  /** There is no place for what a run has to say at its end. */
  private static final class NoRuns implements MeterFilter {
    @Override
    public MeterFilterReply accept(Meter.Id id) {
      if (id.getName().equals("caravan.runs")) {
        throw new IllegalStateException("no place for runs");
      }
      return MeterFilterReply.NEUTRAL;
    }
  }

  @Test
  void aRunThatCannotBeEndedDoesNotKeepItsArchiveBusy() throws Exception {
    try (ArchiveLab lab = new ArchiveLab(folder)) {
      lab.meters.config().meterFilter(new NoRuns());
      lab.register("A", "a");
      try (Archives archives = lab.archives("A")) {
        ArchiveRound round = archives.begin("A", Trigger.SCHEDULE).orElseThrow();
        assertThat(round.hasNext()).isTrue();
        round.carry(round.next());
        assertThatThrownBy(() -> archives.end(round)).hasMessage("no place for runs");
        lab.clock.advance(Duration.ofDays(1));
        assertThat(archives.due()).containsExactly("A");
      }
    }
  }
}
