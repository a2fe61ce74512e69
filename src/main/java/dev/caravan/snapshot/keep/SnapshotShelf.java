package dev.caravan.snapshot.keep;

import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.TextContent;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
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

  /** All that are on record, oldest first. */
  public List<Snapshot> list() throws RemoteException {
    List<String> names = new ArrayList<>();
    remote.list(RECORDS, stat -> names.add(stat.key().value().substring(RECORDS.length())));
    List<Snapshot> found = new ArrayList<>();
    for (String name : names) {
      Optional<Instant> taken = SnapshotName.find(name);
      if (taken.isPresent()) {
        found.add(
            new Snapshot(name, taken.get(), remote.find(new ObjectKey(name + "/" + MANIFEST))));
      }
    }
    found.sort(Comparator.comparing(Snapshot::name));
    return found;
  }

  /** Puts a snapshot on record; to be called before anything is put into its folder. */
  public void begin(String name) throws RemoteException {
    ObjectKey key = new ObjectKey(RECORDS + name);
    try {
      remote.put(key, new TextContent(name + "\n"));
    } catch (IOException e) {
      throw new RemoteException(
          RemoteException.Cause.OTHER, key + " cannot be sent: " + e.getMessage(), e);
    }
  }

  /** When something was last put into a folder; empty when nothing is there. */
  public Optional<Instant> lastWrite(Snapshot snapshot) throws RemoteException {
    Instant[] last = new Instant[1];
    remote.list(
        snapshot.folder(),
        stat -> {
          if (last[0] == null || stat.modifiedAt().isAfter(last[0])) {
            last[0] = stat.modifiedAt();
          }
        });
    return Optional.ofNullable(last[0]);
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
