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
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Makes an empty store on a new machine the one whose files lie at the remotes. They are recorded
 * as purged: they come when they are read or restored, and the next cycle sends nothing.
 */
public final class StoreAdoption {

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

  /** True where neither the catalog nor the store has a file. */
  public boolean isPossible() {
    return catalog.isEmpty() && Files.isDirectory(tree.root()) && isEmpty();
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
    Optional<String> owner = Optional.empty();
    List<RemoteRoster.Entry> holders = new ArrayList<>();
    for (RemoteRoster.Entry entry : asked) {
      entry.remote().ensureProbed();
      Optional<String> found = Ownership.findOwner(entry.remote().remote());
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
      take(book, owner.get(), holders);
    }
    return owner;
  }

  private void take(RunBook book, String owner, List<RemoteRoster.Entry> holders)
      throws RemoteException, IOException {
    guard.adopt(idOf(owner, holders.get(0).remote().name()));
    Optional<CatalogCopy> known = Optional.empty();
    for (RemoteRoster.Entry holder : holders) {
      known = known.or(() -> fetch(book, holder.remote().remote()));
    }
    try {
      for (RemoteRoster.Entry holder : holders) {
        new RemoteContact(holder.remote(), catalog, book, clock).adopt(holder.row(), known);
      }
    } finally {
      known.ifPresent(CatalogCopy::close);
      catalog.flush();
    }
    book.info("This store is %s from now on, whose files lie at the remotes".formatted(owner));
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

  /** Without a copy that can be read, the remotes are asked file by file. */
  private Optional<CatalogCopy> fetch(RunBook book, Remote remote) {
    Path folder = tree.stateFolder().resolve("backup");
    ObjectKey key = ObjectKey.own(Catalog.FILE_NAME);
    try {
      if (remote.find(key).isEmpty()) {
        return Optional.empty();
      }
      Files.createDirectories(folder);
      try (AtomicFile file = AtomicFile.begin(folder.resolve(Catalog.FILE_NAME));
          InputStream in = remote.open(key, 0, -1);
          OutputStream out = Channels.newOutputStream(file.channel())) {
        in.transferTo(out);
        file.commit();
      }
      return Optional.of(CatalogCopy.open(folder));
    } catch (IOException | RemoteException | CatalogException e) {
      book.warn(
          "The copy of the catalog at remote '%s' cannot be used (%s): its files are looked at"
                  .formatted(remote.name(), e.getMessage())
              + " one by one");
      return Optional.empty();
    }
  }
}
