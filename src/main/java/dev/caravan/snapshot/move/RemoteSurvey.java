package dev.caravan.snapshot.move;

import dev.caravan.event.PathNames;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.RemoteException;
import dev.caravan.snapshot.keep.SnapshotName;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * Compares what lies at a mirror with the source by names alone, before another program deletes
 * there what the source has not: that one writes no manifest.
 */
public final class RemoteSurvey {

  private RemoteSurvey() {}

  /**
   * Looks.
   *
   * @return how many deletions are allowed
   * @throws HaltException when more are ahead
   */
  public static long check(MoverWorld world, Set<String> inner)
      throws RemoteException, HaltException {
    Path source = world.settings().source();
    long[] counts = new long[2];
    world
        .remote()
        .list(
            "",
            stat -> {
              String key = stat.key().value();
              int slash = key.indexOf('/');
              boolean dated = slash > 0 && SnapshotName.find(key.substring(0, slash)).isPresent();
              boolean others = inner.stream().anyMatch(each -> key.startsWith(each + "/"));
              if (!key.startsWith(ObjectKey.OWN) && !dated && !others) {
                counts[0]++;
                counts[1] += isThere(source, key) ? 0 : 1;
              }
            });
    Survey survey = new Survey(counts[0] - counts[1], 0, 0, 0, counts[0], counts[1], 0);
    boolean deletes = world.mirror() && world.settings().safety().deleteExtraneous();
    Optional<String> halt =
        deletes
            ? HaltPlanner.halt(survey, true, world.settings().safety().maxDelete(), world.source())
            : Optional.empty();
    if (halt.isPresent()) {
      throw new HaltException(halt.get());
    }
    return world.settings().safety().maxDelete().limit(survey.known());
  }

  private static boolean isThere(Path source, String key) {
    try {
      return Files.exists(PathNames.resolve(source, key), LinkOption.NOFOLLOW_LINKS);
    } catch (InvalidPathException e) {
      return false;
    }
  }
}
