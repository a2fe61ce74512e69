package dev.caravan.config.read;

import dev.caravan.config.RsyncSettings;
import dev.caravan.config.SftpSettings;
import java.nio.file.Path;
import java.util.Optional;

/** What must hold for a remote on an SSH server, whether SFTP or rsync writes to it. */
final class SshRules {
  static final String HOST = "[A-Za-z0-9._:%-]+";
  private static final String FINGERPRINT = "SHA256:[A-Za-z0-9+/]{43}=?";
  static final String RATE = "[0-9]+(\\.[0-9]+)?([KMGkmg]([iI]?[bB])?)?";
  static final String MODE = "[DF]?([0-7]{3,4}|[ugoa]*[-+=][rwxXstugo]*)";

  private final Findings findings;

  SshRules(Findings findings) {
    this.findings = findings;
  }

  void check(SftpSettings sftp, String path) {
    findings.check(
        !sftp.host().matches(HOST),
        path + ".host",
        "is not an address or host name",
        "write the name alone; user and port have keys of their own");
    findings.check(
        sftp.user().chars().anyMatch(Character::isISOControl),
        path + ".user",
        "is not the name of a user",
        "write it on one line");
    findings.check(
        sftp.path().indexOf('\0') >= 0,
        path + ".path",
        "is not a path",
        "write the path of a folder at the server");
    findings.check(
        findings.isWritten(path + ".key_passphrase") && sftp.keyFile().isEmpty(),
        path + ".key_passphrase",
        "is set without key_file",
        "set the file of the key, or remove the passphrase");
    hostKey(sftp, path);
  }

  private void hostKey(SftpSettings sftp, String path) {
    boolean file = findings.isWritten(path + ".known_hosts");
    boolean pinned = findings.isWritten(path + ".host_key");
    findings.check(
        !file && !pinned,
        path + ".known_hosts",
        "is missing, and so is host_key: nothing tells the server from an impostor",
        "add known_hosts: ~/.ssh/known_hosts, after logging in there once with ssh");
    findings.check(
        file && pinned,
        path + ".host_key",
        "is set together with " + path + ".known_hosts",
        "keep one of them");
    findings.check(
        sftp.hostKey().filter(key -> !key.matches(FINGERPRINT)).isPresent(),
        path + ".host_key",
        "is not a fingerprint",
        "write SHA256: and 43 characters, as ssh-keygen -l shows them");
  }

  void check(RsyncSettings rsync, String path) {
    Optional<SftpSettings> server = rsync.server();
    findings.check(
        server.filter(s -> !s.host().matches(HOST) || s.host().startsWith("-")).isPresent(),
        path + ".host",
        "is not an address or host name",
        "write user@host, or host; the port has a key of its own");
    findings.check(
        server.filter(s -> !s.user().matches("[^-'\"\\p{Cntrl}][^'\"\\p{Cntrl}]*")).isPresent(),
        path + ".host",
        "does not begin with the name of a user",
        "write user@host");
    findings.check(
        rsync.path().isEmpty() || rsync.path().indexOf('\0') >= 0,
        path + ".path",
        "is not a path",
        "write the path of a folder");
    findings.check(
        rsync.bwlimit().filter(rate -> !rate.matches(RATE)).isPresent(),
        path + ".bwlimit",
        "is not a rate of rsync's",
        "write 500 for 500 KiB in a second, or 5m");
    findings.check(
        rsync.chmod().filter(modes -> !modes.matches(MODE + "(," + MODE + ")*")).isPresent(),
        path + ".chmod",
        "is not a change of permissions",
        "write it as for rsync, such as g+rwX,o+rX");
    rsync.keyFile().ifPresent(file -> file(file, path + ".key_file"));
    file(rsync.knownHosts(), path + ".known_hosts");
    local(rsync, path);
  }

  private void file(Path file, String key) {
    findings.check(
        file.toString().matches("(?s).*[\"'\\p{Cntrl}].*"),
        key,
        "has a quotation mark or a line end in its path, which ssh cannot be told",
        "rename the file");
  }

  private void local(RsyncSettings rsync, String path) {
    for (String key : new String[] {".key_file", ".known_hosts", ".port"}) {
      findings.check(
          rsync.host().isEmpty() && findings.isWritten(path + key),
          path + key,
          "is set without " + path + ".host",
          "set the host, or remove this key");
    }
  }
}
