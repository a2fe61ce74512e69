package dev.caravan.remote.sftp;

import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.TempNames;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;
import org.apache.sshd.sftp.client.SftpClient.Attribute;
import org.apache.sshd.sftp.client.SftpClient.CloseableHandle;
import org.apache.sshd.sftp.client.SftpClient.DirEntry;

/**
 * Walks the objects whose keys begin with a prefix, holding one open folder per level and as many
 * of its names as the server sends at once. Passes over temporary files, links and special files,
 * which are no objects.
 */
final class SftpListing {

  private final SftpLine line;
  private final String prefix;
  private final Remote.Visitor each;
  private final Deque<Level> levels = new ArrayDeque<>();

  /** An open folder and what was read of it and not looked at yet. */
  private static final class Level {
    final SftpPath path;
    final String key;
    final CloseableHandle open;
    Iterator<DirEntry> entries = Collections.emptyIterator();

    Level(SftpPath path, String key, CloseableHandle open) {
      this.path = path;
      this.key = key;
      this.open = open;
    }
  }

  SftpListing(SftpLine line, String prefix, Remote.Visitor each) {
    this.line = line;
    this.prefix = prefix;
    this.each = each;
  }

  /**
   * Visits all objects below a folder that match.
   *
   * @param key of the folder, with a slash at its end, or {@code ""}
   */
  void walk(SftpPath folder, String key) throws RemoteException, SftpFailure {
    try {
      enter(folder, key);
      while (!levels.isEmpty()) {
        Level level = levels.element();
        if (level.entries.hasNext()) {
          look(level, level.entries.next());
        } else if (!readOn(level)) {
          line.close(levels.remove().open);
        }
      }
    } finally {
      if (!levels.isEmpty()) {
        line.retire(); // The server closes with it what is still open.
      }
    }
  }

  private boolean readOn(Level level) throws SftpFailure {
    try {
      level.entries = line.readFolder(level.open).iterator();
      return level.entries.hasNext();
    } catch (SftpFailure e) {
      if (e.isAbsent()) {
        return false; // Removed while we were on the way.
      }
      throw e;
    }
  }

  private void look(Level level, DirEntry entry) throws RemoteException, SftpFailure {
    String wireName = entry.getFilename();
    if (wireName.equals(".") || wireName.equals("..")) {
      return;
    }
    String name = SftpPath.textOf(wireName);
    String key = level.key + name;
    boolean matches = key.startsWith(prefix);
    boolean leadsThere = prefix.startsWith(key + "/");
    boolean ours = TempNames.isTemp(name) || key.equals(TempNames.FOLDER);
    if ((!matches && !leadsThere) || ours) {
      return;
    }
    SftpPath path = level.path.child(wireName);
    Optional<SftpStat> stat = statOf(path, entry);
    if (stat.isPresent() && stat.get().isFolder()) {
      enter(path, key + "/");
    } else if (stat.isPresent() && stat.get().isFile() && matches) {
      each.visit(stat.get().ofObject(new ObjectKey(key), Optional.empty()));
    }
  }

  private Optional<SftpStat> statOf(SftpPath path, DirEntry entry) throws SftpFailure {
    boolean told = entry.getAttributes().getFlags().contains(Attribute.Perms);
    return told ? Optional.of(SftpStat.of(entry.getAttributes())) : line.find(path);
  }

  private void enter(SftpPath folder, String key) throws SftpFailure {
    try {
      levels.push(new Level(folder, key, line.openFolder(folder)));
    } catch (SftpFailure e) {
      if (!e.isAbsent()) {
        throw e;
      }
      // Emptied and removed while we were on the way; the caller makes sure the root was not.
    }
  }
}
