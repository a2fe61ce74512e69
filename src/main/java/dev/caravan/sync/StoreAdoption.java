package dev.caravan.sync;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.CatalogException;
import dev.caravan.catalog.RunBook;
import dev.caravan.catalog.restore.CatalogCopy;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.store.AtomicFile;
import dev.caravan.store.StoreTree;
import dev.caravan.sync.detect.StoreGuard;
import dev.caravan.sync.move.Ownership;
import dev.caravan.sync.move.RemoteContact;
import dev.caravan.sync.plan.SyncHalt;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Makes an empty store on a new machine the one whose files lie at the remotes. They are recorded
 * as purged: they come when they are read or restored, and the next cycle sends nothing.
 */
public final class StoreAdoption {

  /** The name of what is on record while an adoption goes on. */
  private static final String ADOPTING = "adopting";

  private static final ObjectKey COPY = ObjectKey.own(Catalog.FILE_NAME);

  private final Catalog catalog;
  private final StoreTree tree;
  private final StoreGuard guard;
  private final RemoteRoster roster;
  private final Clock clock;

  public StoreAdoption(
      Catalog catalog, StoreTree tree, StoreGuard guard, RemoteRoster roster, Clock clock) {
    this.catalog = catalog;
    this.tree = tree;
    this.guard = guard;
    this.roster = roster;
    this.clock = clock;
  }

  /** True where neither the catalog nor the store has a file, or an adoption broke off. */
  public boolean isPossible() {
    return (catalog.isEmpty() || isBroken()) && Files.isDirectory(tree.root()) && isEmpty();
  }

  private boolean isBroken() {
    return catalog.findMeta(ADOPTING).filter("yes"::equals).isPresent();
  }

  private void recordAdopting(String value) {
    catalog.commit(session -> catalog.recordMeta(session, ADOPTING, value));
  }

  private boolean isEmpty() {
    try (Stream<Path> files = Files.walk(tree.root())) {
      return files
          .filter(file -> !file.startsWith(tree.stateFolder()))
          .allMatch(file -> Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS));
    } catch (IOException | UncheckedIOException e) {
      // What cannot be looked at may hold anything.
      return false;
    }
  }

  /**
   * Takes the id of the store whose files lie at the remotes, and learns what they are.
   *
   * @param from the only remote to ask; the first that has an owner when empty
   * @return whose files they are; empty when no remote has an owner
   * @throws RemoteException when a remote that is needed does not answer
   */
  public Optional<String> adopt(RunBook book, Optional<String> from)
      throws RemoteException, IOException {
    List<RemoteRoster.Entry> asked =
        roster.entries().stream()
            .filter(entry -> from.isEmpty() || from.get().equals(entry.remote().name()))
            .filter(entry -> entry.remote().remote().keepsOwn())
            .toList();
    // A daemon that was started too early made an id of its own, and may have left it at a remote.
    Optional<String> made = Optional.of(guard.storeId()).filter(id -> !id.isEmpty() && !isBroken());
    Optional<String> owner = Optional.empty();
    List<RemoteRoster.Entry> holders = new ArrayList<>();
    List<RemoteRoster.Entry> claimed = new ArrayList<>();
    for (RemoteRoster.Entry entry : asked) {
      entry.remote().ensureReadable();
      Optional<String> found = Ownership.findOwner(entry.remote().remote());
      if (found.isPresent() && found.equals(made)) {
        claimed.add(entry);
        continue;
      }
      owner = owner.or(() -> found);
      if (found.isPresent() && found.equals(owner)) {
        holders.add(entry);
      } else if (found.isPresent()) {
        book.warn(
            "Remote '%s' holds the files of another store (%s): they are not taken"
                .formatted(entry.remote().name(), found.get()));
      }
    }
    if (owner.isPresent()) {
      UUID id = idOf(owner.get(), holders.get(0).remote().name());
      recordAdopting("yes");
      guard.adopt(id);
      for (RemoteRoster.Entry entry : claimed) {
        Ownership.claim(entry.remote().remote(), owner.get(), clock.instant());
      }
      take(book, holders);
      recordAdopting("no");
      endHalt();
      book.info("This store is %s from now on, whose files lie at the remotes".formatted(id));
    }
    return owner;
  }

  /** A sync that was refused, since this was another store then, holds nothing back any more. */
  private void endHalt() {
    if (catalog
        .halts()
        .findOpen()
        .filter(row -> SyncHalt.isKind(row, SyncHalt.Kind.REMOTE_FOREIGN))
        .isPresent()) {
      catalog.commit(session -> catalog.halts().end(session, clock.millis()));
    }
  }

  private void take(RunBook book, List<RemoteRoster.Entry> holders) throws RemoteException {
    Optional<CatalogCopy> known = fetch(book, holders);
    try {
      List<RemoteContact> contacts = new ArrayList<>();
      for (RemoteRoster.Entry holder : holders) {
        contacts.add(new RemoteContact(holder.remote(), catalog, book, clock));
      }
      // First what is known of all of them: a remote that was away may hold an older version.
      for (int i = 0; i < holders.size(); i++) {
        contacts.get(i).learn(holders.get(i).row(), known);
      }
      known.ifPresent(copy -> copy.takeOverNodes(catalog));
      for (int i = 0; i < holders.size(); i++) {
        contacts.get(i).adopt(holders.get(i).row());
      }
    } finally {
      known.ifPresent(CatalogCopy::close);
      catalog.flush();
    }
  }

  private static UUID idOf(String owner, String remote) throws RemoteException {
    try {
      return UUID.fromString(owner);
    } catch (IllegalArgumentException e) {
      throw new RemoteException(
          RemoteException.Cause.FOREIGN,
          "Remote '%s' is marked as '%s', which is no store of Caravan's".formatted(remote, owner),
          e);
    }
  }

  /** The newest copy of the catalog that can be read; without one, files are asked for singly. */
  private Optional<CatalogCopy> fetch(RunBook book, List<RemoteRoster.Entry> holders) {
    SortedMap<Instant, Remote> newestFirst = new TreeMap<>(Comparator.reverseOrder());
    for (RemoteRoster.Entry holder : holders) {
      Remote remote = holder.remote().remote();
      try {
        remote.find(COPY).ifPresent(copy -> newestFirst.put(copy.modifiedAt(), remote));
      } catch (RemoteException e) {
        unusable(book, remote, e);
      }
    }
    for (Remote remote : newestFirst.values()) {
      try {
        return Optional.of(fetch(remote));
      } catch (IOException | RemoteException | CatalogException e) {
        unusable(book, remote, e);
      }
    }
    return Optional.empty();
  }

  private static void unusable(RunBook book, Remote remote, Exception fault) {
    book.warn(
        "The copy of the catalog at remote '%s' cannot be used (%s)"
            .formatted(remote.name(), fault.getMessage()));
  }

  private CatalogCopy fetch(Remote remote) throws IOException, RemoteException {
    Path folder = Files.createDirectories(tree.stateFolder().resolve("backup"));
    CatalogCopy.clear(folder);
    try (AtomicFile file = AtomicFile.begin(folder.resolve(Catalog.FILE_NAME));
        InputStream in = remote.open(COPY, 0, -1);
        OutputStream out = Channels.newOutputStream(file.channel())) {
      in.transferTo(out);
      file.commit();
    }
    return CatalogCopy.open(folder);
  }
}
