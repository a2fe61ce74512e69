package dev.caravan.config.read;

import dev.caravan.config.SftpSettings;

/** What must hold for one SFTP remote. */
final class SftpRules {
  static final String HOST = "[A-Za-z0-9._:%-]+";
  private static final String FINGERPRINT = "SHA256:[A-Za-z0-9+/]{43}=?";

  private final Findings findings;

  SftpRules(Findings findings) {
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
}
