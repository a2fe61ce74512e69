package dev.caravan.restore;

import static dev.caravan.restore.RestoreException.Reason.REFUSED;
import static dev.caravan.restore.RestoreException.Reason.UNAVAILABLE;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.past.PastTable;
import dev.caravan.event.Caller;
import dev.caravan.event.StorePath;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.RemoteException;
import dev.caravan.store.FileStat;
import dev.caravan.store.StoreTree;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;

/**
 * Brings files as they were at a time. To the store only what takes nothing's place: an older
 * version there would be mirrored, and replace the newer one at every remote.
 */
final class PastFetch {

  private final Catalog catalog;
  private final PastTable past;
  private final StoreTree tree;
  private final Restorer restorer;
  private final Instant at;
  private final BooleanSupplier cancelled;

  PastFetch(
      Catalog catalog, StoreTree tree, Restorer restorer, Instant at, BooleanSupplier cancelled) {
    this.catalog = catalog;
    this.past = new PastTable(catalog);
    this.tree = tree;
    this.restorer = restorer;
    this.at = at;
    this.cancelled = cancelled;
  }

  /** What came, and from which remote. */
  record Delivery(long sizeBytes, String from) {}

  /** Where a file is to appear. */
  interface Place {

    /** True when it lies there already. */
    boolean holds(Download.Wanted wanted) throws RestoreException, IOException;

    /** Takes room for it. */
    Reservations.Room take(long bytes) throws RestoreException, IOException;

    /** Makes the folders that it lies in, as far as they are missing. */
    Spot open() throws IOException;
  }

  /** The path itself, in a folder that exists; closed once the file is there. */
  interface Spot extends AutoCloseable {
    Path path();

    @Override
    default void close() {
      // Nothing is left to do.
    }
  }

  /**
   * Brings a file to its place in the store.
   *
   * @return empty when this version lies there already
   * @throws RestoreException when something else does, or the remotes hold a newer version
   */
  Optional<Delivery> bring(PastFile file) throws RestoreException {
    StorePath path = file.path();
    try {
      restorer.ensureAllowed(path);
      Optional<FileRow> row = catalog.files().find(path);
      Optional<FileStat> there = tree.stat(path);
      return deliver(file, new InStore(path, row, there));
    } catch (FileAlreadyExistsException e) {
      throw otherVersion(path);
    } catch (IOException e) {
      throw new RestoreException(
          REFUSED, "%s cannot be written to the store: %s".formatted(path, e.getMessage()));
    }
  }

  private static RestoreException otherVersion(StorePath path) {
    return new RestoreException(
        REFUSED,
        "%s lies in the store in another version, which is not replaced: take --to"
            .formatted(path));
  }

  /** The store's own place for a file. */
  private final class InStore implements Place {
    private final StorePath path;
    private final Optional<FileRow> row;
    private final Optional<FileStat> there;

    InStore(StorePath path, Optional<FileRow> row, Optional<FileStat> there) {
      this.path = path;
      this.row = row;
      this.there = there;
    }

    @Override
    public boolean holds(Download.Wanted wanted) throws RestoreException {
      boolean same = row.isPresent() && row.get().sha256().equals(wanted.sha256());
      boolean known = same && wanted.sha256().isPresent();
      if (there.isPresent()) {
        if (known && isOf(row.get(), there.get())) {
          return true;
        }
        throw otherVersion(path);
      }
      if (row.isPresent() && row.get().state() == FileRow.State.PURGED && !known) {
        throw new RestoreException(
            REFUSED,
            ("%s left the disk in a newer version; an older one in its place would replace that"
                    + " at the remotes: take --to")
                .formatted(path));
      }
      if (!known && past.isOtherHeld(path, wanted.sha256().orElse(""))) {
        throw new RestoreException(
            REFUSED,
            ("a remote holds another version of %s, which is on the disk no more; an older one in"
                    + " its place would replace that: take --to")
                .formatted(path));
      }
      return false;
    }

    @Override
    public Reservations.Room take(long bytes) throws RestoreException, IOException {
      return restorer.take(bytes);
    }

    /** Folders that the catalog knows become again what they were. */
    @Override
    public Spot open() throws IOException {
      FoldersAbove folders = new FoldersAbove(catalog, tree);
      boolean opened = false;
      try {
        Path place = folders.make(path);
        opened = true;
        return new Spot() {
          @Override
          public Path path() {
            return place;
          }

          @Override
          public void close() {
            folders.close();
          }
        };
      } finally {
        if (!opened) {
          folders.close();
        }
      }
    }

    boolean isAway() {
      return there.isEmpty() && row.map(FileRow::state).equals(Optional.of(FileRow.State.PURGED));
    }
  }

  private static boolean isOf(FileRow row, FileStat stat) {
    return row.state() == FileRow.State.PRESENT
        && stat.kind() == FileStat.Kind.FILE
        && row.sizeBytes() == stat.sizeBytes()
        && row.modifiedNs() == stat.modifiedNs()
        && row.changedNs() == stat.changedNs()
        && row.inode() == stat.inode();
  }

  /**
   * Brings a file from the first source that delivers the right bytes.
   *
   * @return empty when it lies there already
   * @throws FileAlreadyExistsException when something else does
   */
  Optional<Delivery> deliver(PastFile file, Place place) throws RestoreException, IOException {
    List<String> faults = new ArrayList<>();
    for (PastFile.Source source : file.sources()) {
      String from = source.remote().name();
      try (Caller.Calls calls = Caller.until(cancelled)) {
        restorer.contacts().ensure(source.remote(), System.nanoTime());
        Download.Wanted wanted = wanted(file.path(), source);
        if (place.holds(wanted)) {
          return Optional.empty();
        }
        if (place instanceof InStore store && store.isAway()) {
          // It is the very version that left the disk: an ordinary restore.
          Restorer.Restored back =
              restorer.bring(file.path(), Restorer.Ask.now(Optional.of(from), cancelled));
          return back.from().map(remote -> new Delivery(back.stat().sizeBytes(), remote));
        }
        try (Reservations.Room room = place.take(wanted.sizeBytes());
            Spot spot = place.open()) {
          new Download(source.remote(), wanted, cancelled).to(spot.path());
        }
        return Optional.of(new Delivery(wanted.sizeBytes(), from));
      } catch (RemoteException e) {
        if (cancelled.getAsBoolean()) {
          throw new RestoreException(RestoreException.Reason.CANCELLED, "Cancelled");
        }
        restorer.contacts().forget(source.remote());
        faults.add(String.valueOf(e.getMessage()));
      }
    }
    throw new RestoreException(UNAVAILABLE, String.join("; ", faults));
  }

  /** What the catalog does not know of a version, the remote is asked for. */
  private Download.Wanted wanted(StorePath path, PastFile.Source source) throws RemoteException {
    OptionalLong size = source.sizeBytes();
    OptionalLong modified = source.modifiedNs();
    Optional<String> sha256 = source.sha256();
    if (size.isEmpty() || modified.isEmpty() || sha256.isEmpty()) {
      ObjectStat stat =
          Download.find(source.remote(), source.key(), source.version())
              .orElseThrow(() -> fault(path, source, "it is gone"));
      size = OptionalLong.of(size.orElse(stat.sizeBytes()));
      Instant time = stat.modifiedAt();
      modified =
          OptionalLong.of(modified.orElse(time.getEpochSecond() * 1_000_000_000L + time.getNano()));
      sha256 = sha256.or(stat::sha256);
    }
    PastFile.Source known =
        new PastFile.Source(
            source.remote(),
            source.key(),
            source.version(),
            size,
            modified,
            source.mode(),
            sha256,
            source.byTime());
    if (!PastPlanner.isEarlyEnough(known, at)) {
      throw fault(path, source, "it was changed after that time");
    }
    return new Download.Wanted(
        path,
        source.key(),
        source.version(),
        size.getAsLong(),
        modified.getAsLong(),
        source.mode(),
        Optional.empty(),
        Optional.of(
            sha256.orElseThrow(
                () -> fault(path, source, "it has no checksum that could be compared"))));
  }

  private static RemoteException fault(StorePath path, PastFile.Source source, String why) {
    return new RemoteException(
        RemoteException.Cause.NO_SUCH_OBJECT,
        "Remote '%s' cannot supply %s as it was: %s".formatted(source.remote().name(), path, why));
  }
}
