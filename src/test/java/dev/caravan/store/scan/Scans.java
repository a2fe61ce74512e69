package dev.caravan.store.scan;

import dev.caravan.store.Filters;
import dev.caravan.store.StoreTree;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Takes whole scans. */
final class Scans {
  private Scans() {}

  static List<ScanEntry> entries(StoreTree tree) {
    return entries(tree, Filters.all());
  }

  static List<ScanEntry> entries(StoreTree tree, Filters filters) {
    try (StoreCursor cursor = new StoreScan(tree, filters).open()) {
      return rest(cursor);
    }
  }

  static List<ScanEntry> rest(StoreCursor cursor) {
    List<ScanEntry> all = new ArrayList<>();
    for (Optional<ScanEntry> e = cursor.next(); e.isPresent(); e = cursor.next()) {
      all.add(e.get());
    }
    return all;
  }

  static List<String> paths(List<ScanEntry> entries) {
    return entries.stream().map(entry -> entry.path().value()).toList();
  }

  static long count(StoreTree tree) {
    long count = 0;
    try (StoreCursor cursor = new StoreScan(tree, Filters.all()).open()) {
      while (cursor.next().isPresent()) {
        count++;
      }
    }
    return count;
  }
}
