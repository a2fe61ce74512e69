package dev.caravan.archive;

import dev.caravan.archive.carry.RemotePath;
import dev.caravan.archive.queue.QueueFile;
import dev.caravan.archive.queue.QueueRow;
import dev.caravan.catalog.sql.Session;
import dev.caravan.event.PathNames;
import dev.caravan.store.single.LocalFile;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Removes folders that the deletion of files left empty, where that is wanted. Only those folders
 * go that are named alike on both sides: what lies above them was not made for the archive.
 */
final class EmptyFolders {

  private final QueueFile file;
  private final String archive;
  private final Optional<Duration> after;

  /**
   * @param after how long they stay; empty for ever
   */
  EmptyFolders(QueueFile file, String archive, Optional<Duration> after) {
    this.file = file;
    this.archive = archive;
    this.after = after;
  }

  private record Noted(String folder, String top) {}

  /** Notes the folders of files that were deleted. */
  void note(Session session, List<QueueRow> removed, double now) {
    if (after.isEmpty()) {
      return;
    }
    Map<String, String> folders = new LinkedHashMap<>();
    for (QueueRow row : removed) {
      find(row).ifPresent(noted -> folders.put(noted.folder(), noted.top()));
    }
    folders.forEach(
        (folder, top) ->
            session
                .createUpdate(
                    """
                    INSERT INTO caravan_folder_v0 (archive_name, folder, top, since)
                    VALUES (:archive, :folder, :top, :now)
                    ON CONFLICT (archive_name, folder) DO UPDATE SET since = :now""")
                .bind("archive", archive)
                .bind("folder", folder)
                .bind("top", top)
                .bind("now", now)
                .execute());
  }

  private static Optional<Noted> find(QueueRow row) {
    List<String> local;
    List<String> remote;
    try {
      local = Arrays.asList(PathNames.textOf(LocalPaths.of(row.localPath())).split("/"));
      remote = Arrays.asList(RemotePath.plain(row.remotePath()).split("/"));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    int same = 0;
    while (same < local.size() - 1
        && same < remote.size()
        && local.get(local.size() - 1 - same).equals(remote.get(remote.size() - 1 - same))) {
      same++;
    }
    if (same < 2) {
      return Optional.empty();
    }
    return Optional.of(
        new Noted(
            String.join("/", local.subList(0, local.size() - 1)),
            String.join("/", local.subList(0, local.size() - same))));
  }

  /** Removes those that were noted long enough ago and are empty. */
  void sweep(double now) {
    if (after.isEmpty()) {
      return;
    }
    List<Noted> due =
        file.read(
            session ->
                session
                    .createQuery(
                        """
                        SELECT folder, top FROM caravan_folder_v0
                        WHERE archive_name = :archive AND since < :before
                        ORDER BY folder DESC LIMIT 1000""")
                    .bind("archive", archive)
                    .bind("before", now - after.get().toMillis() / 1000.0)
                    .map(row -> new Noted(row.getString(1), row.getString(2)))
                    .list());
    if (due.isEmpty()) {
      return;
    }
    due.forEach(EmptyFolders::remove);
    file.write(
        session -> {
          for (Noted each : due) {
            session
                .createUpdate(
                    """
                    DELETE FROM caravan_folder_v0
                    WHERE archive_name = :archive AND folder = :folder""")
                .bind("archive", archive)
                .bind("folder", each.folder())
                .execute();
          }
          return true;
        });
  }

  private static void remove(Noted noted) {
    Path top;
    Path folder;
    try {
      top = PathNames.resolve(Path.of("/"), noted.top().replaceFirst("^/+", ""));
      folder = PathNames.resolve(Path.of("/"), noted.folder().replaceFirst("^/+", ""));
    } catch (InvalidPathException e) {
      return; // It names no folder: the note goes, and nothing else.
    }
    while (folder != null
        && folder.startsWith(top)
        && !folder.equals(top)
        && LocalFile.removeEmptyFolder(folder)) {
      folder = folder.getParent();
    }
  }
}
