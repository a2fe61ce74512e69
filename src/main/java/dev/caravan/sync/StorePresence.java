package dev.caravan.sync;

import dev.caravan.catalog.Catalog;
import dev.caravan.event.StorePath;
import dev.caravan.store.StoreMounts;
import dev.caravan.store.StoreTree;
import dev.caravan.sync.detect.MountMemory;
import dev.caravan.sync.detect.StoreGuard;
import dev.caravan.sync.plan.SyncHalt;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Says whether files that are not in the store may be somewhere else: on a disk that is away. */
public final class StorePresence {

  private final Catalog catalog;
  private final StoreTree tree;
  private final StoreGuard guard;
  private volatile @Nullable Look last;

  public StorePresence(Catalog catalog, StoreTree tree, StoreGuard guard) {
    this.catalog = catalog;
    this.tree = tree;
    this.guard = guard;
  }

  /** Why a file must not be written to the store; empty when it may. */
  public Optional<String> findRefusal(StorePath path) {
    Look look = last;
    if (look == null || look.isOld() || look.refuses(path)) {
      look = look();
      last = look;
    }
    if (look.refused().isPresent()) {
      return look.refused();
    }
    return look.refuses(path)
        ? Optional.of("The disk that holds %s is not mounted".formatted(path))
        : Optional.empty();
  }

  private Look look() {
    Optional<String> refused = guard.check(Optional.empty()).map(SyncHalt::message);
    Optional<MountMemory> mounts =
        refused.isPresent()
            ? Optional.empty()
            : Optional.of(new MountMemory(catalog, StoreMounts.of(tree), agreed -> false));
    return new Look(refused, mounts, System.nanoTime());
  }

  /**
   * What was found when it was looked last. A file takes longer to come than this is good for, and
   * to look anew for each of thousands takes a fifth of bringing them. A refusal is never kept.
   */
  private record Look(Optional<String> refused, Optional<MountMemory> mounts, long nanos) {

    private static final long GOOD_NANOS = 100_000_000;

    boolean isOld() {
      return System.nanoTime() - nanos > GOOD_NANOS;
    }

    boolean refuses(StorePath path) {
      return refused.isPresent() || mounts.filter(each -> each.isAway(path)).isPresent();
    }
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
