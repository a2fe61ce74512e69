package dev.caravan.store;

import dev.caravan.event.PathNames;
import dev.caravan.event.StorePath;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Other file systems that are mounted below the store's root. When one of them is away, its mount
 * point looks like an emptied folder; who remembers that it was a mount knows better.
 *
 * <p>One instance serves one scan, from one thread.
 */
public final class StoreMounts {

  private final StoreTree tree;
  private final long rootDevice;
  private final Set<String> seen = new TreeSet<>();
  private String last = "";

  private StoreMounts(StoreTree tree, long rootDevice) {
    this.tree = tree;
    this.rootDevice = rootDevice;
  }

  /**
   * @throws StoreMissingException when the root is not there
   */
  public static StoreMounts of(StoreTree tree) {
    try {
      return new StoreMounts(tree, NodeStat.ofTarget(tree.root()).device());
    } catch (IOException e) {
      throw new StoreMissingException("Store " + tree.root() + " cannot be read", e);
    }
  }

  /** Takes note of the mount that holds a file, if there is one. */
  public void note(FileStat file) {
    if (file.device() == rootDevice || (!last.isEmpty() && file.path().isWithin(last))) {
      return;
    }
    // The topmost folder that lies elsewhere; a mount in a mount comes and goes with it.
    String text = file.path().value();
    for (int slash = text.indexOf('/'); slash >= 0; slash = text.indexOf('/', slash + 1)) {
      String folder = text.substring(0, slash);
      if (isMounted(folder)) {
        last = folder;
        seen.add(folder);
        return;
      }
    }
  }

  /** True of a file that lies on the disk of the store's root. */
  public boolean isOnRootsDisk(FileStat file) {
    return file.device() == rootDevice;
  }

  /** The mounts on which files were found, as the text of store paths. */
  public Set<String> seen() {
    return Set.copyOf(seen);
  }

  /** Of the folders that were mounts once, those that are not now. */
  public List<String> away(Collection<String> folders) {
    return folders.stream().filter(folder -> !isMounted(folder)).sorted().toList();
  }

  /** True while another disk than the root's is there. */
  public boolean isMounted(String folder) {
    try {
      return NodeStat.of(PathNames.resolve(tree.root(), StorePath.of(folder).value())).device()
          != rootDevice;
    } catch (IOException e) {
      return false;
    }
  }
}
