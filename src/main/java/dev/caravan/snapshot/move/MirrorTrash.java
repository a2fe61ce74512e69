package dev.caravan.snapshot.move;

import dev.caravan.event.StorePath;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.Sha256;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The trash of a mirror: {@code .caravan/trash/<day>/<path>}. A path that is trashed twice on one
 * day gets {@code ~1}, {@code ~2} behind its name, so that nothing there is replaced. One too long
 * for that lies under its SHA-256.
 */
final class MirrorTrash {

  private static final String TRASH = ObjectKey.OWN + "trash/";
  private static final int BATCH = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger("caravan.datamover");

  private final Remote remote;

  MirrorTrash(Remote remote) {
    this.remote = remote;
  }

  /**
   * Moves files there.
   *
   * @return what failed, and why; it still lies at its place then
   */
  Map<ObjectKey, RemoteException> take(List<StorePath> paths, LocalDate today)
      throws RemoteException {
    Map<ObjectKey, ObjectKey> moves = new LinkedHashMap<>();
    for (StorePath path : paths) {
      moves.put(ObjectKey.of(path), free(nameOf(path, TRASH + today + "/")));
    }
    return remote.move(moves);
  }

  /** A path that fills a key has no room in the trash: its SHA-256 stands for it there. */
  private String nameOf(StorePath path, String day) {
    String name = day + path;
    if (remote.refusal(StorePath.of(name + "~999"), 0).isEmpty()) {
      return name;
    }
    byte[] hash = Sha256.of(path.value().getBytes(StandardCharsets.UTF_8));
    String hashed = day + HexFormat.of().formatHex(hash);
    LOG.info("{} goes to the trash as {}", path.value().replaceAll("\\p{Cntrl}", "?"), hashed);
    return hashed;
  }

  private ObjectKey free(String wanted) throws RemoteException {
    ObjectKey key = new ObjectKey(wanted);
    for (int again = 1; remote.find(key).isPresent(); again++) {
      key = new ObjectKey(wanted + "~" + again);
    }
    return key;
  }

  /** Empties the days before this one. */
  void expire(LocalDate oldest) throws RemoteException {
    List<ObjectKey> batch = new ArrayList<>(BATCH);
    remote.list(
        TRASH,
        stat -> {
          if (isBefore(stat.key().value().substring(TRASH.length()), oldest)) {
            batch.add(stat.key());
            if (batch.size() == BATCH) {
              delete(batch);
            }
          }
        });
    delete(batch);
  }

  private static boolean isBefore(String name, LocalDate oldest) {
    try {
      return LocalDate.parse(name.substring(0, Math.max(0, name.indexOf('/')))).isBefore(oldest);
    } catch (DateTimeException e) {
      return false;
    }
  }

  private void delete(List<ObjectKey> batch) throws RemoteException {
    Map<ObjectKey, RemoteException> failed =
        batch.isEmpty() ? Map.of() : remote.delete(List.copyOf(batch));
    batch.clear();
    if (!failed.isEmpty()) {
      throw failed.values().iterator().next();
    }
  }
}
