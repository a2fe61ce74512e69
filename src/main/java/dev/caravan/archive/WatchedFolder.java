package dev.caravan.archive;

import dev.caravan.config.ArchiveSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of an archive in which finished files appear that nobody registers. It is walked at
 * the beginning of each round; a file that has been quiet for {@code watch_last_edit} is registered
 * under the path that it has below the folder.
 */
final class WatchedFolder {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.archive");

  /** Clocks of file systems tick more slowly than ours. */
  private static final double SLACK_SECONDS = 2;

  private final ArchiveSettings settings;
  private final LocalWalk walk;
  private final Clock clock;

  /** What changed before it was seen by a walk that met no fault. */
  private double since = Double.NEGATIVE_INFINITY;

  private Optional<String> fault = Optional.empty();

  WatchedFolder(ArchiveSettings settings, ArchiveDesk desk, Clock clock) {
    this.settings = settings;
    this.walk = new LocalWalk(desk, clock);
    this.clock = clock;
  }

  /** Registers what is new; what cannot be registered is told once, and tried again. */
  void gather() {
    settings.watchDir().ifPresent(this::gather);
  }

  private void gather(Path root) {
    double lastEdit = settings.watchLastEdit().toMillis() / 1000.0;
    double next = clock.millis() / 1000.0 - lastEdit - SLACK_SECONDS;
    try {
      LocalWalk.Result result = walk.follow(root.toAbsolutePath().normalize(), lastEdit, since);
      tell(result.faults().stream().findFirst());
      if (result.faults().isEmpty()) {
        since = next;
      }
    } catch (IOException e) {
      tell(Optional.of("the folder %s cannot be read: %s".formatted(root, e.getMessage())));
    }
  }

  private void tell(Optional<String> now) {
    if (!now.equals(fault)) {
      now.ifPresent(why -> LOG.warn("Archive '{}', watch_dir: {}", settings.name(), why));
    }
    fault = now;
  }

  /** Why not everything there is registered. */
  Optional<String> fault() {
    return fault;
  }
}
