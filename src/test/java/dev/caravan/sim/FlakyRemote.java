package dev.caravan.sim;

import dev.caravan.event.ObjectContent;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.StoredObject;
import dev.caravan.remote.memory.MemoryRemote;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A remote in memory on the far side of a network that breaks: calls fail before or after they have
 * taken effect. What it really holds can be looked at without passing the network.
 */
public final class FlakyRemote implements Remote {

  /** When a call fails. */
  public enum Break {
    BEFORE,
    /** The remote did what it was asked, but nobody heard its answer. */
    AFTER
  }

  /** What happens in a call that breaks. */
  private interface Work<T> {
    T run() throws RemoteException, IOException;
  }

  private final MemoryRemote memory;
  private final String identity;
  private boolean down;
  private int calls;
  private int breakIn;
  private Break when = Break.BEFORE;
  private Cause cause = Cause.NETWORK;
  private Runnable onBreak = () -> {};
  private Optional<Cause> badCopy = Optional.empty();
  private final Set<String> badPut = new HashSet<>();
  private final List<String> puts = new ArrayList<>();
  private int copies;
  private int copiesBroken;

  public FlakyRemote(String name) {
    this(new MemoryRemote(name), "memory:" + name);
  }

  private FlakyRemote(MemoryRemote memory, String identity) {
    this.memory = memory;
    this.identity = identity;
  }

  /** The same name at another, empty place. */
  public FlakyRemote moved(String to) {
    return new FlakyRemote(new MemoryRemote(memory.name()), to);
  }

  /** While down, every call fails. */
  public void down(boolean value) {
    down = value;
  }

  /** The call after {@code others} others breaks, once. */
  public void breakAfter(int others, Break at, Cause why) {
    breakAfter(others, at, why, () -> {});
  }

  public void breakAfter(int others, Break at, Cause why, Runnable what) {
    breakIn = others + 1;
    when = at;
    cause = why;
    onBreak = what;
  }

  public void mend() {
    down = false;
    breakIn = 0;
    onBreak = () -> {};
  }

  /** The next copy of its own fails. */
  public void breakNextCopy(Cause why) {
    badCopy = Optional.of(why);
    copiesBroken = 0;
  }

  /** How many copies failed as planned. */
  public int copiesBroken() {
    return copiesBroken;
  }

  /** How many copies it made by itself. */
  public int copies() {
    return copies;
  }

  /** The next put of this key fails. */
  public void breakNextPut(String key) {
    badPut.add(key);
  }

  /** Keys of all that was ever sent. */
  public List<String> puts() {
    return List.copyOf(puts);
  }

  /** How often it was called since this was asked last. */
  public int callsSince() {
    int since = calls;
    calls = 0;
    return since;
  }

  /** SHA-256 of every object by key, Caravan's own catalog and marker left out. */
  public Map<String, String> holds() {
    Map<String, String> held = new TreeMap<>();
    try {
      memory.list(
          "",
          stat -> {
            String key = stat.key().value();
            if (!key.startsWith(".caravan/catalog") && !key.equals(".caravan/store.id")) {
              held.put(key, sha256(bytes(key)));
            }
          });
    } catch (RemoteException e) {
      throw new IllegalStateException(e);
    }
    return held;
  }

  /** The files it holds, without the trash. */
  public Map<String, String> files() {
    Map<String, String> held = holds();
    held.keySet().removeIf(key -> key.startsWith(ObjectKey.OWN));
    return held;
  }

  public String text(String key) {
    return new String(bytes(key), StandardCharsets.UTF_8);
  }

  private byte[] bytes(String key) {
    try (InputStream in = memory.open(new ObjectKey(key), 0, -1)) {
      return in.readAllBytes();
    } catch (RemoteException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  public void lose(String key) {
    memory.lose(new ObjectKey(key));
  }

  /** Somebody else puts something there. */
  public void plant(String key, String text) {
    try {
      memory.put(new ObjectKey(key), new Planted(text.getBytes(StandardCharsets.UTF_8)));
    } catch (RemoteException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  public static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private record Planted(byte[] bytes) implements ObjectContent {
    @Override
    public long sizeBytes() {
      return bytes.length;
    }

    @Override
    public Instant modifiedAt() {
      return Instant.EPOCH;
    }

    @Override
    public String sha256() {
      return FlakyRemote.sha256(bytes);
    }

    @Override
    public byte[] md5() {
      throw new UnsupportedOperationException();
    }

    @Override
    public InputStream open(long offset, long length) {
      return new ByteArrayInputStream(bytes, (int) offset, (int) length);
    }

    @Override
    public void ensureUnchanged() {}
  }

  private synchronized <T> T through(Work<T> work) throws RemoteException, IOException {
    calls++;
    boolean breaks = breakIn > 0 && --breakIn == 0;
    if (breaks && when == Break.BEFORE) {
      onBreak.run();
    }
    if (down || (breaks && when == Break.BEFORE)) {
      throw new RemoteException(cause, "Remote '" + name() + "' does not answer (planned)");
    }
    T answer = work.run();
    if (breaks) {
      onBreak.run();
      throw new RemoteException(cause, "Remote '" + name() + "' was not heard (planned)");
    }
    return answer;
  }

  private <T> T quietly(Work<T> work) throws RemoteException {
    try {
      return through(work);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public String name() {
    return memory.name();
  }

  @Override
  public String provider() {
    return memory.provider();
  }

  @Override
  public String identity() {
    return identity;
  }

  @Override
  public Map<String, String> probe() throws RemoteException {
    return quietly(memory::probe);
  }

  @Override
  public StoredObject put(ObjectKey key, ObjectContent content)
      throws RemoteException, IOException {
    puts.add(key.value());
    if (badPut.remove(key.value())) {
      throw new RemoteException(Cause.SERVER, "Remote '" + name() + "' takes it not (planned)");
    }
    return through(() -> memory.put(key, content));
  }

  @Override
  public Optional<ObjectStat> find(ObjectKey key) throws RemoteException {
    return quietly(() -> memory.find(key));
  }

  @Override
  public InputStream open(ObjectKey key, long offset, long length) throws RemoteException {
    return quietly(() -> memory.open(key, offset, length));
  }

  @Override
  public void list(String prefix, Visitor each) throws RemoteException {
    quietly(
        () -> {
          memory.list(prefix, each);
          return true;
        });
  }

  @Override
  public Optional<ObjectStat> copy(ObjectStat from, ObjectKey to) throws RemoteException {
    if (badCopy.isPresent()) {
      Cause why = badCopy.get();
      badCopy = Optional.empty();
      copiesBroken++;
      throw new RemoteException(why, "Remote '" + name() + "' copies not (planned)");
    }
    return quietly(
        () -> {
          Optional<ObjectStat> copy = memory.copy(from, to);
          copies++;
          return copy;
        });
  }

  @Override
  public Optional<ObjectStat> describe(ObjectStat held, ObjectContent content)
      throws RemoteException {
    return quietly(() -> memory.describe(held, content));
  }

  @Override
  public Traits traits(ObjectKey key) throws RemoteException {
    return quietly(() -> memory.traits(key));
  }

  @Override
  public Map<ObjectKey, RemoteException> move(Map<ObjectKey, ObjectKey> moves)
      throws RemoteException {
    return quietly(() -> memory.move(moves));
  }

  @Override
  public Map<ObjectKey, RemoteException> delete(Collection<ObjectKey> keys) throws RemoteException {
    return quietly(() -> memory.delete(keys));
  }

  @Override
  public void sweep(ObjectKey key, Instant begunAt) throws RemoteException {
    quietly(
        () -> {
          memory.sweep(key, begunAt);
          return true;
        });
  }

  @Override
  public void close() {
    memory.close();
  }
}
