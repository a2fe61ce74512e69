package dev.caravan.check;

import dev.caravan.catalog.Catalog;
import dev.caravan.config.CheckSettings;
import java.time.Clock;
import java.time.Duration;

/** Says when a check has to begin by itself. The last time is kept, so that a restart adds none. */
final class CheckSchedule {

  private static final String BEGUN = "daily_check_begun";
  private static final Duration DAY = Duration.ofDays(1);

  private final CheckSettings settings;
  private final Catalog catalog;
  private final Clock clock;

  CheckSchedule(CheckSettings settings, Catalog catalog, Clock clock) {
    this.settings = settings;
    this.catalog = catalog;
    this.clock = clock;
  }

  /** How long it is from one share to the next: a day, or the cycle where that is shorter. */
  static Duration pause(Duration cycle) {
    return cycle.isZero() || cycle.compareTo(DAY) > 0 ? DAY : cycle;
  }

  boolean isDue() {
    boolean wanted = !settings.cycle().isZero() || settings.drill() > 0;
    long begun = catalog.findMeta(BEGUN).map(Long::parseLong).orElse(0L);
    return wanted && clock.millis() - begun >= pause(settings.cycle()).toMillis();
  }

  void recordBegun() {
    record(clock.millis());
  }

  /** It was cut short by the end of the process: it is due again. */
  void recordInterrupted() {
    record(0);
  }

  private void record(long millis) {
    catalog.commit(session -> catalog.recordMeta(session, BEGUN, Long.toString(millis)));
  }
}
