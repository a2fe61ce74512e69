package dev.caravan.remote.sftp;

import dev.caravan.config.Secret;
import dev.caravan.config.SftpSettings;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.sshd.client.ClientBuilder;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.config.hosts.HostConfigEntryResolver;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.SshException;
import org.apache.sshd.common.config.keys.FilePasswordProvider;
import org.apache.sshd.common.keyprovider.KeyIdentityProvider;
import org.apache.sshd.common.signature.Signature;
import org.apache.sshd.core.CoreModuleProperties;
import org.jspecify.annotations.Nullable;

/**
 * Logs in at the server. Reads nothing of {@code ~/.ssh/config} and asks no agent: what is in
 * Caravan's configuration is all there is.
 */
final class SftpLogin implements AutoCloseable {

  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(20);
  private static final Duration LOGIN_LIMIT = Duration.ofSeconds(40);

  private final SftpSettings settings;
  private final SftpErrors errors;
  private final HostKeys hostKeys;
  private final LoginKeys keys;
  private final SftpPatience patience;
  private @Nullable SshClient client;
  private boolean closed;

  SftpLogin(SftpSettings settings, SftpErrors errors, Path home, SftpPatience patience) {
    this.settings = settings;
    this.errors = errors;
    this.hostKeys = new HostKeys(settings);
    this.keys = new LoginKeys(settings, errors, home);
    this.patience = patience;
  }

  /** Opens a session that is logged in; the caller closes it. */
  ClientSession open() throws RemoteException {
    List<KeyPair> identities = keys.load();
    while (true) {
      int refusedKinds = hostKeys.refusedKinds();
      try {
        return open(identities);
      } catch (RemoteException e) {
        if (settings.hostKey().isEmpty() || hostKeys.refusedKinds() == refusedKinds) {
          throw e;
        }
      }
    }
  }

  private ClientSession open(List<KeyPair> identities) throws RemoteException {
    SshClient ssh = client();
    try {
      ssh.setSignatureFactories(hostKeys.preferred(allSignatures()));
    } catch (IOException e) {
      throw errors.of(Cause.TLS, String.valueOf(e.getMessage()), e);
    }
    hostKeys.forgetRefusal();
    ClientSession session = connect(ssh);
    boolean loggedIn = false;
    try {
      identities.forEach(session::addPublicKeyIdentity);
      settings.password().map(Secret::reveal).ifPresent(session::addPasswordIdentity);
      session.auth().verify(LOGIN_LIMIT);
      loggedIn = true;
      return session;
    } catch (IOException | RuntimeException e) {
      throw loginFailure(e);
    } finally {
      if (!loggedIn) {
        session.close(true);
      }
    }
  }

  /** Runs a task again and again until this is closed. */
  void every(Duration pause, Runnable task) throws RemoteException {
    client()
        .getScheduledExecutorService()
        .scheduleWithFixedDelay(task, pause.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (client != null) {
      client.stop();
      client = null;
    }
  }

  private synchronized SshClient client() throws RemoteException {
    if (closed) {
      throw errors.of(Cause.CANCELLED, "closed");
    }
    SshClient ssh = client;
    if (ssh == null) {
      ssh = SshClient.setUpDefaultClient();
      ssh.setHostConfigEntryResolver(HostConfigEntryResolver.EMPTY);
      ssh.setServerKeyVerifier(hostKeys);
      ssh.setKeyIdentityProvider(KeyIdentityProvider.EMPTY_KEYS_PROVIDER);
      ssh.setFilePasswordProvider(FilePasswordProvider.EMPTY);
      CoreModuleProperties.IDLE_TIMEOUT.set(ssh, patience.answer());
      CoreModuleProperties.AUTH_TIMEOUT.set(ssh, LOGIN_LIMIT);
      CoreModuleProperties.IO_CONNECT_TIMEOUT.set(ssh, CONNECT_LIMIT);
      CoreModuleProperties.HEARTBEAT_INTERVAL.set(ssh, patience.heartbeat());
      CoreModuleProperties.HEARTBEAT_NO_REPLY_MAX.set(ssh, SftpPatience.SILENT_HEARTBEATS);
      // Else a server without a shell would be waited for in vain.
      CoreModuleProperties.REQUEST_EXEC_REPLY.set(ssh, true);
      CoreModuleProperties.SOCKET_KEEPALIVE.set(ssh, true);
      CoreModuleProperties.TCP_NODELAY.set(ssh, true);
      ssh.start();
      client = ssh;
    }
    return ssh;
  }

  private static List<NamedFactory<Signature>> allSignatures() {
    return ClientBuilder.setUpDefaultSignatureFactories(true);
  }

  private ClientSession connect(SshClient ssh) throws RemoteException {
    try {
      return ssh.connect(settings.user(), settings.host(), settings.port())
          .verify(CONNECT_LIMIT)
          .getSession();
    } catch (InterruptedIOException e) {
      throw cancelled(e);
    } catch (IOException | RuntimeException e) {
      throw errors.of(
          Cause.NETWORK, "cannot connect: " + reasonOf(e) + "; look at the server and its port", e);
    }
  }

  private static String reasonOf(Throwable e) {
    for (Throwable t = e; t != null; t = t.getCause()) {
      if (t instanceof UnresolvedAddressException || t instanceof UnknownHostException) {
        return "its name cannot be resolved";
      }
      if (t instanceof ConnectException) {
        return SftpErrors.oneLine(String.valueOf(t.getMessage()));
      }
    }
    return SftpErrors.oneLine(String.valueOf(e.getMessage()));
  }

  private RemoteException loginFailure(Exception e) {
    if (e instanceof InterruptedIOException) {
      return cancelled(e);
    }
    Optional<String> refusal = hostKeys.refusal();
    if (refusal.isPresent()) {
      return errors.of(Cause.TLS, refusal.get(), e);
    }
    if (e instanceof SshException ssh && isRefusal(ssh)) {
      return errors.of(
          Cause.AUTHENTICATION,
          "user " + SftpErrors.shown(settings.user()) + " may not log in with " + credentials(),
          e);
    }
    return errors.of(Cause.NETWORK, "the login did not come to its end: " + reasonOf(e), e);
  }

  private static boolean isRefusal(SshException e) {
    int code = e.getDisconnectCode();
    boolean tooMany = String.valueOf(e.getMessage()).contains("Too many authentication failures");
    return tooMany || code == SshConstants.SSH2_DISCONNECT_NO_MORE_AUTH_METHODS_AVAILABLE;
  }

  private String credentials() {
    String key = settings.keyFile().map(file -> "the key " + SftpErrors.shown(file)).orElse("");
    if (settings.password().isEmpty()) {
      return key.isEmpty() ? "the keys in ~/.ssh" : key;
    }
    return key.isEmpty() ? "the password" : key + " or the password";
  }

  private RemoteException cancelled(Exception e) {
    Thread.currentThread().interrupt();
    return errors.of(Cause.CANCELLED, "cancelled while logging in", e);
  }
}
