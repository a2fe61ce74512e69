package dev.caravan.sync;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.RunBook;
import dev.caravan.config.Settings;
import dev.caravan.event.StorePath;
import dev.caravan.event.Trigger;
import dev.caravan.remote.Remote;
import dev.caravan.store.StoreTree;
import dev.caravan.store.database.Databases;
import dev.caravan.sync.plan.SyncPolicy;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/**
 * What all parts of one cycle share.
 *
 * @param admits whether the filters admit a file
 * @param begunMillis when the cycle began
 * @param again set when the store has to be looked at again soon
 * @param noted takes note of a file that has to be looked at again, and of when it changed; false
 *     where only a look at the whole store helps
 */
record SyncContext(
    Settings settings,
    Catalog catalog,
    StoreTree tree,
    Predicate<StorePath> admits,
    RunBook book,
    Trigger trigger,
    boolean dryRun,
    long begunMillis,
    RetryTimes fileRetries,
    RetryTimes remoteRetries,
    Clock clock,
    AtomicBoolean again,
    BiPredicate<StorePath, Instant> noted,
    SyncMeters meters) {

  private static final int PERMISSIONS = 07777;

  /** A person asked: what failed before is tried again at once. */
  boolean isManual() {
    return trigger == Trigger.MANUAL;
  }

  /** The rules that a remote's plan is made by. */
  SyncPolicy policy(Remote remote) {
    return new SyncPolicy(
        admits,
        settings.store().settle(),
        remote::refusal,
        file -> unkept(remote, file),
        isManual());
  }

  private static List<String> unkept(Remote remote, FileRow file) {
    OptionalInt permissions = OptionalInt.of(file.mode() & PERMISSIONS);
    return remote.unkept(new Remote.Traits(permissions, file.owner()), file.modifiedNs());
  }

  /** True when what a database holds is not in its file alone. */
  boolean hasLog(StorePath path) {
    try {
      return new Databases(tree).hasLog(path);
    } catch (IOException e) {
      return false;
    }
  }

  void lookAgain() {
    again.set(true);
  }

  /** This file has to be looked at again once it has been quiet. */
  void lookAgain(StorePath path, Instant changedAt) {
    if (!noted.test(path, changedAt)) {
      lookAgain();
    }
  }
}
