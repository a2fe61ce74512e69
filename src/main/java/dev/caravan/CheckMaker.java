package dev.caravan;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.turn.RunQueue;
import dev.caravan.check.Check;
import dev.caravan.check.CheckMeters;
import dev.caravan.check.CheckRemote;
import dev.caravan.check.CheckWorld;
import dev.caravan.config.StorageSettings;
import dev.caravan.event.Operation;
import dev.caravan.event.RunId;
import dev.caravan.event.StorePath;
import dev.caravan.restore.RestoreException;
import dev.caravan.restore.Restores;
import dev.caravan.store.Filters;
import dev.caravan.store.StoreTree;
import dev.caravan.sync.RemoteRoster;
import dev.caravan.sync.StorePresence;
import dev.caravan.sync.Sync;
import dev.caravan.sync.detect.StoreGuard;
import dev.caravan.sync.move.DeletionMover;
import dev.caravan.sync.move.MirroredRemote;
import dev.caravan.sync.move.Ownership;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Makes the check, and tells it what it needs to know of the other operations. */
record CheckMaker(StoreTree tree, StoreGuard guard, Sync sync, Restores restores) {

  Check make(Operations.World world, Filters filters, Supplier<RunId> ids, Clock clock) {
    Catalog catalog = world.state().catalog();
    CheckWorld parts =
        new CheckWorld(
            catalog,
            tree,
            filters::admits,
            () ->
                sync.roster().entries().stream()
                    .filter(entry -> entry.remote().hold() == MirroredRemote.Hold.NONE)
                    .map(entry -> remote(entry, world.settings().storage().deletes()))
                    .toList(),
            new StorePresence(catalog, tree, guard)::findAbsence,
            new Back(restores),
            new CheckWorld.Daily(world.settings().check(), new SecureRandom()));
    RunQueue queue = new RunQueue(Operation.CHECK, catalog, world.events(), ids, clock);
    return new Check(parts, queue, new CheckMeters(world.meters()), clock);
  }

  private CheckRemote remote(RemoteRoster.Entry entry, StorageSettings.Deletes deletes) {
    MirroredRemote mirrored = entry.remote();
    return new CheckRemote(
        entry.row().id(),
        mirrored.remote(),
        DeletionMover.isKeptAt(mirrored.remote(), deletes),
        () -> {
          mirrored.ensureProbed();
          Ownership.ensureOwner(mirrored.remote(), guard.storeId());
        });
  }

  private record Back(Restores restores) implements CheckWorld.Comeback {
    @Override
    public void bring(StorePath path) throws IOException {
      try {
        restores.begin(path, Optional.empty(), () -> false).join();
      } catch (CompletionException e) {
        throw new IOException(Restores.reasonOf(e).getMessage(), e);
      }
    }

    @Override
    public void fetch(FileRow row, String from, BooleanSupplier cancelled, Path to)
        throws IOException {
      try {
        restores.fetch(row, from, cancelled, to);
      } catch (RestoreException e) {
        throw new IOException(e.getMessage(), e);
      }
    }
  }
}
