package dev.caravan.archive.carry;

import dev.caravan.event.ContentChangedException;
import dev.caravan.event.PathNames;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.StoredObject;
import dev.caravan.store.FileStat;
import dev.caravan.store.FileVersion;
import dev.caravan.store.single.LocalFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** To any configured remote: a prefix of it is the archive's destination. */
public final class ObjectCarrier implements Carrier {

  private static final Logger LOG = LoggerFactory.getLogger("caravan.archive");
  private static final int BUFFER = 128 * 1024;

  private final Remote remote;
  private final String prefix;
  private final Clock clock;

  /** What was stored since it was asked for last: a remote returns only once it holds that. */
  private final Map<Long, Proof> stored = new HashMap<>();

  /**
   * @param base below which the files go, without a slash in front; {@code ""} for none
   */
  public ObjectCarrier(Remote remote, String base, Clock clock) {
    this.remote = remote;
    this.prefix = base.isEmpty() || base.endsWith("/") ? base : base + "/";
    this.clock = clock;
  }

  @Override
  public String place() {
    return remote.name() + ":" + prefix;
  }

  @Override
  public void probe() throws RemoteException {
    if (!remote.canFind()) {
      throw new RemoteException(
          RemoteException.Cause.UNSUPPORTED,
          "Remote '%s' cannot say what it holds, so no copy there could be proven; name another"
              .formatted(remote.name()));
    }
    remote.probe();
  }

  @Override
  public Sent send(List<Parcel> parcels, BooleanSupplier cancelled) throws RemoteException {
    stored.clear();
    Map<Long, String> faults = new LinkedHashMap<>();
    Set<Long> whole = new HashSet<>();
    for (Parcel each : parcels) {
      if (cancelled.getAsBoolean()) {
        break;
      }
      send(each, whole).ifPresent(fault -> faults.put(each.id(), fault));
    }
    return new Sent(faults, whole, false);
  }

  private Optional<String> send(Parcel each, Set<Long> whole) throws RemoteException {
    LocalFile local = new LocalFile(each.local(), clock);
    try {
      Optional<FileStat> seen = local.look();
      if (seen.isEmpty()) {
        return Optional.of("The local file is missing");
      }
      FileVersion content = local.read(seen.get());
      String md5 = HexFormat.of().formatHex(content.md5());
      if (!md5.equals(each.md5())) {
        // It is registered anew first, as what it is now.
        return Optional.empty();
      }
      StoredObject.Proof proof = remote.put(key(each), content).proof();
      whole.add(each.id());
      if (proof == StoredObject.Proof.SERVER_CHECKED || proof == StoredObject.Proof.READ_BACK) {
        stored.put(each.id(), new Proof(md5, Optional.of(content.sha256())));
      }
      return Optional.empty();
    } catch (RemoteException e) {
      if (e.reason().concernsWholeRemote() || e.reason() == RemoteException.Cause.CANCELLED) {
        throw e;
      }
      return Optional.of(String.valueOf(e.getMessage()));
    } catch (ContentChangedException e) {
      return Optional.of("The file changed while it was read");
    } catch (IOException e) {
      return Optional.of("The local file cannot be read: " + e.getMessage());
    }
  }

  @Override
  public Proofs prove(List<Parcel> parcels, BooleanSupplier cancelled) throws RemoteException {
    Map<Long, Proof> proofs = new HashMap<>();
    for (Parcel each : parcels) {
      Proof fresh = stored.remove(each.id());
      if (fresh != null) {
        proofs.put(each.id(), fresh);
        continue;
      }
      if (cancelled.getAsBoolean()) {
        throw cancelled();
      }
      ask(each, cancelled).ifPresent(proof -> proofs.put(each.id(), proof));
    }
    return new Proofs(proofs, false);
  }

  /** What lies there; empty when it is known that nothing does. */
  private Optional<Proof> ask(Parcel parcel, BooleanSupplier cancelled) throws RemoteException {
    if (!remote.canFind()) {
      return Optional.of(Proof.UNKNOWN);
    }
    try {
      Optional<ObjectStat> there = remote.find(key(parcel));
      if (there.isEmpty()) {
        return Optional.empty();
      }
      if (parcel.sha256().isPresent() && there.get().sha256().equals(parcel.sha256())) {
        return Optional.of(new Proof(parcel.md5(), parcel.sha256()));
      }
      return Optional.of(readBack(parcel, cancelled));
    } catch (RemoteException e) {
      if (e.reason() == RemoteException.Cause.NO_SUCH_OBJECT) {
        return Optional.empty();
      }
      if (e.reason().concernsWholeRemote() || e.reason() == RemoteException.Cause.CANCELLED) {
        throw e;
      }
      LOG.debug("Remote '{}' cannot say what it holds of {}", remote.name(), key(parcel), e);
      return Optional.of(Proof.UNKNOWN);
    } catch (IOException e) {
      LOG.debug("Remote '{}' broke off while {} was read", remote.name(), key(parcel), e);
      return Optional.of(Proof.UNKNOWN);
    }
  }

  /** The remote, or the database, does not know the checksum: the bytes tell it. */
  private Proof readBack(Parcel parcel, BooleanSupplier cancelled)
      throws RemoteException, IOException {
    MessageDigest md5 = digest("MD5");
    MessageDigest sha256 = digest("SHA-256");
    byte[] buffer = new byte[BUFFER];
    try (InputStream in = remote.open(key(parcel), 0, -1)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        if (cancelled.getAsBoolean()) {
          throw cancelled();
        }
        md5.update(buffer, 0, n);
        sha256.update(buffer, 0, n);
      }
    }
    HexFormat hex = HexFormat.of();
    return new Proof(hex.formatHex(md5.digest()), Optional.of(hex.formatHex(sha256.digest())));
  }

  private static MessageDigest digest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private RemoteException cancelled() {
    return new RemoteException(
        RemoteException.Cause.CANCELLED,
        "Remote '%s': cancelled, cannot ask what it holds".formatted(remote.name()));
  }

  @Override
  public Optional<Path> fileOf(Parcel parcel) {
    return remote
        .localFolder()
        .map(folder -> PathNames.resolve(folder, prefix + parcel.remotePath()));
  }

  private ObjectKey key(Parcel parcel) {
    return new ObjectKey(prefix + parcel.remotePath());
  }
}
