package dev.caravan.control;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.RemoteRow;
import dev.caravan.config.Settings;
import dev.caravan.sync.RemoteRoster;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Says whether the mirror does its duty, and if not, why. */
public final class Readiness {

  private static final Duration WITHOUT_INTERVAL = Duration.ofMinutes(1);

  private final Settings settings;
  private final Catalog catalog;
  private final RemoteRoster roster;
  private final Clock clock;
  private final Supplier<List<String>> more;

  public Readiness(Settings settings, Catalog catalog, RemoteRoster roster, Clock clock) {
    this(settings, catalog, roster, clock, List::of);
  }

  /**
   * @param more reasons of others, such as exports that cannot be brought
   */
  public Readiness(
      Settings settings,
      Catalog catalog,
      RemoteRoster roster,
      Clock clock,
      Supplier<List<String>> more) {
    this.settings = settings;
    this.catalog = catalog;
    this.roster = roster;
    this.clock = clock;
    this.more = more;
  }

  /** Why it does not; empty when it does. */
  List<String> reasons() {
    List<String> reasons = new ArrayList<>();
    catalog.halts().findOpen().ifPresent(halt -> reasons.add("halted: " + halt.kind()));
    for (RemoteRoster.Entry entry : roster.entries()) {
      if (hasFailedLong(entry.row())) {
        reasons.add("remote '%s' has failed for long".formatted(entry.row().name()));
      }
    }
    reasons.addAll(more.get());
    return reasons;
  }

  /** Longer than two intervals without a success in between. */
  private boolean hasFailedLong(RemoteRow row) {
    if (row.failures() == 0 || row.failingSinceMillis() == 0) {
      return false;
    }
    Duration interval = settings.storage().syncInterval();
    Duration patience = (interval.isZero() ? WITHOUT_INTERVAL : interval).multipliedBy(2);
    return clock.millis() - row.failingSinceMillis() > patience.toMillis();
  }
}
