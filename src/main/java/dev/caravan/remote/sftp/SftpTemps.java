package dev.caravan.remote.sftp;

import dev.caravan.event.ObjectContent;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.TempNames;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.sshd.sftp.client.SftpClient.CloseableHandle;
import org.apache.sshd.sftp.client.SftpClient.DirEntry;

/**
 * Keeps the temporary files of unfinished puts and clears away those that nobody will finish. Those
 * of big files are left for a day when a put was interrupted: the next one goes on with them.
 */
final class SftpTemps {

  /** Below this, sending again costs less than looking what is there. */
  static final long PART_FROM_BYTES = 16L << 20;

  /** Counted from the last write to it, by the server's clock. */
  private static final Duration PARTS_KEPT = Duration.ofDays(1);

  private final SftpPool pool;
  private final TempNames names;
  private final Clock clock;
  private final Set<String> live = ConcurrentHashMap.newKeySet();

  SftpTemps(SftpPool pool, TempNames names, Clock clock) {
    this.pool = pool;
    this.names = names;
    this.clock = clock;
  }

  /** The name of a file that only the caller writes to, until it calls {@link #end}. */
  String begin(ObjectKey key) {
    String name = names.next(key);
    live.add(name);
    return name;
  }

  /** As {@link #begin}, but what an earlier put left of this content may be there already. */
  String begin(ObjectKey key, ObjectContent content) {
    String part = TempNames.part(key, content);
    return content.sizeBytes() >= PART_FROM_BYTES && live.add(part) ? part : begin(key);
  }

  void end(String name) {
    live.remove(name);
  }

  /** Removes it, also when the thread was told to stop; never throws. */
  void remove(SftpPath temp) {
    boolean interrupted = Thread.interrupted();
    try {
      pool.use(
          line -> {
            line.remove(temp);
            return true;
          });
    } catch (RemoteException | IOException e) {
      // Why the put failed matters more; a later sweep removes it.
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Removes what is left of the key's puts in the folder. */
  void sweep(SftpLine line, SftpPath folder, ObjectKey key) throws SftpFailure {
    for (DirEntry entry : temps(line, folder)) {
      if (TempNames.isOf(key, entry.getFilename())) {
        removeQuietly(line, folder.child(entry.getFilename()));
      }
    }
  }

  /**
   * Removes what another process left when it died, but for what can be gone on with. One store has
   * one Caravan, and one remote one store.
   */
  void sweepOthers(SftpLine line, SftpPath folder) throws SftpFailure {
    Instant limit = clock.instant().minus(PARTS_KEPT);
    for (DirEntry entry : temps(line, folder)) {
      boolean kept =
          TempNames.isPart(entry.getFilename())
              && SftpStat.of(entry.getAttributes()).modifiedAt().isAfter(limit);
      if (!kept) {
        removeQuietly(line, folder.child(entry.getFilename()));
      }
    }
  }

  private List<DirEntry> temps(SftpLine line, SftpPath folder) throws SftpFailure {
    List<DirEntry> found = new ArrayList<>();
    CloseableHandle open = line.openFolder(folder);
    try {
      for (var some = line.readFolder(open); !some.isEmpty(); some = line.readFolder(open)) {
        for (DirEntry entry : some) {
          String name = entry.getFilename().replaceFirst("\\.old$", "");
          if (TempNames.isTemp(name) && !live.contains(name)) {
            found.add(entry);
          }
        }
      }
    } finally {
      line.close(open);
    }
    return found;
  }

  private static void removeQuietly(SftpLine line, SftpPath temp) throws SftpFailure {
    try {
      line.remove(temp);
    } catch (SftpFailure e) {
      if (!e.isAbsent()) {
        throw e;
      }
    }
  }
}
