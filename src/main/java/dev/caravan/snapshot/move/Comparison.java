package dev.caravan.snapshot.move;

import dev.caravan.event.StorePath;
import dev.caravan.snapshot.manifest.ManifestEntry;
import dev.caravan.snapshot.manifest.ManifestReader;
import dev.caravan.snapshot.tree.TreeEntry;
import dev.caravan.store.FileStat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Walks along the manifest of the last backup beside the source, and counts. For one thread. */
final class Comparison {

  private final Optional<ManifestReader> reader;
  private final List<StorePath> hidden = new ArrayList<>();
  private @Nullable ManifestEntry head;
  private long known;
  private long gone;

  Comparison(Optional<ManifestReader> reader) throws IOException {
    this.reader = reader;
    advance();
  }

  /** What the last backup had under this name. */
  Optional<ManifestEntry> at(TreeEntry.Found found) throws IOException {
    String path = found.path().value();
    String key = found.kind() == FileStat.Kind.FOLDER ? path + "/" : path;
    pass(key);
    ManifestEntry same = head;
    if (same != null && orderKey(same).equals(key)) {
      known += same.isFile() ? 1 : 0;
      advance();
      return Optional.of(same);
    }
    return Optional.empty();
  }

  /** What lies at or below this path is unknown, and not gone. */
  void hide(StorePath path) throws IOException {
    pass(path.value());
    hidden.add(path);
  }

  void end() throws IOException {
    pass(null);
    if (reader.isPresent()) {
      reader.get().close();
    }
  }

  /** Files of the last backup. */
  long known() {
    return known;
  }

  /** Those of them that are not there any more. */
  long gone() {
    return gone;
  }

  private void pass(@Nullable String key) throws IOException {
    ManifestEntry each = head;
    while (each != null && (key == null || StorePath.compareUtf8(orderKey(each), key) < 0)) {
      if (each.isFile()) {
        StorePath path = each.path();
        known++;
        gone += hidden.stream().anyMatch(h -> path.isWithin(h.value())) ? 0 : 1;
      }
      advance();
      each = head;
    }
  }

  private void advance() throws IOException {
    head = reader.isPresent() ? reader.get().next().orElse(null) : null;
  }

  private static String orderKey(ManifestEntry entry) {
    return entry.isFolder() ? entry.path().value() + "/" : entry.path().value();
  }
}
