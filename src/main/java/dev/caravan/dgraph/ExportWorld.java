package dev.caravan.dgraph;

import dev.caravan.catalog.Catalog;
import dev.caravan.config.DgraphSettings;
import dev.caravan.dgraph.files.Vault;
import dev.caravan.event.EventBus;
import dev.caravan.event.RunId;
import dev.caravan.remote.UploadJournal;
import dev.caravan.store.StoreTree;
import java.time.Clock;
import java.util.function.Supplier;

/**
 * What the exports are followed with.
 *
 * @param tree of the folder that the Alpha exports to
 * @param vault where their files go
 * @param parts the record by which uploads are gone on with
 * @param ids names runs
 */
public record ExportWorld(
    DgraphSettings settings,
    Catalog catalog,
    StoreTree tree,
    Vault vault,
    UploadJournal.Parts parts,
    EventBus events,
    ExportMeters meters,
    Supplier<RunId> ids,
    Clock clock) {}
