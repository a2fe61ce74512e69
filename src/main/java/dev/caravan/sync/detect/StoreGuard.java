package dev.caravan.sync.detect;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.HaltRow;
import dev.caravan.store.StoreMarker;
import dev.caravan.store.StoreTree;
import dev.caravan.sync.plan.SyncHalt;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;

/** Makes sure that the store that is looked at is the one the catalog speaks of. */
public final class StoreGuard {

  private static final String STORE_ID = "store_id";
  private static final String APPROVE = "caravan sync --accept-halt";

  private final StoreTree tree;
  private final Catalog catalog;
  private final Supplier<UUID> ids;

  public StoreGuard(StoreTree tree, Catalog catalog, Supplier<UUID> ids) {
    this.tree = tree;
    this.catalog = catalog;
    this.ids = ids;
  }

  /** This store's id; known once {@link #check} has passed. */
  public String storeId() {
    return catalog.findMeta(STORE_ID).orElse("");
  }

  /** Makes this folder the store of that id, whatever it was: it is empty. */
  public synchronized void adopt(UUID id) throws IOException {
    StoreMarker.replace(tree, id);
    record(id.toString());
  }

  /** Says why the store must not be worked on; makes the marker where there never was one. */
  public synchronized Optional<SyncHalt> check(Optional<HaltRow> approved) {
    if (!Files.isDirectory(tree.root())) {
      return halt(
          SyncHalt.Kind.STORE_MISSING,
          "The store %s is not there: is its disk mounted, is store.path right?"
              .formatted(tree.root()));
    }
    try {
      return checkMarker(approved);
    } catch (IOException e) {
      return halt(
          SyncHalt.Kind.MARKER_MISSING,
          "The marker of store %s cannot be read or written (%s): see to the state folder"
              .formatted(tree.root(), e.getMessage()));
    }
  }

  private Optional<SyncHalt> checkMarker(Optional<HaltRow> approved) throws IOException {
    Optional<StoreMarker> found = StoreMarker.read(tree);
    Optional<String> known = catalog.findMeta(STORE_ID);
    if (known.isEmpty()) {
      UUID id = found.map(StoreMarker::id).orElseGet(ids);
      if (found.isEmpty()) {
        StoreMarker.create(tree, id);
      }
      record(id.toString());
      return Optional.empty();
    }
    if (found.isEmpty()) {
      return missing(known.get(), approved);
    }
    String id = found.get().id().toString();
    Optional<String> elsewhere = found.get().disagreementWith(tree);
    if (id.equals(known.get()) && elsewhere.isEmpty()) {
      return Optional.empty();
    }
    if (isApproved(approved, SyncHalt.Kind.MARKER_FOREIGN)) {
      if (elsewhere.isPresent()) {
        StoreMarker.replace(tree, found.get().id());
      }
      record(id);
      return Optional.empty();
    }
    return halt(
        SyncHalt.Kind.MARKER_FOREIGN,
        "Store %s %s: is the right disk mounted? If the folder is right, approve: %s"
            .formatted(
                tree.root(),
                elsewhere.orElse(
                    "is marked as store %s, the catalog is of store %s".formatted(id, known.get())),
                APPROVE));
  }

  private Optional<SyncHalt> missing(String known, Optional<HaltRow> approved) throws IOException {
    if (isApproved(approved, SyncHalt.Kind.MARKER_MISSING)) {
      StoreMarker.create(tree, UUID.fromString(known));
      return Optional.empty();
    }
    return halt(
        SyncHalt.Kind.MARKER_MISSING,
        ("The marker of store %s is gone from %s: is the right disk mounted? If the folder is"
                + " right, approve: %s")
            .formatted(tree.root(), tree.stateFolder(), APPROVE));
  }

  private static boolean isApproved(Optional<HaltRow> approved, SyncHalt.Kind kind) {
    return approved.filter(row -> SyncHalt.isKind(row, kind)).isPresent();
  }

  private void record(String id) {
    catalog.commit(session -> catalog.recordMeta(session, STORE_ID, id));
  }

  private static Optional<SyncHalt> halt(SyncHalt.Kind kind, String message) {
    return Optional.of(new SyncHalt(kind, message));
  }
}
