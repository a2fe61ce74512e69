package dev.caravan.snapshot.move;

import dev.caravan.event.PathNames;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.snapshot.keep.SnapshotName;
import dev.caravan.snapshot.manifest.ManifestObject;
import dev.caravan.snapshot.tree.TreeEntry;
import dev.caravan.snapshot.tree.TreeWalk;
import dev.caravan.store.FileStat;
import dev.caravan.store.Filters;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Compares what lies at a mirror with the source by names alone, before another program writes and
 * deletes there: that one knows no owners and writes no manifest.
 *
 * @param others folders of the mirror that are not this source's, without slashes around them
 * @param mostDeleted so many deletions are allowed
 */
public record RemoteSurvey(Set<String> others, long mostDeleted) {

  private static final String HEAD = "/" + ObjectKey.own("store.id").value();
  private static final String RECORDS = ObjectKey.OWN + "snapshots/";

  /** What an earlier backup with a manifest told; it would be told for what is there now. */
  private static final ObjectKey ASIDE = ObjectKey.own("manifest.before-rclone.jsonl.gz");

  /**
   * Looks; changes nothing.
   *
   * @throws HaltException when more deletions are ahead than are allowed, or when the source has a
   *     folder whose place in the bucket is another's
   */
  public static RemoteSurvey of(MoverWorld world) throws RemoteException, HaltException {
    if (!world.mirror()) {
      return new RemoteSurvey(Set.of(), 0);
    }
    Path source = world.settings().source();
    Set<String> others = others(world, source);
    for (String each : others) {
      if (isThere(source, each)) {
        throw new HaltException(
            ("halted: the source has '%s', and what lies there in the bucket belongs to other"
                    + " backups; nothing was changed. Give this source a CUSTOM_PATH_PREFIX of its"
                    + " own")
                .formatted(each.replaceAll("\\p{Cntrl}", "?")));
      }
    }
    long[] counts = new long[2];
    world
        .remote()
        .list(
            "",
            stat -> {
              String key = stat.key().value();
              if (!key.startsWith(ObjectKey.OWN) && !isWithin(key, others)) {
                counts[0]++;
                counts[1] += isThere(source, key) ? 0 : 1;
              }
            });
    long files = counts[0] > counts[1] || holdsAFile(world) ? 1 : 0;
    Survey survey = new Survey(files, 0, 0, 0, counts[0], counts[1], 0);
    Optional<String> halt =
        world.settings().safety().deleteExtraneous()
            ? HaltPlanner.halt(survey, true, world.settings().safety().maxDelete(), world.source())
            : Optional.empty();
    if (halt.isPresent()) {
      throw new HaltException(halt.get());
    }
    return new RemoteSurvey(others, world.settings().safety().maxDelete().limit(survey.known()));
  }

  /**
   * Prefixes that were told here or have an owner's marker that is not the source's own, and dated
   * folders that are on record as snapshots or that the source has not.
   */
  private static Set<String> others(MoverWorld world, Path source) throws RemoteException {
    Set<String> others = new TreeSet<>(world.claim().inner());
    Set<String> dated = new HashSet<>();
    world
        .remote()
        .list(
            "",
            stat -> {
              String key = stat.key().value();
              if (key.startsWith(RECORDS)) {
                others.add(key.substring(RECORDS.length()));
              } else if (key.endsWith(HEAD) && !key.startsWith(ObjectKey.OWN)) {
                if (!isThere(source, key)) {
                  others.add(key.substring(0, key.length() - HEAD.length()));
                }
              } else if (SnapshotName.find(top(key)).isPresent()) {
                dated.add(top(key));
              }
            });
    dated.removeIf(each -> isThere(source, each));
    others.addAll(dated);
    return others;
  }

  /** Files that the mirror has not are files as well. */
  private static boolean holdsAFile(MoverWorld world) {
    try (TreeWalk walk = TreeWalk.open(world.tree(), Filters.all())) {
      for (Optional<TreeEntry> each = walk.next(); each.isPresent(); each = walk.next()) {
        if (each.get() instanceof TreeEntry.Found found && found.kind() == FileStat.Kind.FILE) {
          return true;
        }
      }
    }
    return false;
  }

  private static String top(String key) {
    return key.substring(0, Math.max(0, key.indexOf('/')));
  }

  private static boolean isWithin(String key, Set<String> folders) {
    for (int slash = key.indexOf('/'); slash >= 0; slash = key.indexOf('/', slash + 1)) {
      if (folders.contains(key.substring(0, slash))) {
        return true;
      }
    }
    return false;
  }

  /** Puts the manifest of a mirror aside: it is not that of what will be there now. */
  public static void putManifestAside(MoverWorld world) throws RemoteException {
    ObjectKey manifest = ManifestObject.keyIn("");
    if (world.mirror() && world.remote().find(manifest).isPresent()) {
      Map<ObjectKey, RemoteException> failed = world.remote().move(Map.of(manifest, ASIDE));
      if (!failed.isEmpty()) {
        throw failed.values().iterator().next();
      }
    }
  }

  private static boolean isThere(Path source, String key) {
    try {
      return Files.exists(PathNames.resolve(source, key), LinkOption.NOFOLLOW_LINKS);
    } catch (InvalidPathException e) {
      return false;
    }
  }
}
