package dev.caravan.store.watch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** Counts the folders that are watched and those that could not be, and remembers why. */
public final class FolderCount {

  /** Of these, the kernel tells nothing of what other machines do. */
  private static final Set<String> NETWORK =
      Set.of("nfs", "nfs4", "cifs", "smb2", "smb3", "9p", "ceph", "afs", "lustre", "glusterfs");

  private final AtomicLong watched = new AtomicLong();
  private final AtomicLong unwatched = new AtomicLong();
  private volatile Optional<String> cause = Optional.empty();
  private volatile Optional<String> network = Optional.empty();

  /** Everything is registered anew. */
  public void begin(Path root) {
    watched.set(0);
    unwatched.set(0);
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

  /** One more is watched. */
  public void added() {
    watched.incrementAndGet();
  }

  /** One that was watched is gone. */
  public void removed() {
    watched.updateAndGet(count -> Math.max(0, count - 1));
  }

  /** One cannot be watched; the first cause is kept. */
  public void refused(String why) {
    unwatched.incrementAndGet();
    if (cause.isEmpty()) {
      cause = Optional.of(why);
    }
  }

  /** How many are watched. */
  public long watched() {
    return watched.get();
  }

  /** How many are not. */
  public long unwatched() {
    return unwatched.get();
  }

  /** Why not every change is noticed at once; empty when it is. */
  public Optional<String> problem(Path root) {
    if (unwatched.get() > 0) {
      return Optional.of(
          "%d of %d folders of %s are not watched: %s; changes there wait for the next scan"
                  .formatted(
                      unwatched.get(),
                      unwatched.get() + watched.get(),
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
