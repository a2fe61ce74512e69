package dev.caravan.sync;

import dev.caravan.config.StorageSettings;
import dev.caravan.config.StoreSettings;
import dev.caravan.event.RunState;
import dev.caravan.event.Trigger;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.quartz.CronExpression;

/**
 * Knows when the next cycle is due: at start, by interval or cron, soon after a change, soon after
 * something was still being written, and after a failure when its back-off has passed.
 */
public final class SyncSchedule {

  private final Optional<Duration> interval;
  private final Optional<CronExpression> cron;
  private final Duration scanInterval;
  private final Duration settle;
  private final Clock clock;
  private BooleanSupplier watching = () -> false;
  private boolean first = true;
  private Instant began;
  private Instant scheduledFrom;
  private Optional<Instant> changeDue = Optional.empty();
  private Optional<Instant> followUp = Optional.empty();
  private Optional<Instant> retry = Optional.empty();
  private boolean failed;
  private boolean paused;
  private boolean suspended;
  private Instant restUntil = Instant.MIN;
  private Duration lastLook = Duration.ZERO;

  /** Half of the shorter of the last two looks: no look that follows is likely to be shorter. */
  private Duration lead = Duration.ZERO;

  public SyncSchedule(StoreSettings store, StorageSettings storage, Clock clock) {
    this.cron = storage.syncCron().map(SyncSchedule::parsed);
    this.interval =
        Optional.of(storage.syncInterval()).filter(each -> !each.isZero() && cron.isEmpty());
    this.scanInterval = store.scanInterval();
    this.settle = store.settle();
    this.clock = clock;
    this.began = clock.instant();
    this.scheduledFrom = began;
  }

  private static CronExpression parsed(String text) {
    try {
      return new CronExpression(text);
    } catch (ParseException e) {
      throw new IllegalArgumentException("storage.sync_cron '" + text + "': " + e.getMessage(), e);
    }
  }

  /** Says whether changes are followed; while they are, the scan interval holds as well. */
  public synchronized void watching(BooleanSupplier value) {
    watching = value;
    notifyAll();
  }

  /** While paused, nothing is due by itself. */
  public synchronized void paused(boolean value) {
    paused = value;
    notifyAll();
  }

  /** The same until this process ends, beside a pause and not instead of it. */
  public synchronized void suspended(boolean value) {
    suspended = value;
    notifyAll();
  }

  public synchronized boolean isSuspended() {
    return suspended;
  }

  public synchronized boolean isPaused() {
    return paused || suspended;
  }

  /**
   * Something changed in the store: it is looked at when it has been quiet, or so much earlier that
   * it will have been by the time when the look is over. Further changes do not put that off, for a
   * store that is written to all the time would never be looked at.
   */
  public synchronized void changed() {
    if (changeDue.isEmpty()) {
      changeDue = Optional.of(later(clock.instant().plus(settle).minus(lead)));
      notifyAll();
    }
  }

  /** True when a change is known already that the next cycle will look at. */
  public synchronized boolean isChangeDue() {
    return changeDue.isPresent();
  }

  /** Changes take no more than a fifth of the time for looking at the whole store. */
  private Instant later(Instant wanted) {
    return wanted.isBefore(restUntil) ? restUntil : wanted;
  }

  /** Takes note that a cycle begins. The interval runs from here, unless it is a mere scan. */
  synchronized void begun(Trigger trigger) {
    Instant now = clock.instant();
    boolean scan =
        trigger == Trigger.SCHEDULE
            && Stream.of(scheduled(), retry).flatMap(Optional::stream).allMatch(now::isBefore);
    began = now;
    scheduledFrom = scan ? scheduledFrom : now;
    first = false;
    changeDue = Optional.empty();
    followUp = Optional.empty();
    retry = Optional.empty();
  }

  /**
   * Takes note of how a cycle ended.
   *
   * @param look how long it took to look at the store
   * @param again whether something has to be looked at again soon
   * @param retryAt when the first of what failed is tried again
   */
  synchronized void ended(RunState state, Duration look, boolean again, Optional<Instant> retryAt) {
    Instant now = clock.instant();
    restUntil = now.plus(look.multipliedBy(4));
    Duration shorter = look.compareTo(lastLook) < 0 ? look : lastLook;
    Duration half = shorter.dividedBy(2);
    lead = half.compareTo(settle.dividedBy(2)) < 0 ? half : settle.dividedBy(2);
    lastLook = look;
    failed = state == RunState.FAILED;
    retry = retryAt;
    if (again) {
      followUp = Optional.of(later(now.plus(settle).plusMillis(500)));
    }
    notifyAll();
  }

  /**
   * When the next cycle is due by interval, cron, change or back-off; empty when only a change or a
   * person starts one. The scans in between are not told: they look whether changes were missed.
   */
  public synchronized Optional<Instant> next() {
    if (first) {
      return Optional.of(began);
    }
    if (failed && retry.isPresent()) {
      return retry;
    }
    return Stream.of(scheduled(), changeDue, followUp, retry)
        .flatMap(Optional::stream)
        .min(Instant::compareTo);
  }

  /**
   * Waits until a cycle is due by itself, or something happens that may change when; true when one
   * is due.
   *
   * @param most waits no longer, at least a millisecond
   */
  public synchronized boolean awaitDue(Duration most) throws InterruptedException {
    if (due().isPresent()) {
      return true;
    }
    Optional<Instant> next = isPaused() ? Optional.empty() : nextLook();
    long left =
        next.map(at -> Duration.between(clock.instant(), at).toMillis() + 1)
            .orElse(most.toMillis());
    wait(Math.max(1, Math.min(left, most.toMillis())));
    return due().isPresent();
  }

  /** The same with the scans. */
  private Optional<Instant> nextLook() {
    Optional<Instant> scan = first || (failed && retry.isPresent()) ? Optional.empty() : scan();
    return Stream.of(next(), scan).flatMap(Optional::stream).min(Instant::compareTo);
  }

  private Optional<Instant> scheduled() {
    return interval
        .map(scheduledFrom::plus)
        .or(
            () ->
                cron.map(each -> each.getNextValidTimeAfter(Date.from(scheduledFrom)))
                    .map(Date::toInstant));
  }

  private Optional<Instant> scan() {
    return watching.getAsBoolean() ? Optional.of(began.plus(scanInterval)) : Optional.empty();
  }

  /** The clock was turned back: what was noted by the old time would never come. */
  private void forgetFuture(Instant now) {
    if (began.isAfter(now) || scheduledFrom.isAfter(now)) {
      began = now;
      scheduledFrom = now;
      restUntil = Instant.MIN;
      changeDue = changeDue.map(due -> now);
    }
  }

  /** Why a cycle is due now; empty when none is. */
  public synchronized Optional<Trigger> due() {
    Instant now = clock.instant();
    forgetFuture(now);
    Optional<Instant> next = nextLook();
    if (isPaused() || next.isEmpty() || next.get().isAfter(now)) {
      return Optional.empty();
    }
    if (first) {
      return Optional.of(Trigger.STARTUP);
    }
    boolean change =
        Stream.of(changeDue, followUp).flatMap(Optional::stream).anyMatch(due -> !due.isAfter(now));
    return Optional.of(change ? Trigger.WATCH : Trigger.SCHEDULE);
  }
}
