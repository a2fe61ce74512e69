package dev.caravan.sync.move;

import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.flow.Controls;
import dev.caravan.remote.flow.FlowRemote;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** A remote that the store is mirrored to, with what this process has learnt of it. */
public final class MirroredRemote {

  /** What a person wants of a remote. */
  public enum Hold {
    /** It is mirrored to. */
    NONE,
    /** Nothing new is begun; what is under way is finished. */
    PAUSED,
    /** Nothing new is begun, and what is under way is broken off. */
    STOPPED
  }

  private final Remote remote;
  private final Optional<Controls> controls;
  private final AtomicInteger parts = new AtomicInteger();
  private volatile Hold hold = Hold.NONE;
  private volatile boolean draining;
  private volatile boolean suspended;
  private volatile Optional<Map<String, String>> facts = Optional.empty();
  private volatile boolean markerSeen;
  private Optional<RemoteException> earlyFault = Optional.empty();

  public MirroredRemote(Remote remote) {
    this(remote, Optional.empty());
  }

  public MirroredRemote(Remote remote, Controls controls) {
    this(remote, Optional.of(controls));
  }

  private MirroredRemote(Remote remote, Optional<Controls> controls) {
    this.remote = remote;
    this.controls = controls;
  }

  /** What can be set at it while it works, where something can. */
  public Optional<Controls> controls() {
    return controls;
  }

  /** What a person wants of it. */
  public Hold hold() {
    return hold;
  }

  /** A person wants this of it from now on. */
  public void hold(Hold wanted) {
    hold = wanted;
  }

  /** The cycle under way begins nothing new; the next one does. */
  public void draining(boolean value) {
    draining = value;
  }

  /** The same for as long as a signal says so. */
  public void suspended(boolean value) {
    suspended = value;
  }

  /** True when nothing new may be begun there now. */
  public boolean isHeld() {
    return draining || suspended || hold != Hold.NONE;
  }

  /** True when what is under way there is to be broken off. */
  public boolean isStopped() {
    return hold == Hold.STOPPED;
  }

  /** A cycle's part there begins. */
  public void partBegins() {
    parts.incrementAndGet();
  }

  /** A cycle's part there has ended. */
  public void partEnds() {
    parts.decrementAndGet();
  }

  /** True while a cycle works on it, or anything else calls it or reads from it. */
  public boolean isBusy() {
    return parts.get() > 0 || controls.map(Controls::flow).filter(FlowRemote::isBusy).isPresent();
  }

  public Remote remote() {
    return remote;
  }

  public String name() {
    return remote.name();
  }

  /** What the last successful probe found; empty before the first and after a failure. */
  public Optional<Map<String, String>> facts() {
    return facts;
  }

  /** Probes unless that was done already; even what was left alone for its faults. */
  public synchronized void ensureProbed() throws RemoteException {
    Optional<RemoteException> early = earlyFault;
    earlyFault = Optional.empty();
    if (early.isPresent()) {
      throw early.get();
    }
    if (facts.isEmpty()) {
      controls.map(Controls::flow).ifPresent(FlowRemote::tryAgain);
      facts = Optional.of(remote.probe());
    }
  }

  /**
   * Does the same ahead of time, beside other work. Whoever needs it meanwhile waits for its end,
   * and is told of its fault.
   */
  public synchronized void probeEarly() {
    try {
      ensureProbed();
      if (remote.keepsOwn()) {
        // What an S3 remote learns of its bucket by that is not asked again.
        remote.find(Ownership.MARKER);
      }
    } catch (RemoteException e) {
      earlyFault = Optional.of(e);
    }
  }

  /** Asks whether it can be read from, unless it was probed; even what was left alone. */
  public synchronized void ensureReadable() throws RemoteException {
    if (facts.isEmpty()) {
      controls.map(Controls::flow).ifPresent(FlowRemote::tryAgain);
      try {
        remote.reach();
      } catch (RemoteException e) {
        if (e.reason() != RemoteException.Cause.NOT_THERE) {
          throw e;
        }
        ensureProbed(); // Perhaps it may be made.
      }
    }
  }

  /** True once this process has seen the store's owner marker at the remote. */
  public boolean isMarkerSeen() {
    return markerSeen;
  }

  public void markerSeen() {
    markerSeen = true;
  }

  /** The marker has to be looked for again. */
  public void forgetMarker() {
    markerSeen = false;
  }

  /** The next cycle has to probe, and look for the marker, again. */
  public void forgetFacts() {
    facts = Optional.empty();
    markerSeen = false;
  }
}
