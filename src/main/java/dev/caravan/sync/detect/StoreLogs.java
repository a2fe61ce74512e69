package dev.caravan.sync.detect;

import dev.caravan.event.StorePath;
import dev.caravan.store.StoreTree;
import dev.caravan.store.database.Databases;
import java.io.IOException;
import java.util.Optional;

/** Logs and journals of the databases in a store. */
public final class StoreLogs implements StoreDetector.LogFinder {

  private final Databases databases;

  public StoreLogs(StoreTree tree) {
    this.databases = new Databases(tree);
  }

  @Override
  public Optional<StorePath> databaseOf(StorePath path) {
    return databases.databaseOf(path);
  }

  @Override
  public boolean hasLog(StorePath database) {
    try {
      return databases.hasLog(database);
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public String stampOf(StorePath database) {
    try {
      return databases.stampOf(database);
    } catch (IOException e) {
      return "";
    }
  }
}
