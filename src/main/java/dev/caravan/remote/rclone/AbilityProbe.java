package dev.caravan.remote.rclone;

import com.fasterxml.jackson.databind.JsonNode;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.TextContent;
import dev.caravan.remote.rclone.Abilities.Tried;
import dev.caravan.remote.rclone.rcd.Offer;
import dev.caravan.remote.rclone.rcd.Rclone;
import dev.caravan.remote.rclone.rcd.StoreSource;
import java.io.IOException;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * Finds out what the storage can do: asks rclone, and tries what rclone does not tell, with files
 * of a byte or two in Caravan's own folder. That it can be written to is shown by the way.
 */
final class AbilityProbe {

  /** More than any name in a store has. */
  private static final int LONGEST_NAME = 255;

  /** More than most paths have, and with it a path that object stores still take. */
  private static final int DEEPEST = 400;

  private static final String FOLDER_ABOVE = ".caravan";

  private final Rclone rclone;
  private final Storage storage;
  private final Temps temps;

  AbilityProbe(Rclone rclone, Storage storage, Temps temps) {
    this.rclone = rclone;
    this.storage = storage;
    this.temps = temps;
  }

  /** Asks and tries everything. */
  Abilities find() throws RemoteException, IOException {
    JsonNode said = storage.describe();
    Abilities abilities = Abilities.of(said, Tried.NOT_YET);
    String one = temps.begin("one");
    String two = temps.begin("two");
    try {
      send("1", one);
      send("22", two);
      boolean replaces = abilities.isStaged() && replaces(one, two);
      return Abilities.of(
          said,
          new Tried(
              replaces,
              displaces(two),
              listsFolders(),
              controls(),
              most(LONGEST_NAME, length -> "n".repeat(length)),
              most(DEEPEST, depth -> "d/".repeat(depth) + "d")));
    } finally {
      storage.tryDelete(one);
      storage.tryDelete(two);
      temps.end(one);
      temps.end(two);
    }
  }

  /** Looks whether it still takes a file. */
  void tryWriting() throws RemoteException, IOException {
    String temp = temps.begin("probe");
    try {
      send("1", temp);
    } finally {
      storage.tryDelete(temp);
      temps.end(temp);
    }
  }

  private void send(String text, String path) throws RemoteException, IOException {
    Offer offer = new Offer("of a probe", new TextContent(text), Optional.empty());
    StoreSource.Place offered = rclone.source().add(offer);
    try {
      storage.send(offer, offered, path, true, "caravan-probe");
    } finally {
      rclone.source().remove(offered);
    }
  }

  /** Some storages refuse, and some then hold two files of one name. */
  private boolean replaces(String one, String two) throws RemoteException {
    try {
      storage.move(one, two, true);
    } catch (RemoteException e) {
      return false;
    }
    boolean replaced =
        storage.find(two, Optional.empty()).filter(entry -> entry.sizeBytes() == 1).isPresent();
    storage.delete(two);
    boolean alone = storage.find(two, Optional.empty()).isEmpty();
    if (!alone) {
      storage.delete(two);
    }
    return replaced && alone;
  }

  private boolean displaces(String path) throws RemoteException, IOException {
    String below = path + "/below";
    try {
      send("22", path);
      send("1", below);
      return storage.find(path, Optional.empty()).isEmpty()
          || storage.find(below, Optional.empty()).isEmpty();
    } catch (RemoteException e) {
      return true;
    } finally {
      removeFolder(path, below);
    }
  }

  private void removeFolder(String path, String below) {
    storage.tryDelete(below);
    try {
      if (storage.isFolder(path)) {
        storage.removeFolders(path);
      }
    } catch (RemoteException e) {
      // An empty folder is left, which holds nothing and is in nobody's way.
    }
  }

  /** The folder of temporary files holds one now, and is itself in a folder. */
  private boolean listsFolders() throws RemoteException {
    return storage.listNames(FOLDER_ABOVE, false).contains(Temps.FOLDER);
  }

  /** A server that answers with XML must write the name into it that was asked for. */
  private boolean controls() throws RemoteException {
    try {
      storage.listNames(Temps.FOLDER + "/" + RcloneNames.toRclone("\u0001"), true);
      return true;
    } catch (RemoteException e) {
      ensureNoOtherReason(e);
      return false;
    }
  }

  /** The longest that can be looked for; what cannot be is an error then, not an absence. */
  private int most(int enough, IntFunction<String> name) throws RemoteException {
    if (isPossible(name.apply(enough))) {
      return Abilities.NO_LIMIT;
    }
    int known = 0;
    for (int impossible = enough; known + 1 < impossible; ) {
      int next = (known + impossible) / 2;
      if (isPossible(name.apply(next))) {
        known = next;
      } else {
        impossible = next;
      }
    }
    return known == 0 ? Abilities.NO_LIMIT : known;
  }

  private boolean isPossible(String name) throws RemoteException {
    try {
      storage.find(Temps.FOLDER + "/" + name, Optional.empty());
      return true;
    } catch (RemoteException e) {
      ensureNoOtherReason(e);
      return false;
    }
  }

  private static void ensureNoOtherReason(RemoteException e) throws RemoteException {
    if (e.reason().isTransient() || e.reason().concernsWholeRemote()) {
      throw e;
    }
  }
}
