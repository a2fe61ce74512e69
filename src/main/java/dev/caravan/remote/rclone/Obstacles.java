package dev.caravan.remote.rclone;

import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Clears what is in the way of a key, where a file and a folder cannot have the same name.
 *
 * <p>When the owner replaced a file by a folder, or the other way round, the old object is still
 * there when the new one arrives; it is moved aside to {@code .caravan/trash/<date>/<key>} (or
 * {@code …~1}, if that is taken), never overwritten, and the key it had answers as absent.
 */
final class Obstacles {

  private final Storage storage;
  private final FolderWalk walk;
  private final Clock clock;

  Obstacles(Storage storage, FolderWalk walk, Clock clock) {
    this.storage = storage;
    this.walk = walk;
    this.clock = clock;
  }

  /**
   * Moves aside the files above a key, and the folder under its name.
   *
   * @return false when nothing was in the way
   */
  synchronized boolean clear(String key, Abilities abilities) throws RemoteException {
    boolean cleared = false;
    for (int slash = key.indexOf('/'); slash >= 0; slash = key.indexOf('/', slash + 1)) {
      String above = key.substring(0, slash);
      if (storage.find(RcloneNames.toRclone(above), Optional.empty()).isPresent()) {
        move(above, aside(above));
        cleared = true;
      }
    }
    String path = RcloneNames.toRclone(key);
    if (storage.isFolder(path)) {
      List<String> below = new ArrayList<>();
      walk.visit(key + "/", abilities, stat -> below.add(stat.key().value()));
      String aside = aside(key);
      for (String each : below) {
        move(each, aside + each.substring(key.length()));
      }
      storage.removeFolders(path);
      cleared = true;
    }
    return cleared;
  }

  /** A key in the trash that nothing has yet, neither a file nor a folder. */
  private String aside(String key) throws RemoteException {
    String trash = ObjectKey.OWN + "trash/";
    String date = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC).toString();
    String wanted = key.startsWith(ObjectKey.OWN) ? key : trash + date + "/" + key;
    String aside = wanted;
    for (int n = 1; isTaken(aside); n++) {
      aside = wanted + "~" + n;
    }
    return aside;
  }

  private void move(String from, String to) throws RemoteException {
    storage.move(RcloneNames.toRclone(from), RcloneNames.toRclone(to), false);
  }

  private boolean isTaken(String key) throws RemoteException {
    String path = RcloneNames.toRclone(key);
    return storage.find(path, Optional.empty()).isPresent() || storage.isFolder(path);
  }
}
