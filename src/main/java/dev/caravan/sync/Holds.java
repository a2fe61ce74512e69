package dev.caravan.sync;

import dev.caravan.catalog.Catalog;
import dev.caravan.sync.move.MirroredRemote;
import dev.caravan.sync.move.MirroredRemote.Hold;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What a person holds back: everything, or single remotes. Both outlive a restart. A remote that is
 * held is left out of every cycle, keeps what waits for it, and counts as no failure.
 */
public final class Holds {

  private static final String PAUSED = "paused";

  private final Catalog catalog;
  private final Sync sync;
  private final Predicate<Optional<String>> beside;

  /** Where nothing but the mirror uses the remotes. */
  public Holds(Catalog catalog, Sync sync) {
    this(catalog, sync, remote -> false);
  }

  /**
   * @param beside true while something beside the mirror is under way at the remote of this name,
   *     or anywhere
   */
  public Holds(Catalog catalog, Sync sync, Predicate<Optional<String>> beside) {
    this.catalog = catalog;
    this.sync = sync;
    this.beside = beside;
  }

  /** True while nothing begins by itself. */
  public boolean isPaused() {
    return sync.schedule().isPaused();
  }

  /** Names of the remotes that are held, in the order of the configuration. */
  public List<String> heldRemotes() {
    return sync.roster().remotes().stream()
        .filter(each -> each.hold() != Hold.NONE)
        .map(MirroredRemote::name)
        .toList();
  }

  /** What holds now for work at the remote of this name, or for work that concerns none. */
  public Hold of(Optional<String> remote) {
    if (isPaused()) {
      return Hold.PAUSED;
    }
    Optional<MirroredRemote> there = remote.flatMap(sync.roster()::find);
    if (there.filter(MirroredRemote::isStopped).isPresent()) {
      return Hold.STOPPED;
    }
    return there.filter(MirroredRemote::isHeld).isPresent() ? Hold.PAUSED : Hold.NONE;
  }

  /** True when a remote of this name is configured. */
  public boolean isKnown(String remote) {
    return sync.roster().find(remote).isPresent();
  }

  /** Lets nothing begin by itself; what runs goes on. */
  public void pause() {
    paused(true);
  }

  /** Lets nothing begin by itself, and what runs begin nothing new. */
  public void drain() {
    paused(true);
    sync.roster().remotes().forEach(each -> each.draining(true));
  }

  /** Drains until {@link #wake} or {@link #resume}, or until this process ends. */
  public void suspend() {
    suspended(true);
  }

  /** Ends what {@link #suspend} began, and nothing else; false when there was nothing to end. */
  public boolean wake() {
    boolean was = sync.schedule().isSuspended();
    suspended(false);
    return was;
  }

  private void suspended(boolean value) {
    sync.schedule().suspended(value);
    sync.roster().remotes().forEach(each -> each.suspended(value));
  }

  /** Ends a pause of everything; remotes that are held by name stay so. */
  public void resume() {
    suspended(false);
    sync.roster().remotes().forEach(each -> each.draining(false));
    paused(false);
  }

  /** Holds one remote, or lets it go; what waits for one that was let go is sent soon. */
  public void hold(String remote, Hold wanted) {
    sync.roster().hold(remote, wanted);
    if (wanted == Hold.NONE) {
      sync.schedule().changed();
    }
  }

  /** True when nothing is under way at a remote, or anywhere. */
  public boolean isIdle(Optional<String> remote) {
    boolean quiet = remote.isPresent() || !sync.queue().isRunning();
    return quiet
        && !beside.test(remote)
        && sync.roster().remotes().stream()
            .filter(each -> remote.isEmpty() || remote.get().equals(each.name()))
            .noneMatch(MirroredRemote::isBusy);
  }

  private void paused(boolean value) {
    sync.schedule().paused(value);
    catalog.commit(session -> catalog.recordMeta(session, PAUSED, Boolean.toString(value)));
  }
}
