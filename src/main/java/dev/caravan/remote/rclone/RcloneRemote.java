package dev.caravan.remote.rclone;

import dev.caravan.config.RcloneSettings;
import dev.caravan.event.ObjectContent;
import dev.caravan.event.PathNames;
import dev.caravan.event.StorePath;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.StoredObject;
import dev.caravan.remote.Unkept;
import dev.caravan.remote.rclone.rcd.Rclone;
import dev.caravan.remote.rclone.rcd.RcloneLimits;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.InvalidPathException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Whatever rclone can reach, through one {@code rclone rcd} child that lives as long as this.
 *
 * <p>Names are kept as their text form says: a byte that is no UTF-8 lies there as {@code ‛FF}, the
 * way that rclone writes it to object stores. What a storage can do is found out by the probe.
 *
 * <p>Folders that became empty stay, as with rclone's own commands: its {@code rmdir} would also
 * remove a file that has taken the folder's name meanwhile.
 */
public final class RcloneRemote implements Remote {

  private final RcloneSettings settings;
  private final Rclone rclone;
  private final Storage storage;
  private final Temps temps = new Temps(new SecureRandom().nextLong());
  private final FolderWalk walk;
  private final StallWatch watch;
  private final ObjectReads reads;
  private final Uploads uploads;
  private final Lookup lookup;
  private final ServerCopies copies;
  private final AbilityProbe probe;
  private final Batch batch;
  private volatile @Nullable Abilities abilities;

  public RcloneRemote(RcloneSettings settings, Clock clock) {
    this(settings, clock, new Rclone(settings, System.getenv(), RcloneLimits.STANDARD));
  }

  /** For tests. */
  RcloneRemote(RcloneSettings settings, Clock clock, Rclone rclone) {
    this.settings = settings;
    this.rclone = rclone;
    this.storage = new Storage(rclone);
    this.walk = new FolderWalk(rclone);
    this.watch = new StallWatch(rclone.limits());
    this.reads = new ObjectReads(rclone, storage, watch);
    Obstacles obstacles = new Obstacles(storage, walk, clock);
    this.uploads = new Uploads(rclone, storage, reads, obstacles, temps, settings.readBack());
    this.lookup = new Lookup(rclone, storage, reads, settings.readBack());
    this.copies = new ServerCopies(rclone, lookup, uploads);
    this.probe = new AbilityProbe(rclone, storage, temps);
    this.batch = new Batch(settings.name());
  }

  @Override
  public String name() {
    return settings.name();
  }

  @Override
  public String provider() {
    return "rclone";
  }

  @Override
  public String identity() {
    return "rclone:" + settings.remote().replaceAll("\\p{Cntrl}", "?");
  }

  @Override
  public Map<String, String> probe() throws RemoteException {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("rclone", rclone.version());
    try {
      Abilities known = abilities;
      if (known == null) {
        known = probe.find();
        abilities = known;
        sweepLeft(name -> true);
      } else {
        probe.tryWriting();
      }
      facts.putAll(known.facts(settings.readBack()));
    } catch (IOException e) {
      throw rclone.broken("try to write", e);
    }
    return facts;
  }

  /** Probes first where nobody did. */
  private Abilities abilities() throws RemoteException {
    Abilities known = abilities;
    if (known != null) {
      return known;
    }
    synchronized (this) {
      if (abilities == null) {
        probe();
      }
    }
    return abilities();
  }

  @Override
  public Optional<String> refusal(StorePath path, long sizeBytes) {
    try {
      PathNames.bytesOf(path.value());
    } catch (InvalidPathException e) {
      return Optional.of("its name " + e.getReason());
    }
    if (path.isWithin(Temps.FOLDER)) {
      return Optional.of("its name is that of a temporary file");
    }
    Abilities known = abilities;
    return known == null ? Optional.empty() : NameLimits.refusal(path, known.tried());
  }

  @Override
  public List<String> unkept(Traits file, long modifiedNs) {
    List<String> unkept = new ArrayList<>(Unkept.traits(file));
    Abilities known = abilities;
    if (known != null) {
      unkept.addAll(Unkept.time(modifiedNs, known.timeStepNs()));
    }
    return unkept;
  }

  @Override
  public boolean displaces() {
    Abilities known = abilities;
    return known != null && known.tried().displaces();
  }

  @Override
  public StoredObject put(ObjectKey key, ObjectContent content)
      throws RemoteException, IOException {
    return uploads.put(key, content, abilities());
  }

  /** Reads the whole object where nothing else can prove it, and that was asked for. */
  @Override
  public Optional<ObjectStat> find(ObjectKey key) throws RemoteException {
    return lookup.find(key, abilities());
  }

  @Override
  public InputStream open(ObjectKey key, long offset, long length) throws RemoteException {
    return reads.open(key, offset, length);
  }

  @Override
  public void list(String prefix, Visitor each) throws RemoteException {
    Abilities known = abilities();
    try {
      if (!walk.visit(prefix, known, each)) {
        lookup.ensureThere(known);
      }
    } catch (RemoteException e) {
      // The probe has just written below the root: so it was there, and is gone now.
      throw Storage.isAbsent(e) && prefix.isEmpty()
          ? new RemoteException(Cause.NOT_THERE, String.valueOf(e.getMessage()), e)
          : e;
    }
  }

  @Override
  public Optional<ObjectStat> copy(ObjectStat from, ObjectKey to) throws RemoteException {
    return copies.copy(from, to, abilities());
  }

  @Override
  public Map<ObjectKey, RemoteException> move(Map<ObjectKey, ObjectKey> moves)
      throws RemoteException {
    Abilities known = abilities();
    return batch.run(
        moves.keySet(),
        from -> {
          ObjectKey to = moves.getOrDefault(from, from);
          if (!from.equals(to)) {
            moveOne(from, to, known);
          }
        });
  }

  /** One that is not there counts as moved. */
  private void moveOne(ObjectKey from, ObjectKey to, Abilities known) throws RemoteException {
    String path = RcloneNames.toRclone(from.value());
    if (storage.find(path, Optional.empty()).isPresent()) {
      uploads.place(path, to.value(), known);
    } else {
      lookup.ensureThere(known);
    }
  }

  @Override
  public Map<ObjectKey, RemoteException> delete(Collection<ObjectKey> keys) throws RemoteException {
    Abilities known = abilities();
    return batch.run(
        keys,
        key -> {
          if (!storage.delete(RcloneNames.toRclone(key.value()))) {
            lookup.ensureThere(known);
          }
        });
  }

  /**
   * {@inheritDoc}
   *
   * <p>Temporary files carry their key, so those of the key are ours whenever they were begun.
   */
  @Override
  public void sweep(ObjectKey key, Instant begunAt) throws RemoteException {
    sweepLeft(name -> temps.isOf(name, key.value()));
  }

  /** One store has one Caravan, and one remote one store: nobody else has temporary files there. */
  private void sweepLeft(Predicate<String> wanted) throws RemoteException {
    for (String path : storage.listNames(Temps.FOLDER, true)) {
      String name = path.substring(path.lastIndexOf('/') + 1);
      if (temps.isLeft(name) && wanted.test(name)) {
        storage.delete(path);
      }
    }
  }

  @Override
  public void close() {
    batch.close();
    watch.close();
    rclone.close();
  }
}
