package dev.caravan.config;

import java.nio.file.Path;
import java.util.Optional;

/** A folder that rsync writes to, on an SSH server or on this machine. */
public record RsyncSettings(
    String name,
    @Setting(
            value =
                "The server, as user@host or host, which offers a shell with rsync, and SFTP. Left"
                    + " out, the folder is on this machine.",
            example = "caravan@nas.example.org")
        Optional<String> host,
    @Setting(value = "The port of its SSH server.", def = "22", min = 1, max = 65535) int port,
    @Setting(
            value =
                "The folder there, which must exist; one without a leading slash begins in the"
                    + " user's home folder.",
            example = "/srv/mirror")
        String path,
    @Setting(
            value =
                "Private key to log in with, one without a passphrase. Left out, the usual keys in"
                    + " ~/.ssh are tried.",
            example = "~/.ssh/id_ed25519")
        Optional<Path> keyFile,
    @Setting(
            value =
                "File with the keys that hosts are known by, in OpenSSH's form; a server with any"
                    + " other key is not talked to.",
            def = "~/.ssh/known_hosts")
        Path knownHosts,
    @Setting(value = "Compress on the way.", def = "false") boolean compression,
    @Setting(
            value =
                "The most that is sent in a second, as rsync writes it: KiB without a unit. Files"
                    + " then go one after the other.",
            example = "5m")
        Optional<String> bwlimit,
    @Setting(
            value =
                "What becomes of the permissions at the remote, as rsync writes it. The owner must"
                    + " be able to read.",
            example = "g+rwX,o+rX")
        Optional<String> chmod,
    @Setting(
            value = "Objects moved at once, at most.",
            derived = "storage.transfers",
            min = 1,
            max = 256)
        int transfers)
    implements RemoteSettings {

  @Override
  public String provider() {
    return "rsync";
  }

  /** How the server is reached for all that rsync cannot do; empty for a folder of this machine. */
  public Optional<SftpSettings> server() {
    return host.map(
        text ->
            new SftpSettings(
                name,
                text.substring(text.lastIndexOf('@') + 1),
                port,
                text.contains("@")
                    ? text.substring(0, text.lastIndexOf('@'))
                    : System.getProperty("user.name", ""),
                path,
                keyFile,
                Optional.empty(),
                Optional.empty(),
                Optional.of(knownHosts),
                Optional.empty(),
                transfers));
  }

  /** The folder, where it is on this machine. */
  public DirSettings folder() {
    Path home = Path.of(System.getProperty("user.home", "/"));
    boolean below = path.equals("~") || path.startsWith("~/");
    Path folder = home.resolve(below ? path.replaceFirst("^~/*", "") : path);
    return new DirSettings(name, folder, false);
  }
}
