package dev.caravan.lab;

import dev.caravan.config.Secret;
import dev.caravan.config.SftpSettings;
import java.nio.file.Path;
import java.util.Optional;

/** Settings of an SFTP remote for a test, and variations of them. */
public record SftpPlace(SftpSettings settings) {

  public SftpPlace host(String host, int port) {
    SftpSettings s = settings;
    return copy(host, port, s.path(), s.knownHosts(), s.hostKey(), s.transfers());
  }

  public SftpPlace path(String path) {
    SftpSettings s = settings;
    return copy(s.host(), s.port(), path, s.knownHosts(), s.hostKey(), s.transfers());
  }

  public SftpPlace transfers(int transfers) {
    SftpSettings s = settings;
    return copy(s.host(), s.port(), s.path(), s.knownHosts(), s.hostKey(), transfers);
  }

  public SftpPlace knownHosts(Path file) {
    SftpSettings s = settings;
    return copy(s.host(), s.port(), s.path(), Optional.of(file), Optional.empty(), s.transfers());
  }

  public SftpPlace hostKey(String fingerprint) {
    SftpSettings s = settings;
    return copy(
        s.host(), s.port(), s.path(), Optional.empty(), Optional.of(fingerprint), s.transfers());
  }

  public SftpPlace keyFile(Path file) {
    return login(settings.user(), Optional.of(file), Optional.empty(), Optional.empty());
  }

  public SftpPlace keyFile(Path file, String passphrase) {
    Optional<Secret> secret = Optional.of(new Secret(passphrase));
    return login(settings.user(), Optional.of(file), secret, Optional.empty());
  }

  public SftpPlace password(String user, String password) {
    Optional<Secret> secret = Optional.of(new Secret(password));
    return login(user, Optional.empty(), Optional.empty(), secret);
  }

  public SftpPlace withoutCredentials() {
    return login(settings.user(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  private SftpPlace login(
      String user, Optional<Path> key, Optional<Secret> passphrase, Optional<Secret> password) {
    SftpSettings s = settings;
    return new SftpPlace(
        new SftpSettings(
            s.name(),
            s.host(),
            s.port(),
            user,
            s.path(),
            key,
            passphrase,
            password,
            s.knownHosts(),
            s.hostKey(),
            s.transfers()));
  }

  private SftpPlace copy(
      String host,
      int port,
      String path,
      Optional<Path> knownHosts,
      Optional<String> hostKey,
      int transfers) {
    SftpSettings s = settings;
    return new SftpPlace(
        new SftpSettings(
            s.name(),
            host,
            port,
            s.user(),
            path,
            s.keyFile(),
            s.keyPassphrase(),
            s.password(),
            knownHosts,
            hostKey,
            transfers));
  }
}
