package dev.caravan.archive;

import dev.caravan.archive.queue.QueueChanges;
import dev.caravan.archive.queue.QueueRow;
import dev.caravan.event.StorePath;
import dev.caravan.store.FileStat;
import dev.caravan.store.single.LocalFile;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends the deletion of a file whose process died: it is gone, or it is back. */
final class Recovery {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.archive");

  private Recovery() {}

  static void end(Archive archive, QueueRow row) throws IOException {
    LocalFile local = new LocalFile(LocalPaths.of(row.localPath()), archive.world().clock());
    Optional<QueueRow.Seen> seen = row.seen();
    if (seen.isPresent()) {
      try {
        local.recover(stat(seen.get()));
      } catch (IOException e) {
        LOG.warn("A deletion that was cut off cannot be ended: {}", e.getMessage());
        return;
      }
    }
    double now = archive.world().seconds();
    boolean there = local.isThere();
    archive
        .file()
        .write(
            session -> {
              if (there) {
                QueueChanges.recordBack(session, row, "A deletion was cut off; the file is back");
              } else {
                // It was on record that its copy had been proven before anything was touched.
                QueueChanges.recordRemoved(session, row, now, "Deleted: its copy was proven");
              }
              return there;
            });
  }

  private static FileStat stat(QueueRow.Seen seen) {
    return new FileStat(
        StorePath.of("any"),
        FileStat.Kind.FILE,
        seen.sizeBytes(),
        seen.modifiedNs(),
        seen.changedNs(),
        seen.inode(),
        0,
        0);
  }
}
