package dev.caravan.config;

import java.nio.file.Path;
import java.util.Optional;

/** A folder on a server that speaks SFTP. */
public record SftpSettings(
    String name,
    @Setting(value = "The server: a host name or an address.", example = "nas.example.org")
        String host,
    @Setting(value = "The port of its SSH server.", def = "22", min = 1, max = 65535) int port,
    @Setting(value = "Whom to log in as.", example = "caravan") String user,
    @Setting(
            value =
                "The folder there, which must exist; one without a leading slash begins in the"
                    + " user's home folder.",
            example = "/srv/backup")
        String path,
    @Setting(
            value =
                "Private key to log in with. Without it and without a password, the usual keys in"
                    + " ~/.ssh are tried.",
            example = "~/.ssh/id_ed25519")
        Optional<Path> keyFile,
    @Setting("Passphrase of that key.") Optional<Secret> keyPassphrase,
    @Setting("Password to log in with.") Optional<Secret> password,
    @Setting(
            value =
                "File with the keys that hosts are known by, in OpenSSH's form. Either this or"
                    + " host_key is required: a server with any other key is not talked to.",
            example = "~/.ssh/known_hosts")
        Optional<Path> knownHosts,
    @Setting("Fingerprint of the server's key instead, as ssh-keygen -l shows it: SHA256:...")
        Optional<String> hostKey,
    @Setting(
            value = "Objects moved at once, at most.",
            derived = "storage.transfers",
            min = 1,
            max = 256)
        int transfers)
    implements RemoteSettings {

  @Override
  public String provider() {
    return "sftp";
  }
}
