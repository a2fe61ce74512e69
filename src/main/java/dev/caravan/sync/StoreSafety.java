package dev.caravan.sync;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.HaltRow;
import dev.caravan.sync.detect.StoreGuard;
import dev.caravan.sync.plan.SyncHalt;
import java.util.Optional;

/**
 * Says whether files may be taken from the store at this moment. An approval does not help here: it
 * is for the next sync, which looks at everything first.
 */
public final class StoreSafety {

  private final Catalog catalog;
  private final StoreGuard guard;

  public StoreSafety(Catalog catalog, StoreGuard guard) {
    this.catalog = catalog;
    this.guard = guard;
  }

  /** Why the store must be left alone; empty when nothing speaks against it. */
  public Optional<String> findRefusal() {
    Optional<HaltRow> open = catalog.halts().findOpen();
    if (open.isPresent()) {
      return open.map(halt -> "A halt waits, so no file leaves the disk: " + halt.message());
    }
    if (guard.storeId().isEmpty()) {
      return Optional.of(
          "No sync has looked at this store yet, so nothing is proven: run caravan sync first");
    }
    return guard.check(Optional.empty()).map(SyncHalt::message);
  }
}
