package dev.caravan.archive.carry;

import dev.caravan.config.ArchiveSettings;
import dev.caravan.remote.Remote;
import dev.caravan.remote.rsync.LinkFolder;
import java.nio.file.Path;
import java.time.Clock;
import java.util.function.Function;

/** Chooses how an archive's files travel: to a remote, or by rsync. */
public final class Carriers {

  private static final String LINKS = "archive-links";

  private final Function<String, Remote> remotes;
  private final LinkFolder links;
  private final Clock clock;

  /**
   * @param remotes the configured remotes, by their names
   * @param stateFolder which no other process works in; what lies there while rsync reads it goes
   */
  public Carriers(Function<String, Remote> remotes, Path stateFolder, Clock clock) {
    this.remotes = remotes;
    this.links = new LinkFolder(stateFolder.toAbsolutePath().resolve(LINKS));
    this.clock = clock;
  }

  /** By the archive's settings. */
  public Carrier of(ArchiveSettings archive) {
    if (archive.remote().isPresent()) {
      Remote remote = remotes.apply(archive.remote().get());
      return new ObjectCarrier(remote, archive.remoteBasedir(), clock);
    }
    return new TreeCarrier(archive, links);
  }
}
