package dev.caravan;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.CatalogException;
import dev.caravan.cli.Engine.CommandFailure;
import dev.caravan.config.StoreSettings;
import dev.caravan.event.Causes;
import dev.caravan.store.AtomicFile;
import dev.caravan.store.StoreLock;
import dev.caravan.store.StoreTree;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The state folder, opened: the lock that keeps two Caravans apart, and the catalog. */
final class StateFolder implements AutoCloseable {

  private static final String ADDRESS = "address";
  private static final Logger LOG = LoggerFactory.getLogger("caravan");
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss").withZone(ZoneOffset.UTC);

  private final Path folder;
  private final StoreTree tree;
  private final Optional<StoreLock> lock;
  private final Catalog catalog;

  private StateFolder(Path folder, StoreTree tree, Optional<StoreLock> lock, Catalog catalog) {
    this.folder = folder;
    this.tree = tree;
    this.lock = lock;
    this.catalog = catalog;
  }

  /**
   * Opens the state folder to work in it, alone.
   *
   * @throws CommandFailure when it cannot be; the message is for the operator
   */
  static StateFolder open(StoreSettings store, Clock clock) throws CommandFailure {
    prepareStore(store);
    Path folder = store.stateFolder();
    try {
      Files.createDirectories(folder);
      StoreLock lock = StoreLock.acquire(folder);
      StoreTree tree = new StoreTree(store.path(), folder, clock);
      return new StateFolder(folder, tree, Optional.of(lock), openCatalog(folder, clock));
    } catch (StoreLock.HeldException e) {
      throw new CommandFailure(1, String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new CommandFailure(
          1,
          ("The state folder %s cannot be used (%s): make it writable, or set store.state to"
                  + " another folder")
              .formatted(folder, cause(e)),
          e);
    }
  }

  /** Opens the state folder to read it beside a running daemon; empty when there is none. */
  static Optional<StateFolder> peek(StoreSettings store, Clock clock) throws CommandFailure {
    Path folder = store.stateFolder();
    if (!Files.isRegularFile(folder.resolve(Catalog.FILE_NAME))) {
      return Optional.empty();
    }
    try {
      StoreTree tree = new StoreTree(store.path(), folder, clock);
      return Optional.of(new StateFolder(folder, tree, Optional.empty(), Catalog.open(folder)));
    } catch (CatalogException e) {
      throw new CommandFailure(1, String.valueOf(e.getMessage()), e);
    }
  }

  private static void prepareStore(StoreSettings store) throws CommandFailure {
    Path path = store.path();
    try {
      if (store.create()) {
        Files.createDirectories(path);
      }
    } catch (IOException e) {
      throw new CommandFailure(1, "The store %s cannot be made (%s)".formatted(path, cause(e)), e);
    }
    if (!Files.exists(path)) {
      throw new CommandFailure(
          4,
          ("The store %s is not there: is its disk mounted, is store.path right? Nothing was"
                  + " touched")
              .formatted(path),
          null);
    }
    if (!Files.isDirectory(path)) {
      throw new CommandFailure(
          1, "The store %s is not a folder: set store.path to one".formatted(path), null);
    }
  }

  /** A damaged catalog is set aside; the next cycle rebuilds it and deletes nothing. */
  private static Catalog openCatalog(Path folder, Clock clock) throws IOException, CommandFailure {
    try {
      return Catalog.open(folder);
    } catch (CatalogException e) {
      if (e.fault() != CatalogException.Fault.CORRUPT) {
        throw new CommandFailure(1, String.valueOf(e.getMessage()), e);
      }
      Catalog.setAside(folder, STAMP.format(clock.instant()));
      LOG.warn(
          "{}; it was set aside and is rebuilt from the store and the remotes", e.getMessage());
      return Catalog.open(folder);
    }
  }

  private static String cause(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof NoSuchFileException) {
      return "no such folder";
    }
    return Causes.textOf(e);
  }

  Catalog catalog() {
    return catalog;
  }

  StoreTree tree() {
    return tree;
  }

  /** Lets commands find the daemon. */
  void publish(DaemonAddress address) throws IOException {
    AtomicFile.write(
        folder.resolve(ADDRESS),
        (address.url() + " " + address.instance() + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Where a daemon serves HTTP.
   *
   * @param instance names one process, so that another at the same address is not taken for it
   */
  record DaemonAddress(String url, String instance) {}

  /** Where the daemon that works on this store serves HTTP, or did last. */
  static Optional<DaemonAddress> findAddress(StoreSettings store) {
    try {
      String[] words =
          Files.readString(store.stateFolder().resolve(ADDRESS)).strip().split(" ", -1);
      return words.length == 2
          ? Optional.of(new DaemonAddress(words[0], words[1]))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    catalog.close();
    if (lock.isPresent()) {
      try {
        lock.get().close();
      } catch (IOException e) {
        LOG.warn("The lock of {} could not be given back: {}", folder, cause(e));
      }
    }
  }
}
