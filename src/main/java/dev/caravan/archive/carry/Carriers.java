package dev.caravan.archive.carry;

import dev.caravan.config.ArchiveSettings;
import dev.caravan.remote.Remote;
import java.time.Clock;
import java.util.function.Function;

/** Chooses how an archive's files travel. */
public final class Carriers {

  private Carriers() {}

  /**
   * By the archive's settings: to a remote, or by rsync.
   *
   * @param remotes the configured remotes, by their names
   */
  public static Carrier of(ArchiveSettings archive, Function<String, Remote> remotes, Clock clock) {
    if (archive.remote().isPresent()) {
      Remote remote = remotes.apply(archive.remote().get());
      return new ObjectCarrier(remote, archive.remoteBasedir(), clock);
    }
    return new TreeCarrier(archive);
  }
}
