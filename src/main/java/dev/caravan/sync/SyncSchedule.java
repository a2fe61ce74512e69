package dev.caravan.sync;

import dev.caravan.config.StorageSettings;
import dev.caravan.config.StoreSettings;
import dev.caravan.event.RunState;
import dev.caravan.event.StorePath;
import dev.caravan.event.Trigger;
import dev.caravan.sync.detect.Noticed;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.quartz.CronExpression;

/**
 * Knows when the next cycle is due: at start, by interval or cron, soon after a change, soon after
 * something was still being written, and after a failure when its back-off has passed.
 */
public final class SyncSchedule {

  /** What was told of so soon after the first may belong to it: a rename is told of as two. */
  private static final Duration TOGETHER = Duration.ofMillis(500);

  private final Optional<Duration> interval;
  private final Optional<CronExpression> cron;
  private final Duration scanInterval;
  private final Duration settle;
  private final Clock clock;
  private final Noticed noticed = new Noticed();
  private BooleanSupplier watching = () -> false;
  private boolean first = true;
  private Instant began;
  private Instant scheduledFrom;
  private Optional<Instant> changeDue = Optional.empty();
  private boolean named;
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
   * Something changed in the store: it is looked at when it has been quiet. Where nobody can name
   * what it is, the whole store is looked at, so much earlier that it will have been quiet by the
   * time when the look is over; further changes do not put that off, for a store that is written to
   * all the time would never be looked at.
   */
  public synchronized void changed() {
    if (noticed.isEmpty()) {
      noticed.everything();
    }
    if (changeDue.isEmpty()) {
      Instant quiet = clock.instant().plus(settle);
      named = !noticed.isWhole();
      changeDue = Optional.of(named ? quiet : later(quiet.minus(lead)));
      notifyAll();
    }
  }

  /**
   * Says what changed, before {@link #changed} says that something did.
   *
   * @param path empty when it may be anything
   */
  public void noticed(Optional<StorePath> path) {
    if (path.isPresent()) {
      noticed.note(path.get(), clock.instant());
    } else {
      noticed.everything();
    }
  }

  /** The files that changed, as far as they are known by name. */
  Noticed noticed() {
    return noticed;
  }

  /** Says whether every change in the store is told of by name now. */
  public void following(BooleanSupplier value) {
    noticed.following(value);
  }

  /** When what changed is looked at: the files that are named, once the first of them is quiet. */
  private Optional<Instant> changeLook() {
    Optional<Instant> quiet = noticed.isWhole() ? Optional.empty() : noticed.quietAt(settle);
    // So many were named meanwhile that it takes a whole look: that has to rest like another.
    Instant rested = named && noticed.isWhole() ? restUntil : Instant.MIN;
    return changeDue.map(
        due -> Stream.of(due, rested, quiet.orElse(due)).max(Instant::compareTo).orElse(due));
  }

  /** True when the whole store may be looked at again, as far as earlier looks go. */
  synchronized boolean isRested() {
    return !clock.instant().isBefore(restUntil);
  }

  /** True when a change is known already that the next cycle will look at. */
  public synchronized boolean isChangeDue() {
    return changeDue.isPresent();
  }

  /** Changes take no more than a fifth of the time for looking at the whole store. */
  private Instant later(Instant wanted) {
    return wanted.isBefore(restUntil) ? restUntil : wanted;
  }

  /**
   * Takes note that a cycle begins. The interval runs from here, unless it is a mere scan, or looks
   * at a few files alone.
   *
   * @return the files to look at; empty for the whole store
   */
  synchronized Optional<List<StorePath>> begun(Trigger trigger) {
    Instant now = clock.instant();
    Optional<List<StorePath>> files = Optional.empty();
    if (trigger == Trigger.WATCH && !first) {
      files = noticed.take(now.minus(settle).plus(TOGETHER));
    } else {
      noticed.takeAll();
    }
    boolean scan =
        trigger == Trigger.SCHEDULE
            && Stream.of(scheduled(), retry).flatMap(Optional::stream).allMatch(now::isBefore);
    changeDue = noticed.isEmpty() ? Optional.empty() : Optional.of(now);
    named = true;
    followUp = Optional.empty();
    retry = Optional.empty();
    first = false;
    if (files.isEmpty()) {
      began = now;
      scheduledFrom = scan ? scheduledFrom : now;
    }
    return files;
  }

  /**
   * Takes note of how a cycle ended.
   *
   * @param look how long it took to look at the whole store; empty when that was not done
   * @param again whether something has to be looked at again soon
   * @param retryAt when the first of what failed is tried again
   */
  synchronized void ended(
      RunState state, Optional<Duration> look, boolean again, Optional<Instant> retryAt) {
    Instant now = clock.instant();
    look.ifPresent(took -> looked(took, now));
    failed = state == RunState.FAILED;
    retry = retryAt;
    if (again || (state != RunState.SUCCEEDED && state != RunState.PARTIAL)) {
      noticed.everything();
    }
    if (again) {
      followUp = Optional.of(later(now.plus(settle).plusMillis(500)));
    }
    if (changeDue.isEmpty() && !noticed.isEmpty()) {
      named = true;
      changeDue = Optional.of(now);
    }
    notifyAll();
  }

  private void looked(Duration took, Instant now) {
    restUntil = now.plus(took.multipliedBy(4));
    Duration shorter = took.compareTo(lastLook) < 0 ? took : lastLook;
    Duration half = shorter.dividedBy(2);
    lead = half.compareTo(settle.dividedBy(2)) < 0 ? half : settle.dividedBy(2);
    lastLook = took;
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
    return Stream.of(scheduled(), changeLook(), followUp, retry)
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
      noticed.everything();
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
        Stream.of(changeLook(), followUp)
            .flatMap(Optional::stream)
            .anyMatch(due -> !due.isAfter(now));
    return Optional.of(change ? Trigger.WATCH : Trigger.SCHEDULE);
  }
}
