package dev.caravan.remote.rsync;

import dev.caravan.config.RsyncSettings;
import dev.caravan.config.SftpSettings;
import dev.caravan.event.ObjectContent;
import dev.caravan.lab.SftpPlace;
import dev.caravan.remote.FileCarrier;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.dir.DirRemote;
import dev.caravan.remote.sftp.SftpPatience;
import dev.caravan.remote.sftp.SftpRemote;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;

/** Settings of an rsync remote for a test, and the remote made of them. */
record RsyncSetup(RsyncSettings settings) {

  static RsyncSetup over(SftpPlace place) {
    SftpSettings s = place.settings();
    return new RsyncSetup(
        new RsyncSettings(
            s.name(),
            Optional.of(s.user() + "@" + s.host()),
            s.port(),
            s.path(),
            s.keyFile(),
            s.knownHosts().orElseThrow(),
            false,
            Optional.empty(),
            Optional.empty(),
            s.transfers()));
  }

  static RsyncSetup local(Path folder) {
    return new RsyncSetup(
        new RsyncSettings(
            "nas",
            Optional.empty(),
            22,
            folder.toString(),
            Optional.empty(),
            Path.of("/nowhere"),
            false,
            Optional.empty(),
            Optional.empty(),
            8));
  }

  RsyncSetup path(String path) {
    RsyncSettings s = settings;
    return copy(path, s.compression(), s.bwlimit(), s.chmod());
  }

  RsyncSetup compressed() {
    RsyncSettings s = settings;
    return copy(s.path(), true, s.bwlimit(), s.chmod());
  }

  RsyncSetup bwlimit(String rate) {
    RsyncSettings s = settings;
    return copy(s.path(), s.compression(), Optional.of(rate), s.chmod());
  }

  RsyncSetup chmod(String modes) {
    RsyncSettings s = settings;
    return copy(s.path(), s.compression(), s.bwlimit(), Optional.of(modes));
  }

  RsyncSetup login(Path key, Path knownHosts) {
    RsyncSettings s = settings;
    return new RsyncSetup(
        new RsyncSettings(
            s.name(),
            s.host(),
            s.port(),
            s.path(),
            Optional.of(key),
            knownHosts,
            s.compression(),
            s.bwlimit(),
            s.chmod(),
            s.transfers()));
  }

  private RsyncSetup copy(
      String path, boolean compression, Optional<String> bwlimit, Optional<String> chmod) {
    RsyncSettings s = settings;
    return new RsyncSetup(
        new RsyncSettings(
            s.name(),
            s.host(),
            s.port(),
            path,
            s.keyFile(),
            s.knownHosts(),
            compression,
            bwlimit,
            chmod,
            s.transfers()));
  }

  RsyncCarrier carrier(RsyncLimits limits) {
    return new RsyncCarrier(settings, System.getenv(), limits);
  }

  Remote remote() {
    return remote(RsyncLimits.STANDARD);
  }

  Remote remote(RsyncLimits limits) {
    return remote(carrier(limits), SftpPatience.STANDARD);
  }

  Remote remote(RsyncLimits limits, SftpPatience patience) {
    return remote(carrier(limits), patience);
  }

  /** A remote that leaves its carrier open when it is closed, for the next one. */
  Remote sharing(FileCarrier carrier) {
    return remote(
        new FileCarrier() {
          @Override
          public String provider() {
            return carrier.provider();
          }

          @Override
          public Map<String, String> probe() throws RemoteException {
            return carrier.probe();
          }

          @Override
          public void carry(
              ObjectContent content, ObjectKey key, String folder, String name, long from)
              throws RemoteException, IOException {
            carrier.carry(content, key, folder, name, from);
          }

          @Override
          public void close() {
            // Others use it.
          }
        },
        SftpPatience.STANDARD);
  }

  private Remote remote(FileCarrier carrier, SftpPatience patience) {
    Clock clock = Clock.systemUTC();
    return settings
        .server()
        .<Remote>map(server -> new SftpRemote(server, clock, carrier, patience))
        .orElseGet(() -> new DirRemote(settings.folder(), clock, carrier));
  }
}
