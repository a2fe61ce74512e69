package dev.caravan.restore;

import static dev.caravan.restore.RestoreException.Reason.REFUSED;
import static dev.caravan.restore.RestoreException.Reason.UNAVAILABLE;
import static dev.caravan.restore.RestoreException.Reason.UNKNOWN;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.restore.RestoreTable;
import dev.caravan.event.Caller;
import dev.caravan.event.StorePath;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.store.AtomicFile;
import dev.caravan.store.FileStat;
import dev.caravan.store.StoreTree;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings one file back: from the first remote that delivers the bytes that were proven. */
final class Restorer {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.restore");

  private final Catalog catalog;
  private final RestoreTable table;
  private final StoreTree tree;
  private final List<Remote> remotes;
  private final List<String> names;
  private final Function<StorePath, Optional<String>> refusal;
  private final Reservations reservations;
  private final Clock clock;
  private final Contacts contacts = new Contacts();

  Restorer(Restores.World world, Clock clock) {
    this.catalog = world.catalog();
    this.table = new RestoreTable(catalog);
    this.tree = world.tree();
    this.remotes = List.copyOf(world.remotes());
    this.names = remotes.stream().map(Remote::name).toList();
    this.refusal = world.refusal();
    this.reservations = new Reservations(tree, world.roomMaker());
    this.clock = clock;
  }

  /**
   * A file that is in the store now.
   *
   * @param sha256 of what came; empty when it was there already
   * @param from the remote that it came from; empty when it was there already
   * @param lacking what of time, permissions and owner it could not be given
   */
  record Restored(
      FileStat stat, Optional<String> sha256, Optional<String> from, List<String> lacking) {
    static Restored of(FileStat stat, Delivery came) {
      return new Restored(
          stat, Optional.of(came.sha256()), Optional.of(came.from()), came.lacking());
    }
  }

  /**
   * Who asks for a file.
   *
   * @param from the only remote to ask; all when empty
   * @param nanos when it was asked, of {@link System#nanoTime}
   */
  record Ask(Optional<String> from, BooleanSupplier cancelled, long nanos) {
    static Ask now(Optional<String> from, BooleanSupplier cancelled) {
      return new Ask(from, cancelled, System.nanoTime());
    }
  }

  /** Makes a file local. */
  Restored bring(StorePath path, Ask ask) throws RestoreException {
    try {
      ensureAllowed(path);
      Optional<FileStat> there = look(path);
      boolean folder = there.isPresent() && there.get().kind() == FileStat.Kind.FOLDER;
      if (there.isPresent() && !folder) {
        return local(there.get());
      }
      FileRow row =
          catalog
              .files()
              .find(path)
              .filter(file -> file.state() == FileRow.State.PURGED)
              .orElseThrow(() -> folder ? noFile(path) : unknown(path));
      try (Reservations.Room room = reservations.take(row.sizeBytes())) {
        return fetch(row, ask);
      }
    } catch (IOException e) {
      return unwritten(path, e);
    }
  }

  /** What a file's fate is that could not be written: perhaps its owner made it meanwhile. */
  Restored unwritten(StorePath path, IOException fault) throws RestoreException {
    if (fault instanceof FileAlreadyExistsException) {
      return madeMeanwhile(path);
    }
    throw new RestoreException(
        isFull(fault) ? RestoreException.Reason.NO_SPACE : REFUSED,
        "%s cannot be written to the store: %s".formatted(path, fault.getMessage()));
  }

  /** A file that lies in the store; empty when it has to be brought. */
  Optional<Restored> findLocal(StorePath path) throws RestoreException {
    try {
      ensureOurs(path);
      Optional<FileStat> there = look(path).filter(stat -> stat.kind() != FileStat.Kind.FOLDER);
      if (there.isEmpty()) {
        return Optional.empty(); // Whoever brings it asks whether it may be written.
      }
      ensureAllowed(path);
      return Optional.of(local(there.get()));
    } catch (IOException e) {
      throw new RestoreException(
          REFUSED, "%s cannot be read from the store: %s".formatted(path, e.getMessage()));
    }
  }

  /** What lies there; nothing can under a name that is too long for this file system. */
  private Optional<FileStat> look(StorePath path) throws IOException {
    try {
      return tree.statAny(path);
    } catch (FileSystemException e) {
      if (String.valueOf(e.getReason()).contains("File name too long")) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Throws unless a file may be written to the store at this path. */
  void ensureAllowed(StorePath path) throws RestoreException {
    ensureOurs(path);
    Optional<String> refused = refusal.apply(path);
    if (refused.isPresent()) {
      throw new RestoreException(REFUSED, refused.get());
    }
  }

  private void ensureOurs(StorePath path) throws RestoreException {
    if (tree.isReserved(path)) {
      throw unknown(path);
    }
  }

  /** Takes room in the store for a file. */
  Reservations.Room take(long bytes) throws RestoreException, IOException {
    return reservations.take(bytes);
  }

  Restored madeMeanwhile(StorePath path) throws RestoreException {
    try {
      Optional<FileStat> there = tree.stat(path);
      if (there.isPresent()) {
        return local(there.get());
      }
      if (tree.statAny(path).isPresent()) {
        throw new RestoreException(
            REFUSED, "%s is a folder in the store: move that away first".formatted(path));
      }
      throw unknown(path);
    } catch (IOException e) {
      throw new RestoreException(REFUSED, "%s: %s".formatted(path, e.getMessage()));
    }
  }

  static Restored local(FileStat there) throws RestoreException {
    if (there.kind() != FileStat.Kind.FILE) {
      throw new RestoreException(REFUSED, there.path() + " is not a regular file");
    }
    return new Restored(there, Optional.empty(), Optional.empty(), List.of());
  }

  static RestoreException unknown(StorePath path) {
    return new RestoreException(UNKNOWN, "Neither the store nor the catalog knows " + path);
  }

  private static RestoreException noFile(StorePath path) {
    return new RestoreException(UNKNOWN, path + " is a folder: only a file can be read");
  }

  private static boolean isFull(IOException e) {
    String text = String.valueOf(e instanceof FileSystemException f ? f.getReason() : "");
    return (text + e.getMessage()).contains("No space left")
        || (text + e.getMessage()).contains("quota");
  }

  private Restored fetch(FileRow row, Ask ask) throws RestoreException, IOException {
    try (FoldersAbove folders = new FoldersAbove(catalog, tree)) {
      Path place = folders.make(row.path());
      return take(
          row,
          table.copies(row.path()),
          ask,
          (remote, download) -> {
            try (AtomicFile file = AtomicFile.begin(place)) {
              return land(row, file, download.fill(file), remote.name());
            }
          });
    }
  }

  /** Makes visible what came, and records it, unless somebody else had a hand in it meanwhile. */
  private Restored land(FileRow row, AtomicFile file, String sha256, String from)
      throws RestoreException, IOException {
    Optional<FileStat> recorded = Optional.empty();
    tree.inHand().take(row.path());
    try {
      file.commitNew();
      Optional<FileStat> seen = file.look(row.path());
      if (seen.isEmpty()) {
        return madeMeanwhile(row.path());
      }
      Delivery delivery = new Delivery(sha256, from, file.lacking());
      record(List.of(rowOf(row, delivery, seen.get())));
      recorded = seen;
      return Restored.of(seen.get(), delivery);
    } finally {
      letGo(row.path(), recorded);
    }
  }

  /**
   * A file is in hand no more.
   *
   * @param recorded how it looked when it was recorded; empty when it was not
   */
  void letGo(StorePath path, Optional<FileStat> recorded) {
    if (recorded.isEmpty()) {
      tree.inHand().drop(path);
    } else {
      FileStat seen = recorded.get();
      tree.inHand().recorded(path, () -> isStill(seen));
    }
  }

  private boolean isStill(FileStat seen) {
    try {
      return tree.stat(seen.path()).filter(seen::isSameVersionAs).isPresent();
    } catch (IOException e) {
      return false;
    }
  }

  /** Brings a file to another place than its own, with room taken for it. */
  void fetchTo(Path to, FileRow row, String from, BooleanSupplier cancelled)
      throws RestoreException, IOException {
    Optional<String> refused = refusal.apply(row.path());
    if (refused.isPresent()) {
      throw new RestoreException(REFUSED, refused.get());
    }
    try (Reservations.Room room = reservations.take(row.sizeBytes())) {
      deliver(row, Ask.now(Optional.of(from), cancelled), to);
    }
  }

  /** What came, from which remote, and what it could not be given. */
  record Delivery(String sha256, String from, List<String> lacking) {}

  /**
   * Brings a file from the first remote that delivers the right bytes.
   *
   * @param target where it is to appear, in a folder that exists
   * @throws FileAlreadyExistsException when something lies there
   */
  Delivery deliver(FileRow row, Ask ask, Path target) throws RestoreException, IOException {
    return take(
        row,
        table.copies(row.path()),
        ask,
        (remote, download) -> {
          Download.Arrived arrived = download.to(target);
          return new Delivery(arrived.sha256(), remote.name(), arrived.lacking());
        });
  }

  /**
   * Takes what a remote has of a file.
   *
   * @param <T> what becomes of it
   */
  interface Taking<T> {
    T from(Remote remote, Download download) throws RemoteException, RestoreException, IOException;
  }

  /**
   * Takes a file from the first remote that delivers the right bytes.
   *
   * @param copies what the remotes are known to hold of it
   */
  <T> T take(FileRow row, List<RestoreTable.Copy> copies, Ask ask, Taking<T> taking)
      throws RestoreException, IOException {
    Map<Remote, Optional<String>> sources = sources(row, copies, ask.from());
    List<String> faults = new ArrayList<>();
    for (Map.Entry<Remote, Optional<String>> source : sources.entrySet()) {
      Remote remote = source.getKey();
      try (Caller.Calls calls = Caller.until(ask.cancelled())) {
        contacts.ensure(remote, ask.nanos());
        Download.Wanted wanted = Download.Wanted.of(row, source.getValue());
        return taking.from(remote, new Download(remote, wanted, ask.cancelled()));
      } catch (RemoteException e) {
        if (ask.cancelled().getAsBoolean()) {
          throw new RestoreException(RestoreException.Reason.CANCELLED, "Cancelled");
        }
        contacts.forget(remote);
        LOG.warn(
            "{} could not be had from remote '{}': {}", row.path(), remote.name(), e.getMessage());
        faults.add(String.valueOf(e.getMessage()));
      }
    }
    throw new RestoreException(
        UNAVAILABLE,
        faults.isEmpty()
            ? "No remote%s holds a copy of %s"
                .formatted(ask.from().map(name -> " named '" + name + "'").orElse(""), row.path())
            : String.join("; ", faults));
  }

  /** Which remotes answer. */
  Contacts contacts() {
    return contacts;
  }

  /** Those that are known to hold this very version come first, each in the configured order. */
  private Map<Remote, Optional<String>> sources(
      FileRow row, List<RestoreTable.Copy> copies, Optional<String> from) {
    Map<String, Optional<String>> held = new LinkedHashMap<>();
    copies.forEach(copy -> held.put(copy.remote(), copy.sha256()));
    Map<Remote, Optional<String>> proven = new LinkedHashMap<>();
    Map<Remote, Optional<String>> others = new LinkedHashMap<>();
    for (Remote remote : remotes) {
      if (from.isPresent() && !from.get().equals(remote.name())) {
        continue;
      }
      Optional<String> sha256 = held.get(remote.name());
      if (sha256 != null) {
        boolean same = sha256.isPresent() && row.sha256().map(sha256.get()::equals).orElse(true);
        (same ? proven : others).put(remote, sha256);
      }
    }
    proven.putAll(others);
    return proven;
  }

  /** Records that files are back; returns once that is committed. */
  void record(List<FileRow> back) {
    long now = clock.millis();
    catalog.commit(session -> back.forEach(row -> table.recordRestored(session, row, names, now)));
  }

  /** What the catalog is to know of a file that is back. */
  static FileRow rowOf(FileRow row, Delivery delivery, FileStat back) {
    return new FileRow(
        row.path(),
        FileRow.State.PRESENT,
        back.sizeBytes(),
        back.modifiedNs(),
        back.changedNs(),
        back.inode(),
        back.device(),
        lacks(delivery, "permissions") ? row.mode() : back.mode(),
        Optional.of(delivery.sha256()),
        0,
        lacks(delivery, "owner") ? row.owner() : back.owner());
  }

  /** What could not be given stays known: it is true of the copies, and of the next restore. */
  private static boolean lacks(Delivery delivery, String what) {
    return delivery.lacking().stream().anyMatch(each -> each.startsWith(what + " "));
  }
}
