package dev.caravan.snapshot.move;

import dev.caravan.event.Counted;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.snapshot.manifest.EntriesAhead;
import dev.caravan.snapshot.manifest.ManifestEntry;
import dev.caravan.snapshot.manifest.ManifestReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds a manifest that nobody has seen yet beside a listing of what it names: each file must be
 * there with its size.
 */
final class FolderProof {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.datamover");
  private static final int LEFTOVERS_MAX = 50_000;
  private static final int DELETED_AT_ONCE = 1_000;
  private static final int MISSING_MAX = 1_000;

  private final Remote remote;
  private final String folder;

  /**
   * @param folder with its slash; {@code ""} for a mirror
   */
  FolderProof(Remote remote, String folder) {
    this.remote = remote;
    this.folder = folder;
  }

  /** Opens the manifest anew. */
  interface Manifest {
    ManifestReader open() throws IOException;
  }

  /**
   * Proves it.
   *
   * @param tidies true when what the manifest does not name is to be deleted
   * @throws IOException when something is not there, or cannot be deleted
   */
  void run(Manifest manifest, boolean tidies) throws RemoteException, IOException {
    List<ObjectKey> leftovers;
    do {
      leftovers = pass(manifest, tidies);
      for (int from = 0; from < leftovers.size(); from += DELETED_AT_ONCE) {
        delete(leftovers.subList(from, Math.min(leftovers.size(), from + DELETED_AT_ONCE)));
      }
    } while (leftovers.size() == LEFTOVERS_MAX);
  }

  private List<ObjectKey> pass(Manifest manifest, boolean tidies)
      throws RemoteException, IOException {
    long missing = 0;
    String first = "";
    try (EntriesAhead reader = new EntriesAhead(manifest.open());
        SortedListing listing = new SortedListing(remote, folder, tidies ? LEFTOVERS_MAX : 0)) {
      for (Optional<ManifestEntry> next = reader.next();
          next.isPresent() && missing < MISSING_MAX;
          next = reader.next()) {
        ManifestEntry entry = next.get();
        if (entry.isFile() && !isThere(entry, listing)) {
          missing++;
          first = first.isEmpty() ? entry.path().value().replaceAll("\\p{Cntrl}", "?") : first;
        }
      }
      if (missing > 0) {
        throw new IOException(
            ("%s stored, but not there or not with the right size, the first is %s;"
                    + " no manifest is made of this: run the backup again")
                .formatted(Counted.of(missing, "object"), first));
      }
      List<ObjectKey> leftovers = tidies ? listing.extraneous() : List.of();
      if (!listing.isOrdered() && tidies) {
        LOG.warn("the bucket lists in no order: what is left of an earlier attempt may stay");
      }
      return leftovers;
    }
  }

  /** Asks for what the listing does not show, which may be out of order or late. */
  private boolean isThere(ManifestEntry entry, SortedListing listing) throws RemoteException {
    String name = entry.path().value();
    return isSame(entry, listing.at(name))
        || isSame(entry, remote.find(new ObjectKey(folder + name)));
  }

  private static boolean isSame(ManifestEntry entry, Optional<ObjectStat> object) {
    return object.filter(each -> each.sizeBytes() == entry.sizeBytes()).isPresent();
  }

  private void delete(List<ObjectKey> keys) throws RemoteException {
    Map<ObjectKey, RemoteException> failed = remote.delete(new ArrayList<>(keys));
    if (!failed.isEmpty()) {
      throw failed.values().iterator().next();
    }
  }
}
