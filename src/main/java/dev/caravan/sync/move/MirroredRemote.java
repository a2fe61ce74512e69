package dev.caravan.sync.move;

import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import java.util.Map;
import java.util.Optional;

/** A remote that the store is mirrored to, with what this process has learnt of it. */
public final class MirroredRemote {

  private final Remote remote;
  private volatile Optional<Map<String, String>> facts = Optional.empty();
  private volatile boolean markerSeen;

  public MirroredRemote(Remote remote) {
    this.remote = remote;
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

  /** Probes unless that was done already. */
  public void ensureProbed() throws RemoteException {
    if (facts.isEmpty()) {
      facts = Optional.of(remote.probe());
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
