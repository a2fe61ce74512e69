package dev.caravan.lab;

import dev.caravan.event.WantedSums;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.snapshot.manifest.ManifestEntry;
import dev.caravan.snapshot.manifest.ManifestHeader;
import dev.caravan.snapshot.manifest.ManifestObject;
import dev.caravan.snapshot.manifest.ManifestWriter;
import dev.caravan.snapshot.tree.TreeEntry;
import dev.caravan.snapshot.tree.TreeWalk;
import dev.caravan.store.FileStat;
import dev.caravan.store.FileVersion;
import dev.caravan.store.Filters;
import dev.caravan.store.StoreTree;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;

/** A snapshot as a backup writes it, one file after the other, for what only reads them. */
public final class MadeSnapshot {

  private MadeSnapshot() {}

  /**
   * Writes one.
   *
   * @param folder with its slash; {@code ""} for a mirror
   */
  public static void of(Path source, Remote remote, String folder) throws Exception {
    StoreTree tree = new StoreTree(source, source.resolve(".caravan"), Clock.systemUTC());
    ManifestWriter manifest = writer();
    long problems = 0;
    try (TreeWalk walk = TreeWalk.open(tree, Filters.all())) {
      for (Optional<TreeEntry> next = walk.next(); next.isPresent(); next = walk.next()) {
        if (next.get() instanceof TreeEntry.Found found) {
          manifest.add(stored(tree, found, remote, folder));
        } else {
          problems++;
        }
      }
    }
    remote.put(ManifestObject.keyIn(folder), manifest.finish(problems));
  }

  /** An empty manifest. */
  public static ManifestWriter writer() {
    return new ManifestWriter(
        new ManifestHeader(Instant.parse("2026-11-21T03:28:00Z"), "/data", "a test"));
  }

  private static ManifestEntry stored(
      StoreTree tree, TreeEntry.Found found, Remote remote, String folder) throws Exception {
    if (found.kind() != FileStat.Kind.FILE) {
      return ManifestEntry.of(found, Optional.empty());
    }
    FileVersion version = FileVersion.read(tree, found.stat(), WantedSums.NONE);
    remote.put(new ObjectKey(folder + found.path().value()), version);
    return ManifestEntry.of(found, Optional.of(version.sha256()));
  }
}
