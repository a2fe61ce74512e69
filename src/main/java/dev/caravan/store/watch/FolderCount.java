package dev.caravan.store.watch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Counts the folders that are watched and those that could not be, and remembers why. */
public final class FolderCount {

  /** Of these, the kernel tells nothing of what other machines do. */
  private static final Set<String> NETWORK =
      Set.of("nfs", "nfs4", "cifs", "smb2", "smb3", "9p", "ceph", "afs", "lustre", "glusterfs");

  private final Set<Long> watched = ConcurrentHashMap.newKeySet();
  private final Set<Long> unwatched = ConcurrentHashMap.newKeySet();
  private volatile Optional<String> cause = Optional.empty();
  private volatile Optional<String> network = Optional.empty();

  /** Everything is registered anew. */
  public void begin(Path root) {
    watched.clear();
    unwatched.clear();
    cause = Optional.empty();
    network = networkOf(root);
  }

  private static Optional<String> networkOf(Path root) {
    try {
      String type = Files.getFileStore(root).type().toLowerCase(Locale.ROOT);
      boolean far = NETWORK.contains(type) || type.startsWith("fuse.");
      return far ? Optional.of(type) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** One is watched; it may be told of again and again. */
  public void added(Path folder) {
    Long hash = hash(folder);
    if (!unwatched.contains(hash)) {
      watched.add(hash);
    }
  }

  /** Something is gone that may have been one of them. */
  public void removed(Path folder) {
    Long hash = hash(folder);
    watched.remove(hash);
    unwatched.remove(hash);
  }

  /** One cannot be watched; the first cause is kept. */
  public void refused(Path folder, String why) {
    Long hash = hash(folder);
    unwatched.add(hash);
    watched.remove(hash);
    if (cause.isEmpty()) {
      cause = Optional.of(why);
    }
  }

  /** Instead of the path, which is ten times as big: 64 bits do not meet by chance. */
  private static Long hash(Path folder) {
    String text = folder.toString();
    long hash = 0xCBF2_9CE4_8422_2325L;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100_0000_01B3L;
    }
    return hash;
  }

  /** How many are watched. */
  public long watched() {
    return watched.size();
  }

  /** How many are not. */
  public long unwatched() {
    return unwatched.size();
  }

  /** Why not every change is noticed at once; empty when it is. */
  public Optional<String> problem(Path root) {
    if (!unwatched.isEmpty()) {
      return Optional.of(
          "%d of %d folders of %s are not watched: %s; changes there wait for the next scan"
                  .formatted(
                      unwatched.size(),
                      unwatched.size() + watched.size(),
                      root,
                      cause.orElse("unknown"))
              + " (is fs.inotify.max_user_watches large enough?)");
    }
    return network.map(
        type ->
            "%s is a file system of type %s: what other machines change waits for the next scan"
                .formatted(root, type));
  }
}
