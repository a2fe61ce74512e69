package dev.caravan.remote;

import dev.caravan.event.ObjectContent;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** A remote whose deletions fail as the test says. */
record PartialRemote(
    Remote remote, Function<Collection<ObjectKey>, Map<ObjectKey, RemoteException>> deleting)
    implements Remote {

  @Override
  public String name() {
    return remote.name();
  }

  @Override
  public String provider() {
    return remote.provider();
  }

  @Override
  public String identity() {
    return remote.identity();
  }

  @Override
  public Map<String, String> probe() throws RemoteException {
    return remote.probe();
  }

  @Override
  public StoredObject put(ObjectKey key, ObjectContent content)
      throws RemoteException, IOException {
    return remote.put(key, content);
  }

  @Override
  public Optional<ObjectStat> find(ObjectKey key) throws RemoteException {
    return remote.find(key);
  }

  @Override
  public InputStream open(ObjectKey key, long offset, long length) throws RemoteException {
    return remote.open(key, offset, length);
  }

  @Override
  public void list(String prefix, Visitor each) throws RemoteException {
    remote.list(prefix, each);
  }

  @Override
  public Optional<ObjectStat> copy(ObjectStat from, ObjectKey to) throws RemoteException {
    return remote.copy(from, to);
  }

  @Override
  public Map<ObjectKey, RemoteException> move(Map<ObjectKey, ObjectKey> moves)
      throws RemoteException {
    return remote.move(moves);
  }

  @Override
  public Map<ObjectKey, RemoteException> delete(Collection<ObjectKey> keys) {
    return deleting.apply(keys);
  }

  @Override
  public void sweep(ObjectKey key, Instant begunAt) throws RemoteException {
    remote.sweep(key, begunAt);
  }

  @Override
  public void close() {
    remote.close();
  }
}
