package dev.caravan.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.event.ObjectContent;
import dev.caravan.event.Owner;
import dev.caravan.lab.AtOnce;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;

/** What the parts of the {@link RemoteContract} share: the remote, and short ways to use it. */
interface RemoteUnderTest {

  /** The remote of this test; its place was empty when the test began. */
  Remote remote();

  /** Another client of the same place; the caller closes it. */
  Remote open() throws Exception;

  /** Sizes around this one and a multiple of it are where the provider changes its ways. */
  long partSize();

  /** False for keys that this remote says it refuses; they must then be refused, not mangled. */
  boolean canHold(String key);

  /** The modification time as the remote is expected to give it back. */
  Instant kept(Instant modifiedAt);

  /** False where permissions and owner are kept by the catalog alone. */
  default boolean keepsTraits() {
    return true;
  }

  /** The owner as the remote is expected to give it back. */
  default Owner kept(Owner owner) {
    return owner;
  }

  /** As many objects as one answer names at most, or one request may; more are asked for. */
  default int pageSize() {
    return 1_000;
  }

  /** How many objects are put at once where there are many. */
  default int putsAtOnce() {
    return 8;
  }

  /** What must never be shown. */
  List<String> secrets();

  static ObjectKey key(String value) {
    return new ObjectKey(value);
  }

  default StoredObject put(String key, ObjectContent content) throws RemoteException, IOException {
    return remote().put(key(key), content);
  }

  default Optional<ObjectStat> find(String key) throws RemoteException {
    return remote().find(key(key));
  }

  default byte[] read(String key, long offset, long length) throws RemoteException, IOException {
    try (InputStream in = remote().open(key(key), offset, length)) {
      return in.readAllBytes();
    }
  }

  default byte[] read(String key) throws RemoteException, IOException {
    return read(key, 0, -1);
  }

  default NavigableMap<String, ObjectStat> list(String prefix) throws RemoteException {
    NavigableMap<String, ObjectStat> found = new TreeMap<>();
    remote()
        .list(
            prefix,
            stat -> assertThat(found.put(stat.key().value(), stat)).as("listed once").isNull());
    return found;
  }

  /** Runs all of them, eight at once, and throws the first failure. */
  static <T> List<T> atOnce(List<Callable<T>> calls) throws Exception {
    return AtOnce.run(8, calls);
  }

  /** Puts a small object under each key. */
  default void putAll(List<String> keys) throws Exception {
    List<Callable<StoredObject>> puts = new ArrayList<>();
    keys.forEach(key -> puts.add(() -> put(key, TestContent.of("content of " + key))));
    AtOnce.run(putsAtOnce(), puts);
  }
}
