package dev.caravan.remote.rclone;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.rclone.rcd.HashType;
import dev.caravan.remote.rclone.rcd.Offer;
import dev.caravan.remote.rclone.rcd.Rclone;
import dev.caravan.remote.rclone.rcd.RcloneErrors;
import dev.caravan.remote.rclone.rcd.StoreSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Single commands on the files below the remote's root. Paths are rclone's, see {@link
 * RcloneNames}; what does not exist is told as {@code NO_SUCH_OBJECT} unless something else is
 * said.
 */
final class Storage {

  private final Rclone rclone;

  Storage(Rclone rclone) {
    this.rclone = rclone;
  }

  /** The answer to {@code operations/fsinfo}. */
  JsonNode describe() throws RemoteException {
    ObjectNode input = Rclone.JSON.createObjectNode().put("fs", Rclone.ROOT);
    try {
      return rclone.call("open it", "operations/fsinfo", input);
    } catch (RemoteException e) {
      // There is no object here that could be missing: it is the whole place.
      throw isAbsent(e)
          ? new RemoteException(Cause.NOT_THERE, String.valueOf(e.getMessage()), e)
          : e;
    }
  }

  /** The file; empty when there is none, or a folder. */
  Optional<Entry> find(String path, Optional<HashType> hashType) throws RemoteException {
    ObjectNode input = Rclone.atRoot(path);
    ObjectNode options = input.putObject("opt").put("filesOnly", true).put("noMimeType", true);
    if (hashType.isPresent()) {
      ArrayNode types = options.put("showHash", true).putArray("hashTypes");
      types.add(hashType.get().label());
    }
    return stat("look at", path, input)
        .map(item -> Entry.of(item, hashType))
        .filter(entry -> !entry.folder());
  }

  boolean isFolder(String path) throws RemoteException {
    ObjectNode input = Rclone.atRoot(path);
    input.putObject("opt").put("dirsOnly", true).put("noModTime", true);
    return stat("look at", path, input).filter(item -> item.path("IsDir").asBoolean()).isPresent();
  }

  private Optional<JsonNode> stat(String doing, String path, ObjectNode input)
      throws RemoteException {
    try {
      JsonNode item =
          rclone
              .call(doing + " " + RcloneErrors.shown(path), "operations/stat", input)
              .path("item");
      return item.isObject() ? Optional.of(item) : Optional.empty();
    } catch (RemoteException e) {
      if (isAbsent(e)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Deletes a file; false when there was none. */
  boolean delete(String path) throws RemoteException {
    try {
      rclone.call(
          "delete " + RcloneErrors.shown(path), "operations/deletefile", Rclone.atRoot(path));
      return true;
    } catch (RemoteException e) {
      if (!isAbsent(e)) {
        throw e;
      }
      return false;
    }
  }

  /** Deletes what may be there; why it cannot matters less than why we want to. */
  void tryDelete(String path) {
    try {
      delete(path);
    } catch (RemoteException e) {
      // The next probe, or the next sync of that file, tidies up.
    }
  }

  /**
   * Renames a file.
   *
   * @param blindly without looking whether something is there, which would be deleted first
   */
  void move(String from, String to, boolean blindly) throws RemoteException {
    String doing = "move " + RcloneErrors.shown(from) + " to " + RcloneErrors.shown(to);
    rclone.call(doing, "operations/movefile", fromTo(Rclone.ROOT, from, to, blindly));
  }

  /** Lets the storage copy a file by itself. */
  void copy(String from, String to, boolean blindly) throws RemoteException {
    String doing = "copy " + RcloneErrors.shown(from) + " to " + RcloneErrors.shown(to);
    rclone.call(doing, "operations/copyfile", fromTo(Rclone.ROOT, from, to, blindly));
  }

  /**
   * Sends what is offered; what stands there afterwards is the caller's to look at.
   *
   * @param group names this transfer in rclone's statistics
   */
  void send(Offer offer, StoreSource.Place from, String to, boolean blindly, String group)
      throws RemoteException {
    ObjectNode input = fromTo(from.remote(), from.path(), to, blindly).put("_group", group);
    rclone.transfer(
        "store " + RcloneErrors.shown(to),
        "operations/copyfile",
        input,
        () -> offer.movedBytes() + rclone.transferred(group));
  }

  /** The paths of all files or folders in a folder that has few; none when it is not there. */
  List<String> listNames(String folder, boolean files) throws RemoteException {
    ObjectNode input = Rclone.atRoot(folder);
    input
        .putObject("opt")
        .put(files ? "filesOnly" : "dirsOnly", true)
        .put("noModTime", true)
        .put("noMimeType", true);
    List<String> names = new ArrayList<>();
    try {
      JsonNode answer = rclone.call("list " + RcloneErrors.shown(folder), "operations/list", input);
      answer.path("list").forEach(item -> names.add(item.path("Path").asText()));
    } catch (RemoteException e) {
      if (!isAbsent(e)) {
        throw e;
      }
    }
    return names;
  }

  /** Removes a folder in which there are only folders. */
  void removeFolders(String folder) throws RemoteException {
    rclone.call("remove " + RcloneErrors.shown(folder), "operations/rmdirs", Rclone.atRoot(folder));
  }

  static boolean isAbsent(RemoteException e) {
    return e.reason() == Cause.NO_SUCH_OBJECT;
  }

  private static ObjectNode fromTo(String fs, String from, String to, boolean blindly) {
    ObjectNode input = Rclone.JSON.createObjectNode().put("srcFs", fs).put("srcRemote", from);
    input.put("dstFs", Rclone.ROOT).put("dstRemote", to);
    input.putObject("_config").put("NoCheckDest", blindly);
    return input;
  }
}
