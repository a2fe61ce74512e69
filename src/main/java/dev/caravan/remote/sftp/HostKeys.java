package dev.caravan.remote.sftp;

import dev.caravan.config.SftpSettings;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.apache.sshd.client.config.hosts.KnownHostEntry;
import org.apache.sshd.client.keyverifier.ServerKeyVerifier;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.NamedFactory;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntryResolver;
import org.apache.sshd.common.digest.BuiltinDigests;
import org.apache.sshd.common.signature.Signature;

/**
 * Lets in only the server that is known: by its line in {@code known_hosts}, read anew each time,
 * or by the fingerprint in the configuration. There is no first time on which any key is trusted.
 */
final class HostKeys implements ServerKeyVerifier {

  private static final String REVOKED = "revoked";

  private final SftpSettings settings;

  /** Kinds of keys that the server has, none of which is the one that is wanted. */
  private final Set<String> refusedKinds = ConcurrentHashMap.newKeySet();

  /** Not an attribute of the session: that forgets them when it is closed for this very reason. */
  private volatile Optional<String> refusal = Optional.empty();

  /** A key of the file that is this host's. */
  private record Known(PublicKey key, String kind, boolean revoked) {}

  HostKeys(SftpSettings settings) {
    this.settings = settings;
  }

  /** Why the key was refused at the present login; logins are made one after the other. */
  Optional<String> refusal() {
    return refusal;
  }

  /** To be called before each login. */
  void forgetRefusal() {
    refusal = Optional.empty();
  }

  @Override
  public boolean verifyServerKey(ClientSession session, SocketAddress address, PublicKey key) {
    Optional<String> why;
    try {
      why = refusalOf(key);
    } catch (IOException e) {
      why = Optional.of(unreadable(e));
    }
    refusal = why;
    if (why.isPresent()) {
      refusedKinds.add(KeyUtils.getKeyType(key));
    }
    return why.isEmpty();
  }

  /**
   * How many kinds of keys were refused. When it grew, another try asks the server for another kind
   * of key: a fingerprint does not tell which of them it is the one of.
   */
  int refusedKinds() {
    return refusedKinds.size();
  }

  /**
   * The kinds of keys to ask the server for. A server has several keys and shows the first that it
   * is asked for, so those come first that would be recognised.
   *
   * @throws IOException with a message for the operator, when the known keys cannot be read
   */
  List<NamedFactory<Signature>> preferred(List<NamedFactory<Signature>> all) throws IOException {
    List<NamedFactory<Signature>> sorted = new ArrayList<>(withoutCertificates(all));
    if (settings.knownHosts().isEmpty()) {
      sorted.sort(Comparator.comparing(factory -> refusedKinds.contains(kindOf(factory))));
      return sorted;
    }
    try {
      Set<String> kinds = known().stream().map(Known::kind).collect(Collectors.toSet());
      sorted.sort(Comparator.comparing(factory -> !kinds.contains(kindOf(factory))));
      return sorted;
    } catch (IOException e) {
      throw new IOException(unreadable(e), e);
    }
  }

  /** The kind of key that a way of signing belongs to: {@code ssh-rsa} for {@code rsa-sha2-256}. */
  static String kindOf(NamedFactory<Signature> factory) {
    return String.valueOf(KeyUtils.getCanonicalKeyType(factory.getName()));
  }

  private static List<NamedFactory<Signature>> withoutCertificates(
      List<NamedFactory<Signature>> all) {
    return all.stream().filter(factory -> !factory.getName().contains("-cert-")).toList();
  }

  private Optional<String> refusalOf(PublicKey key) throws IOException {
    String shown = KeyUtils.getKeyType(key) + " " + fingerprint(key);
    if (settings.hostKey().isPresent()) {
      String pinned = settings.hostKey().get().replaceFirst("=$", "");
      return pinned.equals(fingerprint(key))
          ? Optional.empty()
          : Optional.of(
              "the server shows the key %s, which is not storage.remotes[].host_key; do not go on"
                      .formatted(shown)
                  + " before you know why");
    }
    List<Known> known = known();
    boolean same = known.stream().anyMatch(k -> KeyUtils.compareKeys(k.key(), key));
    boolean revoked =
        known.stream().anyMatch(k -> k.revoked() && KeyUtils.compareKeys(k.key(), key));
    if (same && !revoked) {
      return Optional.empty();
    }
    if (revoked) {
      return Optional.of("the server shows the key " + shown + ", which " + file() + " revokes");
    }
    return Optional.of(known.isEmpty() ? unknown(shown) : changed(shown));
  }

  private String unknown(String shown) {
    return "the server is not in %s; it shows the key %s: compare that with the server's own"
            .formatted(file(), shown)
        + " (ssh-keygen -l), then log in there once with ssh to add it";
  }

  private String changed(String shown) {
    return "the server shows the key %s, but another one is in %s: it was set up anew, or this is"
            .formatted(shown, file())
        + " not the server; if you know why, remove the old line with ssh-keygen -R";
  }

  private String unreadable(IOException e) {
    String why = Files.exists(settings.knownHosts().orElseThrow()) ? e.toString() : "not there";
    return "known_hosts %s cannot be read (%s)".formatted(file(), SftpErrors.oneLine(why));
  }

  private String file() {
    return SftpErrors.oneLine(settings.knownHosts().map(Path::toString).orElse("known_hosts"));
  }

  private List<Known> known() throws IOException {
    List<Known> known = new ArrayList<>();
    for (String line : Files.readAllLines(settings.knownHosts().orElseThrow())) {
      parse(line).filter(this::isOurs).flatMap(HostKeys::known).ifPresent(known::add);
    }
    return known;
  }

  /** As ssh does, passes over lines that make no sense. */
  private static Optional<KnownHostEntry> parse(String line) {
    String text = line.strip();
    if (text.isEmpty() || text.startsWith("#")) {
      return Optional.empty();
    }
    try {
      return Optional.ofNullable(KnownHostEntry.parseKnownHostEntry(text));
    } catch (RuntimeException e) {
      return Optional.empty();
    }
  }

  private boolean isOurs(KnownHostEntry entry) {
    String marker = Objects.requireNonNullElse(entry.getMarker(), "");
    boolean here = entry.isHostMatch(settings.host(), settings.port());
    // The library's * stands for the usual port only; a key that is revoked is so at every port.
    boolean revoked = marker.equals(REVOKED) && entry.isHostMatch(settings.host(), 0);
    return revoked || (here && (marker.isEmpty() || marker.equals(REVOKED)));
  }

  private static Optional<Known> known(KnownHostEntry entry) {
    try {
      PublicKey key = entry.getKeyEntry().resolvePublicKey(null, PublicKeyEntryResolver.IGNORING);
      return key == null
          ? Optional.empty()
          : Optional.of(
              new Known(key, KeyUtils.getKeyType(key), REVOKED.equals(entry.getMarker())));
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      return Optional.empty();
    }
  }

  static String fingerprint(PublicKey key) {
    return KeyUtils.getFingerPrint(BuiltinDigests.sha256, key);
  }
}
