package dev.caravan.remote.rclone;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.rclone.rcd.Rclone;
import dev.caravan.remote.rclone.rcd.RcloneErrors;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * Walks the objects whose keys begin with a prefix, folder by folder, so that nobody, neither we
 * nor rclone, ever holds more than one folder; all at once where a storage does not show folders
 * that hold nothing but folders. Temporary files are no objects.
 */
final class FolderWalk {

  private final Rclone rclone;

  FolderWalk(Rclone rclone) {
    this.rclone = rclone;
  }

  /**
   * Visits them.
   *
   * @return false when a folder vanished meanwhile, or there is none of the prefix
   * @throws RemoteException also when the root is not there
   */
  boolean visit(String prefix, Abilities abilities, Remote.Visitor each) throws RemoteException {
    boolean complete = true;
    Deque<String> folders = new ArrayDeque<>();
    folders.push(prefix.substring(0, prefix.lastIndexOf('/') + 1));
    while (!folders.isEmpty()) {
      String folder = folders.pop();
      try {
        list(folder, prefix, abilities, each, folders);
      } catch (RemoteException e) {
        // Below the root, a folder may vanish before its turn comes; its files went before it.
        if (folder.isEmpty() || !Storage.isAbsent(e)) {
          throw e;
        }
        complete = false;
      }
    }
    return complete;
  }

  private void list(
      String folder, String prefix, Abilities abilities, Remote.Visitor each, Deque<String> folders)
      throws RemoteException {
    String path =
        folder.isEmpty() ? "" : RcloneNames.toRclone(folder.substring(0, folder.length() - 1));
    ObjectNode input = Rclone.atRoot(path);
    boolean recurse = !abilities.tried().listsFolders();
    input.putObject("opt").put("noMimeType", true).put("recurse", recurse);
    // In an object store, the file's own time would cost a question for each.
    input.putObject("_config").put("UseServerModTime", abilities.objectStore());
    String doing = "list " + RcloneErrors.shown(folder);
    try (InputStream body = rclone.stream(doing, "operations/list", input);
        JsonParser parser = Rclone.JSON.createParser(body)) {
      while (parser.nextToken() != JsonToken.START_ARRAY) {
        if (parser.currentToken() == null) {
          throw rclone.errors().of(doing, 0, "the answer has no list");
        }
      }
      while (parser.nextToken() == JsonToken.START_OBJECT) {
        JsonNode item = parser.readValueAsTree();
        Entry entry = Entry.of(item, Optional.empty());
        if (!entry.folder() || !recurse) {
          look(prefix, entry, each, folders);
        }
      }
    } catch (IOException e) {
      throw rclone.broken(doing, e);
    }
  }

  private static void look(String prefix, Entry entry, Remote.Visitor each, Deque<String> folders)
      throws RemoteException {
    Optional<String> known = RcloneNames.fromRclone(entry.path());
    if (known.isEmpty() || (known.get() + "/").startsWith(Temps.FOLDER + "/")) {
      return; // No file of a store can have this name, or it is no object.
    }
    String key = known.get();
    boolean matches = key.startsWith(prefix);
    boolean leadsThere = prefix.startsWith(key + "/");
    if (entry.folder() && (matches || leadsThere)) {
      folders.push(key + "/");
    } else if (!entry.folder() && matches) {
      each.visit(
          new ObjectStat(
              new ObjectKey(key),
              entry.sizeBytes(),
              entry.modifiedAt(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty()));
    }
  }
}
