package dev.caravan.snapshot.move;

import dev.caravan.event.StorePath;
import dev.caravan.snapshot.manifest.EntriesAhead;
import dev.caravan.snapshot.manifest.ManifestEntry;
import dev.caravan.snapshot.tree.TreeEntry;
import dev.caravan.snapshot.tree.TreeWalk;
import dev.caravan.store.FileStat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Walks along the manifest of the last backup beside the source, and counts. For one thread. */
final class Comparison implements AutoCloseable {

  private final Optional<EntriesAhead> reader;
  private final List<StorePath> hidden = new ArrayList<>();
  private @Nullable ManifestEntry head;
  private long known;
  private long gone;

  Comparison(Optional<EntriesAhead> reader) throws IOException {
    this.reader = reader;
    advance();
  }

  /** Compares a whole source with the last backup. */
  static Survey survey(TreeWalk walk, Optional<EntriesAhead> before) throws IOException {
    try (Comparison comparison = new Comparison(before)) {
      return comparison.survey(walk);
    }
  }

  private Survey survey(TreeWalk walk) throws IOException {
    long files = 0;
    long bytes = 0;
    long changed = 0;
    long changedBytes = 0;
    long problems = 0;
    for (Optional<TreeEntry> next = walk.next(); next.isPresent(); next = walk.next()) {
      if (next.get() instanceof TreeEntry.Found found) {
        Optional<ManifestEntry> same = at(found);
        if (found.kind() == FileStat.Kind.FILE) {
          boolean differs = !StepPlanner.isUnchanged(found, same);
          files++;
          bytes += found.stat().sizeBytes();
          changed += differs ? 1 : 0;
          changedBytes += differs ? found.stat().sizeBytes() : 0;
        }
      } else {
        hide(next.get().path());
        problems++;
      }
    }
    pass(null);
    return new Survey(files, bytes, changed, changedBytes, known, gone, problems);
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

  @Override
  public void close() {
    reader.ifPresent(EntriesAhead::close);
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
