package dev.caravan.config.read;

import dev.caravan.config.DirSettings;
import dev.caravan.config.RcloneSettings;
import dev.caravan.config.RemoteSettings;
import dev.caravan.config.RsyncSettings;
import dev.caravan.config.S3Settings;
import dev.caravan.config.Settings;
import dev.caravan.config.SftpSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Which places must be apart: the store, its state folder, and the remotes. */
final class PlaceRules {
  private static final String LOCAL = ":local:";

  private final Findings findings;

  private final RemoteBinder.Bound bound;

  PlaceRules(Findings findings, RemoteBinder.Bound bound) {
    this.findings = findings;
    this.bound = bound;
  }

  void check(Settings s) {
    Path store = real(s.store().path());
    findings.check(
        store.startsWith(real(s.store().stateFolder())),
        "store.state",
        "is the store itself or a folder around it",
        "name a folder of its own, such as .caravan");
    List<RemoteSettings> remotes = bound.remotes();
    for (int i = 0; i < remotes.size(); i++) {
      Optional<Path> place = place(remotes.get(i));
      String key = bound.paths().get(i) + keyOf(remotes.get(i));
      findings.check(
          place.isPresent() && overlap(place.get(), store),
          key,
          "lies in store.path or around it, so the store would mirror itself",
          "choose a folder outside the store");
      for (int j = 0; j < i; j++) {
        apart(remotes.get(j), remotes.get(i), i);
      }
    }
  }

  /** Two remotes at one place would count as two copies of a file that has one. */
  private void apart(RemoteSettings first, RemoteSettings second, int index) {
    String key = bound.paths().get(index);
    String hint = "remove one of them, or move it; one place holds only one copy";
    String message = "is the same place as remote " + first.name();
    Optional<Path> a = place(first);
    Optional<Path> b = place(second);
    findings.check(
        a.isPresent() && b.isPresent() && overlap(a.get(), b.get()),
        key + keyOf(second),
        message,
        hint);
    findings.check(
        first instanceof RcloneSettings x
            && second instanceof RcloneSettings y
            && x.config().equals(y.config())
            && nameOf(x).equals(nameOf(y))
            && inside(folderOf(x), folderOf(y)),
        key + ".remote",
        message,
        hint);
    findings.check(
        first instanceof S3Settings x
            && second instanceof S3Settings y
            && findings.isWritten(key + ".bucket")
            && x.bucket().equals(y.bucket())
            && x.endpoint().equals(y.endpoint())
            && inside(x.prefix(), y.prefix()),
        key + ".bucket",
        message,
        hint);
    Optional<SftpSettings> x = server(first);
    Optional<SftpSettings> y = server(second);
    findings.check(
        x.isPresent() && y.isPresent() && isSamePlace(x.get(), y.get()),
        key + ".path",
        message,
        hint);
  }

  private static boolean isSamePlace(SftpSettings a, SftpSettings b) {
    return a.host().equalsIgnoreCase(b.host())
        && a.port() == b.port()
        && (a.user().equals(b.user()) || a.path().startsWith("/"))
        && inside(folder(a), folder(b));
  }

  /** The folder on an SSH server that a remote is, whatever it is written with. */
  private static Optional<SftpSettings> server(RemoteSettings remote) {
    if (remote instanceof SftpSettings sftp) {
      return Optional.of(sftp);
    }
    return remote instanceof RsyncSettings rsync ? rsync.server() : Optional.empty();
  }

  /** Where it lies at its server, absolute or in a home folder, without a slash at its end. */
  private static String folder(SftpSettings sftp) {
    return (sftp.path() + "/").replaceAll("/(\\.?/)+", "/").replaceAll("^\\./|/$", "");
  }

  private static boolean inside(String a, String b) {
    return (a + "/").startsWith(b + "/")
        || (b + "/").startsWith(a + "/")
        || a.isEmpty()
        || b.isEmpty();
  }

  /** Of rclone's remotes, only the on-the-fly ones say here that they are folders. */
  private static Optional<Path> place(RemoteSettings remote) {
    if (remote instanceof DirSettings dir) {
      return Optional.of(real(dir.path()));
    }
    if (remote instanceof RsyncSettings rsync && rsync.host().isEmpty()) {
      return Optional.of(real(rsync.folder().path()));
    }
    return remote instanceof RcloneSettings rclone && nameOf(rclone).equals(LOCAL)
        ? Optional.of(real(Path.of(rclone.remote().substring(LOCAL.length()))))
        : Optional.empty();
  }

  private static String keyOf(RemoteSettings remote) {
    return remote instanceof RcloneSettings ? ".remote" : ".path";
  }

  private static String nameOf(RcloneSettings rclone) {
    return rclone.remote().substring(0, colon(rclone) + 1);
  }

  private static String folderOf(RcloneSettings rclone) {
    return rclone.remote().substring(colon(rclone) + 1).replaceFirst("/+$", "");
  }

  /** The colon between the name and the path; that of {@code :type:path} is the second one. */
  private static int colon(RcloneSettings rclone) {
    return rclone.remote().indexOf(':', 1);
  }

  private static boolean overlap(Path a, Path b) {
    return a.startsWith(b) || b.startsWith(a);
  }

  /** Where a path leads when the links in the part of it that exists are followed. */
  private static Path real(Path path) {
    Path absolute = path.toAbsolutePath().normalize();
    for (Path p = absolute; p != null; p = p.getParent()) {
      if (Files.exists(p)) {
        try {
          return p.toRealPath().resolve(p.relativize(absolute));
        } catch (IOException e) {
          return absolute;
        }
      }
    }
    return absolute;
  }
}
