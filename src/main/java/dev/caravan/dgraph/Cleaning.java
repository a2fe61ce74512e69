package dev.caravan.dgraph;

import dev.caravan.catalog.export.ExportFileRow;
import dev.caravan.catalog.export.ExportRow;
import dev.caravan.dgraph.files.AlphaFolder;
import dev.caravan.event.StorePath;
import dev.caravan.event.WantedSums;
import dev.caravan.store.FileRemoval;
import dev.caravan.store.FileStat;
import dev.caravan.store.FileVersion;
import dev.caravan.store.folder.Folders;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes off the Alpha's disk what is proven to be elsewhere, and moves aside what failed. */
final class Cleaning {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.dgraph");

  private final Exports exports;
  private final ExportWorld world;
  private final FileRemoval removal;

  Cleaning(Exports exports) {
    this.exports = exports;
    this.world = exports.world();
    this.removal = new FileRemoval(world.tree());
  }

  /**
   * Removes exactly the files that were proven, and their folders where nothing else is in them.
   */
  void clean(ExportRun run) throws IOException {
    exports.fixedNames().ensureLatest(run.row());
    long id = run.row().id();
    for (ExportFileRow file : exports.files().list(id)) {
      if (file.state() == ExportFileRow.State.PROVEN) {
        remove(run, file);
      }
    }
    for (String name : exports.files().folders(id)) {
      Path folder = world.tree().pathOf(StorePath.of(name));
      if (!Folders.removeEmpty(folder)) {
        run.book().warn("%s stays: something is in it that was not proven".formatted(folder));
      }
    }
  }

  private void remove(ExportRun run, ExportFileRow file) throws IOException {
    FileStat meant = stat(file);
    removal.recover(meant);
    Optional<FileStat> now = world.tree().stat(meant.path());
    if (now.isPresent() && isProven(file, meant, now.get())) {
      meant = now.get();
    }
    FileRemoval.Outcome outcome = removal.remove(meant);
    switch (outcome) {
      case REMOVED, GONE ->
          exports.files().recordState(run.row().id(), file.path(), ExportFileRow.State.REMOVED);
      case CHANGED, KEPT_BESIDE ->
          run.book().warn("%s changed after it was sent; it stays".formatted(file.path()));
    }
  }

  /** A removal that was cut off changes nothing but the ctime: the bytes decide. */
  private boolean isProven(ExportFileRow file, FileStat meant, FileStat now) throws IOException {
    boolean isLike =
        now.sizeBytes() == meant.sizeBytes()
            && now.modifiedNs() == meant.modifiedNs()
            && now.inode() == meant.inode();
    return isLike
        && !now.isSameVersionAs(meant)
        && FileVersion.read(world.tree(), now, WantedSums.NONE).sha256().equals(file.sha256());
  }

  /** The file as it is on record. */
  static FileStat stat(ExportFileRow file) {
    return new FileStat(
        StorePath.of(file.path()),
        FileStat.Kind.FILE,
        file.sizeBytes(),
        file.modifiedNs(),
        file.changedNs(),
        file.inode(),
        file.device(),
        file.mode());
  }

  /**
   * What a failed export left is never sent. Where a folder for such is configured it goes there.
   */
  void quarantine(ExportRow row, List<AlphaFolder> folders) {
    Optional<Path> place = world.settings().quarantine();
    for (AlphaFolder each : folders) {
      Path folder = world.tree().pathOf(StorePath.of(each.name()));
      if (place.isEmpty()) {
        LOG.warn("Export {} failed; what it left stays in {}", row.id(), folder);
        continue;
      }
      try {
        Path to = Folders.moveInto(folder, place.get());
        LOG.warn("Export {} failed; what it left lies in {}", row.id(), to);
      } catch (IOException e) {
        LOG.warn(
            "Export {} failed; what it left stays in {}, for it cannot be moved to {}: {}",
            row.id(),
            folder,
            place.get(),
            e.toString());
      }
    }
  }
}
