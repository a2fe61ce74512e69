package dev.caravan.remote.sftp;

import dev.caravan.config.SftpSettings;
import dev.caravan.event.ObjectContent;
import dev.caravan.event.PathNames;
import dev.caravan.event.StorePath;
import dev.caravan.event.WantedSums;
import dev.caravan.remote.FileCarrier;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.PosixNames;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.StoredObject;
import dev.caravan.remote.TempNames;
import dev.caravan.remote.Unkept;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * A folder on an SFTP server: objects are plain files under their store names, byte for byte.
 *
 * <p>Links below the folder are not followed; they are no objects. What stands in the way of a new
 * object is moved to the trash, see {@link SftpFolders}. Of modification times the protocol can say
 * whole seconds from 1970 to 2106; others become the nearest of these.
 */
public final class SftpRemote implements Remote {

  private static final Path HOME = Path.of(System.getProperty("user.home", "/"));

  private final SftpSettings settings;
  private final Optional<FileCarrier> carrier;
  private final SftpErrors errors;
  private final SftpPool pool;
  private final SftpRoot root;
  private final SftpFolders folders;
  private final SftpTemps temps;
  private final SftpSums sums = new SftpSums();
  private final SftpUploads uploads;
  private final SftpReads reads;
  private final SftpBatches batches;
  private final Semaphore transfers;

  public SftpRemote(SftpSettings settings, Clock clock) {
    this(settings, clock, SftpPatience.STANDARD);
  }

  /** The same with another patience. */
  public SftpRemote(SftpSettings settings, Clock clock, SftpPatience patience) {
    this(settings, clock, HOME, Optional.empty(), patience);
  }

  /**
   * The same with files that are written by someone else.
   *
   * @param carrier is closed with this
   */
  public SftpRemote(SftpSettings settings, Clock clock, FileCarrier carrier) {
    this(settings, clock, carrier, SftpPatience.STANDARD);
  }

  /**
   * The same with another patience.
   *
   * @param carrier is closed with this
   */
  public SftpRemote(
      SftpSettings settings, Clock clock, FileCarrier carrier, SftpPatience patience) {
    this(settings, clock, HOME, Optional.of(carrier), patience);
  }

  /**
   * For tests.
   *
   * @param home where the usual keys are looked for
   */
  SftpRemote(SftpSettings settings, Clock clock, Path home) {
    this(settings, clock, home, Optional.empty(), SftpPatience.STANDARD);
  }

  private SftpRemote(
      SftpSettings settings,
      Clock clock,
      Path home,
      Optional<FileCarrier> carrier,
      SftpPatience patience) {
    this.settings = settings;
    this.carrier = carrier;
    this.errors = new SftpErrors(settings.name(), identity());
    this.pool = new SftpPool(new SftpLogin(settings, errors, home, patience), errors, clock);
    this.root = new SftpRoot(settings.path(), pool, errors);
    this.folders = new SftpFolders(root, errors, clock);
    this.temps = new SftpTemps(pool, new TempNames(new SecureRandom().nextLong()), clock);
    this.uploads =
        new SftpUploads(root, errors, folders, temps, sums, new SftpWriter(errors, sums, carrier));
    this.reads = new SftpReads(pool, root, errors, folders, sums);
    this.batches = new SftpBatches(root, folders, reads);
    this.transfers = new Semaphore(settings.transfers(), true);
  }

  @Override
  public String name() {
    return settings.name();
  }

  @Override
  public String provider() {
    return carrier.map(FileCarrier::provider).orElse("sftp");
  }

  @Override
  public String identity() {
    String slash = settings.path().startsWith("/") ? "" : "/~/";
    String where =
        "%s://%s@%s:%d".formatted(provider(), settings.user(), settings.host(), settings.port());
    return SftpErrors.oneLine(where + slash + settings.path().replaceFirst("^~(/+|$)", ""));
  }

  @Override
  public Map<String, String> probe() throws RemoteException {
    Map<String, String> facts = new LinkedHashMap<>();
    if (carrier.isPresent()) {
      facts.putAll(carrier.get().probe());
    }
    facts.putAll(
        root.ask(
            "write to the folder",
            line -> {
              root.ensureThere(line);
              String checksum = uploads.tryWriting(line);
              return facts(line, checksum);
            }));
    return facts;
  }

  private Map<String, String> facts(SftpLine line, String checksum)
      throws RemoteException, SftpFailure {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("server", SftpErrors.oneLine(String.valueOf(line.session().getServerVersion())));
    facts.put("checksum", checksum);
    facts.put("rename", line.renamesAtomically() ? "atomic" : "in two steps");
    Optional<SftpSpace> space = line.space(root.path(line));
    space.ifPresent(s -> facts.put("free_bytes", Long.toString(s.freeBytes())));
    space.ifPresent(s -> facts.put("total_bytes", Long.toString(s.totalBytes())));
    return facts;
  }

  @Override
  public Optional<String> refusal(StorePath path, long sizeBytes) {
    try {
      return PosixNames.refusal(PathNames.bytesOf(settings.path()).length, path);
    } catch (InvalidPathException e) {
      return Optional.empty(); // The probe says what is wrong with the folder.
    }
  }

  /** Whether the server lets us give files away shows when we do. */
  @Override
  public List<String> unkept(Traits file, long modifiedNs) {
    boolean kept = carrier.map(FileCarrier::keepsPermissions).orElse(true);
    List<String> unkept = new ArrayList<>(Unkept.permissions(file, kept));
    unkept.addAll(SftpStat.unkept(modifiedNs));
    return unkept;
  }

  @Override
  public boolean displaces() {
    return true;
  }

  @Override
  public WantedSums wantedSums(long sizeBytes) {
    return sums.wanted(sizeBytes);
  }

  @Override
  public StoredObject put(ObjectKey key, ObjectContent content)
      throws RemoteException, IOException {
    try {
      transfers.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw errors.of(Cause.CANCELLED, "cancelled while waiting for other transfers", e);
    }
    try {
      StoredObject.Proof proof =
          pool.use(line -> uploads.put(line, key, content, root.pathOf(line, key)));
      return new StoredObject(Optional.empty(), Optional.empty(), proof);
    } catch (SftpFailure e) {
      throw root.failure("store " + SftpErrors.shown(key), e);
    } finally {
      transfers.release();
    }
  }

  @Override
  public Optional<ObjectStat> find(ObjectKey key) throws RemoteException {
    return root.ask("look at " + SftpErrors.shown(key), line -> reads.find(line, key));
  }

  @Override
  public InputStream open(ObjectKey key, long offset, long length) throws RemoteException {
    return reads.open(key, offset, length);
  }

  @Override
  public void list(String prefix, Visitor each) throws RemoteException {
    root.ask(
        "list the objects below " + SftpErrors.shown(prefix),
        line -> {
          reads.list(line, prefix, each);
          return prefix;
        });
  }

  @Override
  public Optional<ObjectStat> copy(ObjectStat from, ObjectKey to) throws RemoteException {
    return root.ask(
        "copy " + SftpErrors.shown(from.key()),
        line -> {
          SftpPath source = root.pathOf(line, from.key());
          if (reads.stat(line, from.key()).isEmpty()) {
            throw reads.absent(from.key());
          }
          if (!uploads.link(line, source, from, root.pathOf(line, to))) {
            return Optional.empty();
          }
          // What was linked was read, and is what was proven.
          return reads.stat(line, to).map(stat -> stat.ofObject(to, from.sha256()));
        });
  }

  /** Bytes are not looked at: what lies there with the same length is taken for what was proven. */
  @Override
  public Optional<ObjectStat> describe(ObjectStat held, ObjectContent content)
      throws RemoteException {
    ObjectKey key = held.key();
    return root.ask(
        "describe " + SftpErrors.shown(key),
        line -> {
          if (reads.stat(line, key).filter(s -> s.sizeBytes() == held.sizeBytes()).isEmpty()) {
            throw reads.absent(key);
          }
          uploads.describe(line, root.pathOf(line, key), content);
          return reads.stat(line, key).map(stat -> stat.ofObject(key, held.sha256()));
        });
  }

  @Override
  public Traits traits(ObjectKey key) throws RemoteException {
    return root.ask(
        "look at " + SftpErrors.shown(key),
        line -> reads.stat(line, key).orElseThrow(() -> reads.absent(key)).traits());
  }

  @Override
  public Map<ObjectKey, RemoteException> move(Map<ObjectKey, ObjectKey> moves)
      throws RemoteException {
    return batches.move(moves);
  }

  @Override
  public Map<ObjectKey, RemoteException> delete(Collection<ObjectKey> keys) throws RemoteException {
    return batches.delete(keys);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Temporary files carry their key, so those of the key are ours whenever they were begun.
   */
  @Override
  public void sweep(ObjectKey key, Instant begunAt) throws RemoteException {
    root.ask(
        "sweep the temporary files of " + SftpErrors.shown(key),
        line -> {
          root.ensureThere(line);
          SftpPath folder = uploads.folder(line);
          if (line.find(folder).filter(SftpStat::isFolder).isPresent()) {
            temps.sweep(line, folder, key);
          }
          return key;
        });
  }

  @Override
  public void close() {
    carrier.ifPresent(FileCarrier::close);
    pool.close();
  }
}
