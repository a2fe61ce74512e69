package dev.caravan.config.read;

import dev.caravan.config.ArchiveSettings;
import dev.caravan.config.CamelSettings;
import dev.caravan.config.RemoteSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What must hold for archives, each by itself and among each other. */
final class ArchiveRules {
  private static final String NAME = "[A-Za-z0-9][A-Za-z0-9_-]{0,63}";
  private static final String INSTANCE = "[A-Za-z0-9][A-Za-z0-9._-]{0,127}";

  private final Findings findings;
  private final List<RemoteSettings> remotes;

  /**
   * @param remotes those that are configured
   */
  ArchiveRules(Findings findings, List<RemoteSettings> remotes) {
    this.findings = findings;
    this.remotes = remotes;
  }

  void check(List<ArchiveSettings> archives) {
    Set<String> names = new HashSet<>();
    Set<String> places = new HashSet<>();
    for (int i = 0; i < archives.size(); i++) {
      ArchiveSettings archive = archives.get(i);
      String path = ArchiveBinder.PATH + "[" + i + "]";
      findings.check(
          !archive.name().matches(NAME),
          path + ".name",
          "is not a name for an archive",
          "letters, digits, - and _, at most 64, beginning with a letter or digit");
      findings.check(
          !names.add(archive.name()),
          path + ".name",
          "is the name of another archive",
          "choose another name; one archive has one destination");
      findings.check(
          findings.isWritten(path + ".instance_id") && !archive.instanceId().matches(INSTANCE),
          path + ".instance_id",
          "is not a name for a machine",
          "letters, digits, dots, - and _, beginning with a letter or digit");
      place(archive, path);
      watched(archive, path);
      findings.check(
          findings.isWritten(path + ".remote_basedir") && !places.add(destination(archive)),
          path + ".remote_basedir",
          "is the destination of another archive",
          "give each archive a folder or prefix of its own, or they overwrite each other's files");
      forms(archive, path);
    }
  }

  /** Equal for archives that write to the same folder, as far as that can be seen from here. */
  private static String destination(ArchiveSettings archive) {
    String base = archive.remoteBasedir();
    String top = base.startsWith("/") ? "/" : "";
    List<String> folders = new ArrayList<>();
    for (String name : base.split("/")) {
      if (!name.isEmpty() && !name.equals(".") && !(top + name).equals("~")) {
        folders.add(name);
      }
    }
    String plain = top + String.join("/", folders);
    if (archive.remote().isPresent()) {
      return "remote " + archive.remote().get() + " " + plain;
    }
    if (archive.sshHost().isEmpty() && base.indexOf('\0') < 0) {
      return "folder " + archive.rsync().folder().path().toAbsolutePath().normalize();
    }
    String host = archive.sshHost().orElse("");
    int at = host.lastIndexOf('@') + 1;
    String server = host.substring(at).toLowerCase(Locale.ROOT) + " " + archive.sshPort();
    // A home folder is another for each user.
    String home = top.isEmpty() ? host.substring(0, at) : "";
    return "server " + server + " " + home + plain;
  }

  private void place(ArchiveSettings archive, String path) {
    archive.remote().ifPresent(name -> remote(name, path + ".remote"));
    boolean ssh = archive.sshHost().isPresent();
    findings.check(
        ssh && archive.remote().isPresent(),
        path + ".remote",
        "is set together with " + path + ".ssh_host",
        "keep one of them");
    for (String key : new String[] {".ssh_key", ".known_hosts", ".ssh_port"}) {
      findings.check(
          !ssh && findings.isWritten(path + key),
          path + key,
          "is set without " + path + ".ssh_host",
          "set the host, or remove this key");
    }
    String host = archive.sshHost().orElse("host");
    String user = host.contains("@") ? host.substring(0, host.lastIndexOf('@')) : "user";
    String server = host.substring(host.lastIndexOf('@') + 1);
    findings.check(
        !server.matches(SshRules.HOST)
            || server.startsWith("-")
            || !user.matches("[^-'\"\\p{Cntrl}][^'\"\\p{Cntrl}]*"),
        path + ".ssh_host",
        "is not an address or host name",
        "write user@host, or host; the port has a key of its own");
    findings.check(
        archive.remoteBasedir().chars().anyMatch(c -> c == 0 || c == '\n'),
        path + ".remote_basedir",
        "is not a path",
        "write the path of a folder");
    findings.check(
        archive.remote().isPresent()
            && archive.remoteBasedir().matches("/.*|(.*/)?\\.\\.?(/.*)?|\\.caravan(/.*)?"),
        path + ".remote_basedir",
        "is no prefix for objects of a remote",
        "write it without a slash in front, and without dots as names");
  }

  /** Copies in the folder that is watched would be registered, and copied, for ever. */
  private void watched(ArchiveSettings archive, String path) {
    findings.check(
        archive.watchDir().isEmpty() && findings.isWritten(path + ".watch_last_edit"),
        path + ".watch_last_edit",
        "is set without " + path + ".watch_dir",
        "set the folder, or remove this key");
    if (archive.watchDir().isEmpty() || archive.remote().isPresent()) {
      return;
    }
    boolean here = archive.sshHost().isEmpty() && archive.remoteBasedir().indexOf('\0') < 0;
    findings.check(
        here
            && archive
                .rsync()
                .folder()
                .path()
                .toAbsolutePath()
                .normalize()
                .startsWith(archive.watchDir().get().toAbsolutePath().normalize()),
        path + ".watch_dir",
        "has the destination of the archive in it",
        "copy to a folder that is not watched");
  }

  private void remote(String name, String path) {
    Optional<RemoteSettings> found =
        remotes.stream().filter(each -> each.name().equals(name)).findFirst();
    findings.check(
        found.isEmpty(),
        path,
        "is no remote of storage.remotes",
        "known are " + String.join(", ", remotes.stream().map(RemoteSettings::name).toList()));
    findings.check(
        found.filter(CamelSettings.class::isInstance).isPresent(),
        path,
        "is a remote that cannot say what it holds, so no copy there could be proven",
        "name a remote of another provider");
  }

  private void forms(ArchiveSettings archive, String path) {
    findings.check(
        archive.bwlimit().filter(rate -> !rate.matches(SshRules.RATE)).isPresent(),
        path + ".bwlimit",
        "is not a rate of rsync's",
        "write 500 for 500 KiB in a second, or 5m");
    String modes = SshRules.MODE + "(," + SshRules.MODE + ")*";
    findings.check(
        !archive.chmod().equals("none") && !archive.chmod().matches(modes),
        path + ".chmod",
        "is not a change of permissions",
        "write it as for rsync, such as g+rwX,o+rX, or none");
    archive.sshKey().ifPresent(file -> file(file, path + ".ssh_key"));
    file(archive.knownHosts(), path + ".known_hosts");
  }

  private void file(Path file, String key) {
    findings.check(
        file.toString().matches("(?s).*[\"'\\p{Cntrl}].*"),
        key,
        "has a quotation mark or a line end in its path, which ssh cannot be told",
        "rename the file");
  }
}
