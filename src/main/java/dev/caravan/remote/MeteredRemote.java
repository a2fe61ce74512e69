package dev.caravan.remote;

import dev.caravan.event.ContentChangedException;
import dev.caravan.event.ObjectContent;
import dev.caravan.remote.TransferMeter.Direction;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts what a remote is asked and what moves. Wrapped inside the retries, so that each try counts
 * and bytes that are sent again count again.
 *
 * <p>Outcomes are {@code ok}, {@code partial} (some of a batch failed), {@code changed} and {@code
 * unreadable} (the local file), or the remote's {@link RemoteException.Cause} in lower case.
 */
public final class MeteredRemote extends ForwardingRemote {

  private final MeterRegistry registry;
  private final TransferMeter meter;
  private final Counter uploaded;
  private final Counter downloaded;

  /** By operation and outcome, of which there are few: to look one up there costs much more. */
  private final Map<String, Counter> requests = new ConcurrentHashMap<>();

  /**
   * Wraps a remote.
   *
   * @param meter is told of progress as well
   */
  public MeteredRemote(Remote remote, MeterRegistry registry, TransferMeter meter) {
    super(remote);
    this.registry = registry;
    this.meter = meter;
    this.uploaded = bytes(Direction.UPLOAD);
    this.downloaded = bytes(Direction.DOWNLOAD);
  }

  @Override
  public Map<String, String> probe() throws RemoteException {
    return ask("probe", remote::probe);
  }

  @Override
  public StoredObject put(ObjectKey key, ObjectContent content)
      throws RemoteException, IOException {
    return send(content, seen -> remote.put(key, seen));
  }

  @Override
  public Optional<ObjectStat> find(ObjectKey key) throws RemoteException {
    return ask("find", () -> remote.find(key));
  }

  @Override
  public InputStream open(ObjectKey key, long offset, long length) throws RemoteException {
    return observed(ask("open", () -> remote.open(key, offset, length)), Direction.DOWNLOAD);
  }

  @Override
  public void list(String prefix, Visitor each) throws RemoteException {
    ask(
        "list",
        () -> {
          remote.list(prefix, each);
          return prefix;
        });
  }

  @Override
  public SortedSet<String> folders(String prefix) throws RemoteException {
    return ask("list", () -> remote.folders(prefix));
  }

  @Override
  public Optional<ObjectStat> copy(ObjectStat from, ObjectKey to) throws RemoteException {
    return ask("copy", () -> remote.copy(from, to));
  }

  @Override
  public Optional<ObjectStat> copyOnWord(ObjectStat from, ObjectKey to) throws RemoteException {
    return ask("copy", () -> remote.copyOnWord(from, to));
  }

  @Override
  public Optional<ObjectStat> describe(ObjectStat held, ObjectContent content)
      throws RemoteException {
    return ask("describe", () -> remote.describe(held, content));
  }

  @Override
  public Traits traits(ObjectKey key) throws RemoteException {
    return ask("find", () -> remote.traits(key));
  }

  @Override
  public Map<ObjectKey, RemoteException> move(Map<ObjectKey, ObjectKey> moves)
      throws RemoteException {
    return batch("move", () -> remote.move(moves));
  }

  @Override
  public Map<ObjectKey, RemoteException> delete(Collection<ObjectKey> keys) throws RemoteException {
    return batch("delete", () -> remote.delete(keys));
  }

  @Override
  public void sweep(ObjectKey key, Instant begunAt) throws RemoteException {
    ask(
        "sweep",
        () -> {
          remote.sweep(key, begunAt);
          return key;
        });
  }

  @Override
  protected Past wrapped(Past past) {
    return new Past() {
      @Override
      public Optional<Cursor> at(String prefix, Instant time) throws RemoteException {
        return ask("list", () -> past.at(prefix, time));
      }

      @Override
      public Optional<ObjectStat> find(ObjectKey key, String version) throws RemoteException {
        return ask("find", () -> past.find(key, version));
      }

      @Override
      public InputStream open(ObjectKey key, String version) throws RemoteException {
        return observed(ask("open", () -> past.open(key, version)), Direction.DOWNLOAD);
      }
    };
  }

  @Override
  protected Conditions wrapped(Conditions conditions) {
    return new Conditions() {
      @Override
      public Creation create(ObjectKey key, ObjectContent content)
          throws RemoteException, IOException {
        return send(content, seen -> conditions.create(key, seen));
      }

      @Override
      public InputStream open(ObjectStat seen, long offset) throws RemoteException {
        return observed(ask("open", () -> conditions.open(seen, offset)), Direction.DOWNLOAD);
      }
    };
  }

  private interface Sending<T> {
    T run(ObjectContent seen) throws RemoteException, IOException;
  }

  /** Counts a put by how it ended, and what was read for it. */
  private <T> T send(ObjectContent content, Sending<T> sending)
      throws RemoteException, IOException {
    String outcome = "unreadable";
    try {
      T sent = sending.run(new WrappedContent(content, in -> observed(in, Direction.UPLOAD)));
      outcome = "ok";
      return sent;
    } catch (ContentChangedException e) {
      outcome = "changed";
      throw e;
    } catch (RemoteException e) {
      outcome = outcomeOf(e);
      throw e;
    } finally {
      count("put", outcome);
    }
  }

  private interface Call<T> {
    T run() throws RemoteException;
  }

  private <T> T ask(String operation, Call<T> call) throws RemoteException {
    String outcome = "other";
    try {
      T answer = call.run();
      outcome = "ok";
      return answer;
    } catch (RemoteException e) {
      outcome = outcomeOf(e);
      throw e;
    } finally {
      count(operation, outcome);
    }
  }

  private Map<ObjectKey, RemoteException> batch(
      String operation, Call<Map<ObjectKey, RemoteException>> call) throws RemoteException {
    String outcome = "other";
    try {
      Map<ObjectKey, RemoteException> failed = call.run();
      outcome = failed.isEmpty() ? "ok" : "partial";
      return failed;
    } catch (RemoteException e) {
      outcome = outcomeOf(e);
      throw e;
    } finally {
      count(operation, outcome);
    }
  }

  private InputStream observed(InputStream in, Direction direction) {
    Counter counter = direction == Direction.UPLOAD ? uploaded : downloaded;
    return new ObservedStream(
        in,
        bytes -> {
          counter.increment(bytes);
          meter.moved(name(), direction, bytes);
        });
  }

  private void count(String operation, String outcome) {
    requests
        .computeIfAbsent(operation + " " + outcome, ended -> counter(operation, outcome))
        .increment();
  }

  private Counter counter(String operation, String outcome) {
    return Counter.builder("caravan.remote.requests")
        .description("Requests to a remote, each try counted")
        .tag("remote", name())
        .tag("operation", operation)
        .tag("outcome", outcome)
        .register(registry);
  }

  private Counter bytes(Direction direction) {
    return Counter.builder("caravan.transferred.bytes")
        .description("Bytes sent to and read from a remote, also those sent again")
        .tag("remote", remote.name())
        .tag("direction", direction.name().toLowerCase(Locale.ROOT))
        .register(registry);
  }

  private static String outcomeOf(RemoteException e) {
    return e.reason().name().toLowerCase(Locale.ROOT);
  }
}
