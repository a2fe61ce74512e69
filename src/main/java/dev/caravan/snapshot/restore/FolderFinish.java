package dev.caravan.snapshot.restore;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.caravan.snapshot.manifest.ManifestEntry;
import dev.caravan.snapshot.manifest.ManifestObject;
import dev.caravan.snapshot.manifest.ManifestReader;
import dev.caravan.store.AtomicFile;
import dev.caravan.store.StoreTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * Brings folders to disk and gives them their owners, permissions and times once all is in them. A
 * folder comes after those below it: its permissions may keep us out.
 */
final class FolderFinish {

  private final StoreTree tree;
  private final RestoreReport report;
  private final Deque<ManifestEntry> open = new ArrayDeque<>();

  FolderFinish(StoreTree tree, RestoreReport report) {
    this.tree = tree;
    this.report = report;
  }

  void run(ManifestObject manifest, Selection selection) throws IOException {
    try (ManifestReader reader = manifest.open()) {
      for (Optional<ManifestEntry> next = reader.next(); next.isPresent(); next = reader.next()) {
        ManifestEntry entry = next.get();
        if (entry.isFolder() && selection.needs(entry.path())) {
          while (!open.isEmpty() && !entry.path().isWithin(open.getFirst().path().value())) {
            finish(open.pop(), selection);
          }
          open.push(entry);
        }
      }
    }
    while (!open.isEmpty()) {
      finish(open.pop(), selection);
    }
    AtomicFile.force(tree.root());
  }

  private void finish(ManifestEntry entry, Selection selection) {
    try {
      Path folder = tree.makeFoldersFor(entry.path());
      if (!Files.isDirectory(folder, NOFOLLOW_LINKS)) {
        // It is on the report already.
        return;
      }
      AtomicFile.force(folder);
      if (selection.finishes(entry.path())) {
        report.folder(entry.path().value(), Wanted.attributesOf(entry).giveTo(folder));
      }
    } catch (IOException e) {
      report.problem(entry.path().value(), DiskFaults.causeOf(e));
    }
  }
}
