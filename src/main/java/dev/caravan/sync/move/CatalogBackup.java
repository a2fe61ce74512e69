package dev.caravan.sync.move;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.RemoteRow;
import dev.caravan.catalog.node.HeldTable;
import dev.caravan.event.StorePath;
import dev.caravan.event.WantedSums;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.store.FileStat;
import dev.caravan.store.FileVersion;
import dev.caravan.store.StoreTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;

/**
 * Puts a consistent copy of the catalog beside the files at a remote, so that a fresh machine knows
 * what was where. A big catalog is copied less often: a second's pause for each MiB.
 */
public final class CatalogBackup {

  private static final ObjectKey KEY = ObjectKey.own(Catalog.FILE_NAME);

  private final Catalog catalog;
  private final HeldTable held;
  private final Path stateFolder;
  private final Clock clock;

  public CatalogBackup(Catalog catalog, Path stateFolder, Clock clock) {
    this.catalog = catalog;
    this.held = new HeldTable(catalog);
    this.stateFolder = stateFolder;
    this.clock = clock;
  }

  public void put(Remote remote, RemoteRow row) throws RemoteException, IOException {
    if (!remote.keepsOwn()) {
      return;
    }
    if (!isDue(catalog, row, clock.millis())) {
      if (!held.isBackupOwed(row.id())) {
        catalog.commit(session -> held.recordBackupOwed(session, row.id(), true));
      }
      return;
    }
    Path folder = Files.createDirectories(stateFolder.resolve("backup"));
    Path copy = folder.resolve("catalog-" + remote.name());
    catalog.backup(copy);
    StoreTree tree = new StoreTree(folder, folder.resolve(".caravan"), clock);
    Optional<FileStat> stat = tree.stat(StorePath.of(copy.getFileName().toString()));
    if (stat.isPresent()) {
      WantedSums sums = remote.wantedSums(stat.get().sizeBytes());
      remote.put(KEY, FileVersion.read(tree, stat.get(), sums));
      catalog.commit(
          session -> {
            catalog.remotes().recordBackup(session, row.id(), clock.millis());
            held.recordBackupOwed(session, row.id(), false);
          });
    }
  }

  /** True when the last copy is old enough: a large catalog is not copied after every change. */
  public static boolean isDue(Catalog catalog, RemoteRow row, long nowMillis) {
    long pauseMillis = (catalog.sizeBytes() >> 20) * 1_000;
    return nowMillis - row.backupAtMillis() >= pauseMillis;
  }
}
