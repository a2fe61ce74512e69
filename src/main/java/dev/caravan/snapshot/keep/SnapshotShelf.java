package dev.caravan.snapshot.keep;

import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.TextContent;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The snapshots at a prefix. Each is on record as {@code .caravan/snapshots/<name>} from before its
 * first byte until after its last one is gone, so that finding them does not mean listing what is
 * in them, and no folder that something else made is ever taken for one.
 */
public final class SnapshotShelf {

  private static final String RECORDS = ObjectKey.OWN + "snapshots/";
  private static final String MANIFEST = ObjectKey.OWN + "manifest.jsonl.gz";
  private static final int BATCH = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger("caravan.datamover");

  private final Remote remote;

  public SnapshotShelf(Remote remote) {
    this.remote = remote;
  }

  /** All that are on record, oldest first; costs a request for each. */
  public List<Snapshot> list() throws RemoteException {
    return look(names());
  }

  /** The names of all that are on record, oldest first; nobody asks whether they are complete. */
  public List<String> names() throws RemoteException {
    List<String> names = new ArrayList<>();
    remote.list(RECORDS, stat -> names.add(stat.key().value().substring(RECORDS.length())));
    names.removeIf(name -> SnapshotName.find(name).isEmpty());
    Collections.sort(names);
    return names;
  }

  /** Those of these names; costs a request for each. */
  public List<Snapshot> look(List<String> names) throws RemoteException {
    List<Snapshot> found = new ArrayList<>();
    for (String name : names) {
      found.add(look(name));
    }
    return found;
  }

  /** One that is on record. */
  public Snapshot look(String name) throws RemoteException {
    return new Snapshot(
        name, SnapshotName.parse(name), remote.find(new ObjectKey(name + "/" + MANIFEST)));
  }

  /** When an object was put, by the clock of the bucket; empty when none is listed. */
  public static Optional<Instant> putAt(Remote remote, ObjectKey key) throws RemoteException {
    Instant[] at = new Instant[1];
    remote.list(
        key.value(),
        stat -> {
          if (stat.key().equals(key)) {
            at[0] = stat.modifiedAt();
          }
        });
    return Optional.ofNullable(at[0]);
  }

  /**
   * Puts a snapshot on record; to be called before anything is put into its folder.
   *
   * @return the time of the bucket; empty when it does not list what was just put
   */
  public Optional<Instant> begin(String name) throws RemoteException {
    ObjectKey key = new ObjectKey(RECORDS + name);
    try {
      remote.put(key, new TextContent(name + "\n"));
    } catch (IOException e) {
      throw new RemoteException(
          RemoteException.Cause.OTHER, key + " cannot be sent: " + e.getMessage(), e);
    }
    return putAt(remote, key);
  }

  /** When a snapshot was put on record, by the clock of the bucket; empty when it is not. */
  public Optional<Instant> recordedAt(String name) throws RemoteException {
    return putAt(remote, new ObjectKey(RECORDS + name));
  }

  /** Takes a snapshot off record into whose folder nothing was put. */
  public void forget(String name) throws RemoteException {
    delete(List.of(new ObjectKey(RECORDS + name)));
  }

  /** True while nobody removed it. */
  public boolean isOnRecord(String name) throws RemoteException {
    return remote.find(new ObjectKey(RECORDS + name)).isPresent();
  }

  /**
   * What the objects of a folder tell.
   *
   * @param at when the last was put, or it was put on record; empty when it is not even that
   * @param complete true when its manifest is there, by the listing or when it is asked for
   */
  public record LastWrite(Optional<Instant> at, boolean complete) {}

  /** Looks at all that is in a folder, whatever was said of it before. */
  public LastWrite lastWrite(Snapshot snapshot) throws RemoteException {
    ObjectKey manifest = new ObjectKey(snapshot.folder() + MANIFEST);
    Instant[] last = new Instant[1];
    boolean[] complete = new boolean[1];
    remote.list(
        snapshot.folder(),
        stat -> {
          complete[0] |= stat.key().equals(manifest);
          if (last[0] == null || stat.modifiedAt().isAfter(last[0])) {
            last[0] = stat.modifiedAt();
          }
        });
    Optional<Instant> at = last[0] == null ? recordedAt(snapshot.name()) : Optional.of(last[0]);
    return new LastWrite(at, complete[0] || remote.find(manifest).isPresent());
  }

  /**
   * Removes a snapshot: first its manifest, so that it is none any more, then the rest.
   *
   * @return how many objects
   */
  public long remove(Snapshot snapshot) throws RemoteException {
    delete(List.of(new ObjectKey(snapshot.folder() + MANIFEST)));
    List<ObjectKey> batch = new ArrayList<>(BATCH);
    long[] removed = {0};
    remote.list(
        snapshot.folder(),
        stat -> {
          batch.add(stat.key());
          if (batch.size() == BATCH) {
            removed[0] += delete(batch);
          }
        });
    removed[0] += delete(batch);
    sweep(snapshot);
    delete(List.of(new ObjectKey(RECORDS + snapshot.name())));
    return removed[0];
  }

  /** Parts of uploads that were cut off are billed, and no listing of objects shows them. */
  private void sweep(Snapshot snapshot) throws RemoteException {
    try {
      remote.sweepBelow(snapshot.folder());
    } catch (RemoteException e) {
      if (e.reason() != Cause.PERMISSION && e.reason() != Cause.UNSUPPORTED) {
        throw e;
      }
      LOG.warn("Parts of big files may be left of {}: {}", snapshot.name(), e.getMessage());
    }
  }

  private long delete(List<ObjectKey> batch) throws RemoteException {
    List<ObjectKey> keys = List.copyOf(batch);
    if (!keys.isEmpty()) {
      Map<ObjectKey, RemoteException> failed = remote.delete(keys);
      if (!failed.isEmpty()) {
        throw failed.values().iterator().next();
      }
    }
    if (batch instanceof ArrayList) {
      batch.clear();
    }
    return keys.size();
  }
}
