package dev.caravan.remote.sftp;

import dev.caravan.config.Secret;
import dev.caravan.config.SftpSettings;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.security.auth.login.FailedLoginException;
import org.apache.sshd.common.NamedResource;
import org.apache.sshd.common.config.keys.FilePasswordProvider;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.jspecify.annotations.Nullable;

/** Reads the private keys to log in with; anew each time, so that they may be exchanged. */
final class LoginKeys {

  private static final List<String> USUAL = List.of("id_ed25519", "id_ecdsa", "id_rsa");

  private final SftpSettings settings;
  private final SftpErrors errors;
  private final Path home;

  /**
   * @param home of the user that Caravan runs as
   */
  LoginKeys(SftpSettings settings, SftpErrors errors, Path home) {
    this.settings = settings;
    this.errors = errors;
    this.home = home;
  }

  /** The configured key, or the usual ones where nothing is configured, or none for a password. */
  List<KeyPair> load() throws RemoteException {
    if (settings.keyFile().isPresent()) {
      return load(settings.keyFile().get());
    }
    if (settings.password().isPresent()) {
      return List.of();
    }
    List<KeyPair> keys = usual();
    if (keys.isEmpty()) {
      throw errors.of(
          Cause.AUTHENTICATION,
          "neither key_file nor password is set, and no key without a passphrase is in "
              + SftpErrors.shown(home.resolve(".ssh")));
    }
    return keys;
  }

  private List<KeyPair> usual() {
    List<KeyPair> keys = new ArrayList<>();
    for (String name : USUAL) {
      try {
        keys.addAll(read(home.resolve(".ssh").resolve(name), Optional.empty()));
      } catch (IOException | GeneralSecurityException | RuntimeException e) {
        // Not there, or not for us; ssh passes over it as well.
      }
    }
    return keys;
  }

  private List<KeyPair> load(Path file) throws RemoteException {
    try {
      List<KeyPair> keys = read(file, settings.keyPassphrase());
      if (!keys.isEmpty()) {
        return keys;
      }
      throw failure(file, "holds no private key", null);
    } catch (NoSuchFileException e) {
      throw failure(file, "is not there", e);
    } catch (AccessDeniedException e) {
      throw failure(file, "may not be read by Caravan's user", e);
    } catch (FailedLoginException e) {
      throw failure(file, "needs a passphrase; set key_passphrase or use a key without", e);
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      boolean locked = settings.keyPassphrase().isPresent();
      throw failure(
          file,
          locked ? "cannot be read with key_passphrase" : "is no private key in a known form",
          e);
    }
  }

  private static List<KeyPair> read(Path file, Optional<Secret> passphrase)
      throws IOException, GeneralSecurityException {
    FilePasswordProvider provider =
        passphrase
            .map(secret -> FilePasswordProvider.of(secret.reveal()))
            .orElse(FilePasswordProvider.EMPTY);
    List<KeyPair> keys = new ArrayList<>();
    try (InputStream in = Files.newInputStream(file)) {
      Iterable<KeyPair> found =
          SecurityUtils.loadKeyPairIdentities(
              null, NamedResource.ofName(file.toString()), in, provider);
      if (found != null) {
        found.forEach(keys::add);
      }
    }
    return keys;
  }

  /** Without what the library says, which may quote the file. */
  private RemoteException failure(Path file, String what, @Nullable Exception e) {
    return errors.of(Cause.AUTHENTICATION, "key_file " + SftpErrors.shown(file) + " " + what, e);
  }
}
