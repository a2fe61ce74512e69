package dev.caravan.remote;

import dev.caravan.event.ObjectContent;
import dev.caravan.event.StorePath;
import dev.caravan.event.WantedSums;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What every wrapper of a remote passes on: who the remote is and what it can do. What the wrapper
 * is for, the calls that reach the remote, each wrapper writes for itself.
 */
public abstract class ForwardingRemote implements Remote {

  /** The remote that is wrapped. */
  protected final Remote remote;

  protected ForwardingRemote(Remote remote) {
    this.remote = remote;
  }

  @Override
  public final String name() {
    return remote.name();
  }

  @Override
  public final String provider() {
    return remote.provider();
  }

  @Override
  public final String identity() {
    return remote.identity();
  }

  @Override
  public final Optional<String> refusal(StorePath path, long sizeBytes) {
    return remote.refusal(path, sizeBytes);
  }

  @Override
  public final List<String> unkept(Traits file, long modifiedNs) {
    return remote.unkept(file, modifiedNs);
  }

  @Override
  public final boolean isSendingParts(ObjectKey key) {
    return remote.isSendingParts(key);
  }

  @Override
  public final boolean displaces() {
    return remote.displaces();
  }

  @Override
  public final boolean keepsOwn() {
    return remote.keepsOwn();
  }

  @Override
  public final boolean readsUnprobed() {
    return remote.readsUnprobed();
  }

  @Override
  public final boolean canFind() {
    return remote.canFind();
  }

  @Override
  public final Optional<Path> localFolder() {
    return remote.localFolder();
  }

  @Override
  public final boolean canDelete() {
    return remote.canDelete();
  }

  @Override
  public final WantedSums wantedSums(long sizeBytes) {
    return remote.wantedSums(sizeBytes);
  }

  /** Never left to the default, which knows of nothing: the remote that is wrapped is asked. */
  @Override
  public abstract Optional<ObjectStat> describe(ObjectStat held, ObjectContent content)
      throws RemoteException;

  /** Never left to the default, as {@link #describe}. */
  @Override
  public abstract Traits traits(ObjectKey key) throws RemoteException;

  @Override
  public final Optional<Past> past() {
    return remote.past().map(this::wrapped);
  }

  /** What this wrapper is for, around the remote's older versions. */
  protected abstract Past wrapped(Past past);

  @Override
  public final Optional<Conditions> conditions() {
    return remote.conditions().map(this::wrapped);
  }

  /** What this wrapper is for, around the remote's calls under a condition. */
  protected abstract Conditions wrapped(Conditions conditions);

  @Override
  public List<Begun> begunUploads(int most) throws RemoteException {
    return remote.begunUploads(most);
  }

  @Override
  public void sweepBelow(String folder) throws RemoteException {
    remote.sweepBelow(folder);
  }

  @Override
  public void close() {
    remote.close();
  }
}
