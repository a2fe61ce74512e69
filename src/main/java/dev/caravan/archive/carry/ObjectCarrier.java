package dev.caravan.archive.carry;

import dev.caravan.event.ContentChangedException;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.store.FileStat;
import dev.caravan.store.FileVersion;
import dev.caravan.store.single.LocalFile;
import java.io.IOException;
import java.time.Clock;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** To any configured remote: a prefix of it is the archive's destination. */
public final class ObjectCarrier implements Carrier {

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
    remote.probe();
  }

  @Override
  public Sent send(List<Parcel> parcels, BooleanSupplier cancelled) throws RemoteException {
    stored.clear();
    Map<Long, String> faults = new LinkedHashMap<>();
    for (Parcel each : parcels) {
      if (cancelled.getAsBoolean()) {
        break;
      }
      send(each).ifPresent(fault -> faults.put(each.id(), fault));
    }
    return new Sent(faults, false);
  }

  private Optional<String> send(Parcel each) throws RemoteException {
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
      remote.put(key(each), content);
      stored.put(each.id(), new Proof(md5, Optional.of(content.sha256())));
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
  public Map<Long, Proof> prove(List<Parcel> parcels, BooleanSupplier cancelled)
      throws RemoteException {
    Map<Long, Proof> proofs = new HashMap<>();
    for (Parcel each : parcels) {
      Proof fresh = stored.remove(each.id());
      if (fresh != null) {
        proofs.put(each.id(), fresh);
      } else if (remote.canFind() && each.sha256().isPresent()) {
        Optional<ObjectStat> there = remote.find(key(each));
        if (there.isPresent() && there.get().sha256().equals(each.sha256())) {
          proofs.put(each.id(), new Proof(each.md5(), each.sha256()));
        }
      }
    }
    return proofs;
  }

  private ObjectKey key(Parcel parcel) {
    return new ObjectKey(prefix + parcel.remotePath());
  }
}
