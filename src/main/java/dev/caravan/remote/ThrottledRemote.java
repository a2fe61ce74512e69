package dev.caravan.remote;

import dev.caravan.event.ObjectContent;
import dev.caravan.remote.RemoteException.Cause;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;

/** Holds uploads and downloads back to a {@link RateLimit}; all else passes as it is. */
public final class ThrottledRemote extends ForwardingRemote {

  private final RateLimit limit;

  public ThrottledRemote(Remote remote, RateLimit limit) {
    super(remote);
    this.limit = limit;
  }

  @Override
  public Map<String, String> probe() throws RemoteException {
    return remote.probe();
  }

  @Override
  public StoredObject put(ObjectKey key, ObjectContent content)
      throws RemoteException, IOException {
    try {
      return remote.put(key, new WrappedContent(content, this::slowed));
    } catch (InterruptedIOException e) {
      throw new RemoteException(
          Cause.CANCELLED, "Remote '" + name() + "': cancelled while waiting for bandwidth", e);
    }
  }

  @Override
  public Optional<ObjectStat> find(ObjectKey key) throws RemoteException {
    return remote.find(key);
  }

  @Override
  public InputStream open(ObjectKey key, long offset, long length) throws RemoteException {
    return slowed(remote.open(key, offset, length));
  }

  @Override
  public void list(String prefix, Visitor each) throws RemoteException {
    remote.list(prefix, each);
  }

  @Override
  public SortedSet<String> folders(String prefix) throws RemoteException {
    return remote.folders(prefix);
  }

  @Override
  public Optional<ObjectStat> copy(ObjectStat from, ObjectKey to) throws RemoteException {
    return remote.copy(from, to);
  }

  @Override
  public Optional<ObjectStat> copyOnWord(ObjectStat from, ObjectKey to) throws RemoteException {
    return remote.copyOnWord(from, to);
  }

  @Override
  public Optional<ObjectStat> describe(ObjectStat held, ObjectContent content)
      throws RemoteException {
    return remote.describe(held, content);
  }

  @Override
  public Traits traits(ObjectKey key) throws RemoteException {
    return remote.traits(key);
  }

  @Override
  public Map<ObjectKey, RemoteException> move(Map<ObjectKey, ObjectKey> moves)
      throws RemoteException {
    return remote.move(moves);
  }

  @Override
  public Map<ObjectKey, RemoteException> delete(Collection<ObjectKey> keys) throws RemoteException {
    return remote.delete(keys);
  }

  @Override
  public void sweep(ObjectKey key, Instant begunAt) throws RemoteException {
    remote.sweep(key, begunAt);
  }

  @Override
  protected Past wrapped(Past past) {
    return new Past() {
      @Override
      public Optional<Cursor> at(String prefix, Instant time) throws RemoteException {
        return past.at(prefix, time);
      }

      @Override
      public Optional<ObjectStat> find(ObjectKey key, String version) throws RemoteException {
        return past.find(key, version);
      }

      @Override
      public InputStream open(ObjectKey key, String version) throws RemoteException {
        return slowed(past.open(key, version));
      }
    };
  }

  @Override
  protected Conditions wrapped(Conditions conditions) {
    return new Conditions() {
      @Override
      public Creation create(ObjectKey key, ObjectContent content)
          throws RemoteException, IOException {
        return conditions.create(key, content);
      }

      @Override
      public InputStream open(ObjectStat seen, long offset) throws RemoteException {
        return slowed(conditions.open(seen, offset));
      }
    };
  }

  private InputStream slowed(InputStream in) {
    return new ObservedStream(in, new Slowing());
  }

  private final class Slowing implements ObservedStream.Observer {
    @Override
    public int allow(int wanted) {
      return limit.allow(wanted);
    }

    @Override
    public void read(int bytes) throws IOException {
      try {
        limit.pay(bytes);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("cancelled while waiting for bandwidth");
      }
    }
  }
}
