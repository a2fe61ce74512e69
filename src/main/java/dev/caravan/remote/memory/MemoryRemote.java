package dev.caravan.remote.memory;

import dev.caravan.event.ContentChangedException;
import dev.caravan.event.ObjectContent;
import dev.caravan.event.StorePath;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.StoredObject;
import dev.caravan.remote.memory.Faults.Call;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Holds objects in memory, for tests and rehearsals. It says {@code sha256} of what it really
 * holds, so that a planned lie can be found out. Survives {@link #close()}.
 */
public final class MemoryRemote implements Remote {

  private static final int MAX_BYTES = Integer.MAX_VALUE - 8;

  private final String name;
  private final ConcurrentMap<ObjectKey, Held> objects = new ConcurrentHashMap<>();
  private final Faults faults = new Faults();

  private static final class Held {
    private final byte[] bytes;
    private final Instant modifiedAt;
    private final Traits traits;

    Held(byte[] bytes, Instant modifiedAt, Traits traits) {
      this.bytes = bytes;
      this.modifiedAt = modifiedAt;
      this.traits = traits;
    }

    static Held of(byte[] bytes, ObjectContent content) {
      Traits traits = new Traits(content.permissions(), content.owner());
      return new Held(bytes, content.modifiedAt(), traits);
    }

    String sha256() {
      try {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("This Java has no SHA-256", e);
      }
    }

    /** Other bytes of the same length. */
    Held changed() {
      byte[] other = bytes.length == 0 ? new byte[] {1} : bytes.clone();
      other[other.length / 2] ^= 1;
      return new Held(other, modifiedAt, traits);
    }

    ObjectStat stat(ObjectKey key, Optional<String> sha256) {
      return new ObjectStat(
          key, bytes.length, modifiedAt, Optional.empty(), Optional.empty(), sha256);
    }
  }

  public MemoryRemote(String name) {
    this.name = name;
  }

  /** What shall go wrong. */
  public Faults faults() {
    return faults;
  }

  /** An object is gone, as if someone had deleted it behind our back. */
  public void lose(ObjectKey key) {
    objects.remove(key);
  }

  /** How many objects are held, Caravan's own included. */
  public int size() {
    return objects.size();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String provider() {
    return "memory";
  }

  @Override
  public String identity() {
    return "memory:" + name;
  }

  @Override
  public Map<String, String> probe() throws RemoteException {
    faults.meet(Call.PROBE);
    return Map.of("checksum", "sha256");
  }

  @Override
  public Optional<String> refusal(StorePath path, long sizeBytes) {
    return sizeBytes > MAX_BYTES ? Optional.of("it is too large for memory") : Optional.empty();
  }

  @Override
  public StoredObject put(ObjectKey key, ObjectContent content)
      throws RemoteException, IOException {
    boolean lie = faults.meet(Call.PUT);
    byte[] bytes;
    try (InputStream in = content.open(0, content.sizeBytes())) {
      bytes = in.readAllBytes();
    }
    Held held = Held.of(bytes, content);
    if (bytes.length != content.sizeBytes() || !held.sha256().equals(content.sha256())) {
      throw new ContentChangedException("File '" + key + "' is no longer what was hashed");
    }
    content.ensureUnchanged();
    objects.put(key, lie ? held.changed() : held);
    return new StoredObject(Optional.empty(), Optional.empty(), StoredObject.Proof.SERVER_CHECKED);
  }

  @Override
  public Optional<ObjectStat> find(ObjectKey key) throws RemoteException {
    faults.meet(Call.FIND);
    Held held = objects.get(key);
    return held == null
        ? Optional.empty()
        : Optional.of(held.stat(key, Optional.of(held.sha256())));
  }

  @Override
  public InputStream open(ObjectKey key, long offset, long length) throws RemoteException {
    faults.meet(Call.OPEN);
    Held held = objects.get(key);
    if (held == null) {
      throw absent(key);
    }
    int from = (int) Math.min(offset, held.bytes.length);
    long wanted = length < 0 ? held.bytes.length : length;
    return new ByteArrayInputStream(
        held.bytes, from, (int) Math.min(wanted, held.bytes.length - from));
  }

  @Override
  public Optional<Conditions> conditions() {
    return Optional.of(
        new Conditions() {
          @Override
          public Creation create(ObjectKey key, ObjectContent content)
              throws RemoteException, IOException {
            return createWhereNothingIs(key, content);
          }

          @Override
          public InputStream open(ObjectStat seen, long offset) throws RemoteException {
            return openSame(seen, offset);
          }
        });
  }

  private Conditions.Creation createWhereNothingIs(ObjectKey key, ObjectContent content)
      throws RemoteException, IOException {
    boolean lie = faults.meet(Call.PUT);
    try (InputStream in = content.open(0, content.sizeBytes())) {
      Held held = Held.of(in.readAllBytes(), content);
      return objects.putIfAbsent(key, lie ? held.changed() : held) == null
          ? Conditions.Creation.CREATED
          : Conditions.Creation.TAKEN;
    }
  }

  private InputStream openSame(ObjectStat seen, long offset) throws RemoteException {
    faults.meet(Call.OPEN);
    Held held = objects.get(seen.key());
    if (held == null || !seen.sha256().equals(Optional.of(held.sha256()))) {
      throw absent(seen.key());
    }
    int from = (int) Math.min(offset, held.bytes.length);
    return new ByteArrayInputStream(held.bytes, from, held.bytes.length - from);
  }

  private RemoteException absent(ObjectKey key) {
    return new RemoteException(
        Cause.NO_SUCH_OBJECT,
        "Remote '" + name + "' has no object '" + key.value().replaceAll("\\p{Cntrl}", "?") + "'");
  }

  @Override
  public void list(String prefix, Visitor each) throws RemoteException {
    faults.meet(Call.LIST);
    for (Map.Entry<ObjectKey, Held> entry : objects.entrySet()) {
      if (entry.getKey().value().startsWith(prefix)) {
        each.visit(entry.getValue().stat(entry.getKey(), Optional.empty()));
      }
    }
  }

  @Override
  public Optional<ObjectStat> copy(ObjectStat from, ObjectKey to) throws RemoteException {
    boolean lie = faults.meet(Call.COPY);
    Held held = objects.get(from.key());
    if (held == null) {
      throw absent(from.key());
    }
    if (held.bytes.length != from.sizeBytes()
        || !from.sha256().equals(Optional.of(held.sha256()))) {
      throw new RemoteException(
          Cause.CORRUPT, "Remote '" + name + "' holds something else than was proven");
    }
    objects.put(to, lie ? held.changed() : held);
    return find(to);
  }

  @Override
  public Optional<ObjectStat> describe(ObjectStat held, ObjectContent content)
      throws RemoteException {
    faults.meet(Call.COPY);
    Held there = objects.get(held.key());
    if (there == null || !held.sha256().equals(Optional.of(there.sha256()))) {
      throw absent(held.key());
    }
    Held now = Held.of(there.bytes, content);
    objects.put(held.key(), now);
    return Optional.of(now.stat(held.key(), held.sha256()));
  }

  @Override
  public Traits traits(ObjectKey key) throws RemoteException {
    faults.meet(Call.FIND);
    Held held = objects.get(key);
    if (held == null) {
      throw absent(key);
    }
    return held.traits;
  }

  @Override
  public Map<ObjectKey, RemoteException> move(Map<ObjectKey, ObjectKey> moves)
      throws RemoteException {
    faults.meet(Call.MOVE);
    for (Map.Entry<ObjectKey, ObjectKey> entry : moves.entrySet()) {
      Held held = objects.get(entry.getKey());
      if (held != null && !entry.getKey().equals(entry.getValue())) {
        objects.put(entry.getValue(), held);
        objects.remove(entry.getKey(), held);
      }
    }
    return new LinkedHashMap<>();
  }

  @Override
  public Map<ObjectKey, RemoteException> delete(Collection<ObjectKey> keys) throws RemoteException {
    faults.meet(Call.DELETE);
    keys.forEach(objects::remove);
    return new LinkedHashMap<>();
  }

  @Override
  public void sweep(ObjectKey key, Instant begunAt) throws RemoteException {
    faults.meet(Call.SWEEP);
  }

  @Override
  public void close() {
    // The objects outlive it, so that a test may open the same place again.
  }
}
