package dev.caravan.restore;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.FileRow;
import dev.caravan.catalog.check.LocalTable;
import dev.caravan.catalog.restore.RestoreTable;
import dev.caravan.event.StorePath;
import dev.caravan.store.StoreTree;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Files that should be in the store and are not: lost, or deleted by an owner who now asks for
 * them. Those that a remote is known to hold are recorded as away, and come back as such.
 */
final class LostFiles {

  private static final int PAGE = 1_000;

  private final Catalog catalog;
  private final RestoreTable table;
  private final LocalTable files;
  private final StoreTree tree;
  private final Function<StorePath, Optional<String>> refusal;

  /**
   * @param refusal why nothing can be said of what the store lacks at this path
   */
  LostFiles(Catalog catalog, StoreTree tree, Function<StorePath, Optional<String>> refusal) {
    this.catalog = catalog;
    this.table = new RestoreTable(catalog);
    this.files = new LocalTable(catalog);
    this.tree = tree;
    this.refusal = refusal;
  }

  /** A file that is not there, and why it cannot be brought. */
  record Refused(StorePath path, String why) {}

  /**
   * Records the lost files at a path and below it as away.
   *
   * @param root a store path or {@code ""}
   * @return the first that must not be written; then no further one was looked for
   */
  Optional<Refused> recordAway(String root, BooleanSupplier cancelled) {
    Optional<StorePath> after = Optional.empty();
    while (!cancelled.getAsBoolean()) {
      List<FileRow> page = table.below(root, after, PAGE, true);
      if (page.isEmpty()) {
        break;
      }
      List<FileRow> lost = page.stream().filter(this::isLost).toList();
      for (FileRow row : lost) {
        Optional<String> refused = refusal.apply(row.path());
        if (refused.isPresent()) {
          return Optional.of(new Refused(row.path(), refused.get()));
        }
      }
      if (!lost.isEmpty()) {
        catalog.commit(
            session ->
                lost.forEach(
                    row -> files.recordLost(session, row.path(), row.sha256().orElseThrow())));
      }
      after = Optional.of(page.get(page.size() - 1).path());
    }
    return Optional.empty();
  }

  /** True when nothing lies there; what cannot be looked at is not lost. */
  private boolean isLost(FileRow row) {
    if (row.state() != FileRow.State.PRESENT || row.sha256().isEmpty()) {
      return false;
    }
    try {
      return tree.statAny(row.path()).isEmpty();
    } catch (IOException e) {
      return false;
    }
  }
}
