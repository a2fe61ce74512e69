package dev.caravan.sync;

import dev.caravan.catalog.Catalog;
import dev.caravan.event.StorePath;
import dev.caravan.store.StoreMounts;
import dev.caravan.store.StoreTree;
import dev.caravan.sync.detect.MountMemory;
import dev.caravan.sync.detect.StoreGuard;
import dev.caravan.sync.plan.SyncHalt;
import java.util.Optional;

/** Says whether files that are not in the store may be somewhere else: on a disk that is away. */
public final class StorePresence {

  private final Catalog catalog;
  private final StoreTree tree;
  private final StoreGuard guard;

  public StorePresence(Catalog catalog, StoreTree tree, StoreGuard guard) {
    this.catalog = catalog;
    this.tree = tree;
    this.guard = guard;
  }

  /** Why a file must not be written to the store; empty when it may. */
  public Optional<String> findRefusal(StorePath path) {
    Optional<String> refused = guard.check(Optional.empty()).map(SyncHalt::message);
    if (refused.isPresent()) {
      return refused;
    }
    boolean away = new MountMemory(catalog, StoreMounts.of(tree), agreed -> false).isAway(path);
    return away
        ? Optional.of("The disk that holds %s is not mounted".formatted(path))
        : Optional.empty();
  }

  /** Why nothing can be said of what the store lacks; empty when all of it is there. */
  public Optional<String> findAbsence() {
    if (guard.storeId().isEmpty()) {
      return Optional.of("no sync has looked at it yet: run caravan sync first");
    }
    return guard
        .check(Optional.empty())
        .or(() -> new MountMemory(catalog, StoreMounts.of(tree), agreed -> false).halt())
        .map(SyncHalt::message);
  }
}
