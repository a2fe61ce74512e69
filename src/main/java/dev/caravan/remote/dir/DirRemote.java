package dev.caravan.remote.dir;

import dev.caravan.config.DirSettings;
import dev.caravan.event.ObjectContent;
import dev.caravan.event.PathNames;
import dev.caravan.event.StorePath;
import dev.caravan.remote.FileCarrier;
import dev.caravan.remote.FileTimes;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.PosixNames;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.remote.Sha256;
import dev.caravan.remote.StoredObject;
import dev.caravan.remote.TempNames;
import dev.caravan.remote.Unkept;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A mounted disk or share: objects are plain files under their store names, byte for byte.
 *
 * <p>Links below the folder are not followed; they are no objects. What stands in the way of a new
 * object (a file where a folder is needed, or a folder where the file goes) is moved to the trash,
 * see {@link DirFolders}. Modification times are kept as exactly as the file system can, those
 * before 1970 to the second.
 */
public final class DirRemote implements Remote {

  private final String name;
  private final Optional<FileCarrier> carrier;
  private final DirErrors errors;
  private final DirRoot root;
  private final DirFolders folders;
  private final DirTemps temps;
  private final DirUploads uploads;
  private final Clock clock;

  public DirRemote(DirSettings settings, Clock clock) {
    this(settings, clock, new SecureRandom().nextLong(), Optional.empty());
  }

  /**
   * The same with files that are written by someone else.
   *
   * @param carrier is closed with this
   */
  public DirRemote(DirSettings settings, Clock clock, FileCarrier carrier) {
    this(settings, clock, new SecureRandom().nextLong(), Optional.of(carrier));
  }

  /**
   * For tests.
   *
   * @param token marks the temporary files of this process
   */
  DirRemote(DirSettings settings, Clock clock, long token) {
    this(settings, clock, token, Optional.empty());
  }

  private DirRemote(DirSettings settings, Clock clock, long token, Optional<FileCarrier> carrier) {
    this.carrier = carrier;
    Path path = settings.path().toAbsolutePath().normalize();
    this.name = settings.name();
    this.errors = new DirErrors(name, path);
    this.root = new DirRoot(path, settings.create(), errors);
    this.folders = new DirFolders(root, errors, clock);
    this.temps = new DirTemps(token);
    this.uploads = new DirUploads(root, errors, folders, temps, carrier);
    this.clock = clock;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String provider() {
    return carrier.map(FileCarrier::provider).orElse("dir");
  }

  @Override
  public String identity() {
    return provider() + ":" + PathNames.textOf(root.path()).replaceAll("\\p{Cntrl}", "?");
  }

  @Override
  public Optional<Path> localFolder() {
    return Optional.of(root.path());
  }

  @Override
  public Map<String, String> probe() throws RemoteException {
    root.ensureThere(true);
    try {
      if (root.isFolder(tempFolder())) {
        temps.sweepOthers(tempFolder());
      }
      Map<String, String> facts = new LinkedHashMap<>();
      if (carrier.isPresent()) {
        facts.putAll(carrier.get().probe());
      }
      facts.putAll(facts(uploads.tryWriting()));
      return facts;
    } catch (IOException e) {
      throw root.failure("write to the folder", e);
    }
  }

  @Override
  public Optional<String> refusal(StorePath path, long sizeBytes) {
    return PosixNames.refusal(PathNames.bytesOf(PathNames.textOf(root.path())).length, path);
  }

  @Override
  public List<String> unkept(Traits file, long modifiedNs) {
    boolean kept = carrier.map(FileCarrier::keepsPermissions).orElse(true);
    return Unkept.onDisk(file, modifiedNs, kept);
  }

  @Override
  public StoredObject put(ObjectKey key, ObjectContent content)
      throws RemoteException, IOException {
    root.ensureThere();
    uploads.put(key, content, root.pathOf(key));
    return new StoredObject(Optional.empty(), Optional.empty(), StoredObject.Proof.READ_BACK);
  }

  @Override
  public boolean displaces() {
    return true;
  }

  /** Reads the whole object, for nothing but its bytes can say what they are. */
  @Override
  public Optional<ObjectStat> find(ObjectKey key) throws RemoteException {
    Optional<ObjectStat> found = findStat(key);
    return found.isEmpty() ? found : Optional.of(withSha256(found.get(), hash(key)));
  }

  private static ObjectStat withSha256(ObjectStat stat, String sha256) {
    return new ObjectStat(
        stat.key(),
        stat.sizeBytes(),
        stat.modifiedAt(),
        stat.etag(),
        stat.version(),
        Optional.of(sha256));
  }

  private String hash(ObjectKey key) throws RemoteException {
    MessageDigest digest = Sha256.begin();
    byte[] buffer = new byte[128 * 1024];
    try (InputStream in = Files.newInputStream(root.pathOf(key), LinkOption.NOFOLLOW_LINKS)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
    } catch (NoSuchFileException e) {
      throw absent(key);
    } catch (IOException e) {
      throw root.failure("read " + DirErrors.shown(key), e);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private Optional<ObjectStat> findStat(ObjectKey key) throws RemoteException {
    root.ensureThere();
    Path path = root.pathOf(key);
    Optional<BasicFileAttributes> found;
    try {
      found = root.find(path);
    } catch (IOException e) {
      throw root.failure("look at " + DirErrors.shown(key), e);
    }
    if (found.isEmpty()) {
      root.ensureThere();
    }
    return found.map(attributes -> DirListing.statOf(key, attributes));
  }

  @Override
  public InputStream open(ObjectKey key, long offset, long length) throws RemoteException {
    if (findStat(key).isEmpty()) {
      throw absent(key);
    }
    try {
      FileChannel channel =
          FileChannel.open(root.pathOf(key), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
      return new RangeStream(channel, offset, length);
    } catch (NoSuchFileException e) {
      throw absent(key);
    } catch (IOException e) {
      throw root.failure("read " + DirErrors.shown(key), e);
    }
  }

  private RemoteException absent(ObjectKey key) {
    return errors.of(Cause.NO_SUCH_OBJECT, "there is no object " + DirErrors.shown(key));
  }

  @Override
  public void list(String prefix, Visitor each) throws RemoteException {
    root.ensureThere();
    String folderKey = prefix.substring(0, prefix.lastIndexOf('/') + 1);
    try (DirListing listing = new DirListing(prefix, each)) {
      Path folder = folderKey.isEmpty() ? root.path() : root.pathOf(withoutSlash(folderKey));
      if (root.isFolder(folder) && !folder.startsWith(tempFolder())) {
        listing.walk(folder, folderKey);
      }
    } catch (IOException e) {
      throw root.failure("list the objects below " + DirErrors.shown(prefix), e);
    }
    // What vanished while we walked may have been unmounted: then the listing was short.
    root.ensureThere();
  }

  @Override
  public Optional<ObjectStat> copy(ObjectStat from, ObjectKey to) throws RemoteException {
    root.ensureThere();
    try {
      if (!uploads.link(root.pathOf(from.key()), from, to, root.pathOf(to))) {
        return Optional.empty();
      }
    } catch (NoSuchFileException e) {
      root.ensureThere();
      throw absent(from.key());
    } catch (IOException e) {
      throw root.failure("copy " + DirErrors.shown(from.key()), e);
    }
    // What was linked was read, and is what was proven.
    return findStat(to).map(stat -> withSha256(stat, from.sha256().orElseThrow()));
  }

  /** Bytes are not looked at: what lies there with the same length is taken for what was proven. */
  @Override
  public Optional<ObjectStat> describe(ObjectStat held, ObjectContent content)
      throws RemoteException {
    ObjectKey key = held.key();
    if (findStat(key).filter(stat -> stat.sizeBytes() == held.sizeBytes()).isEmpty()) {
      throw absent(key);
    }
    boolean permissions = carrier.map(FileCarrier::keepsPermissions).orElse(true);
    try {
      FileTimes.describe(root.pathOf(key), content, permissions);
    } catch (IOException e) {
      throw root.failure("describe " + DirErrors.shown(key), e);
    }
    return findStat(key);
  }

  @Override
  public Traits traits(ObjectKey key) throws RemoteException {
    if (findStat(key).isEmpty()) {
      throw absent(key);
    }
    try {
      return FileTimes.traitsOf(root.pathOf(key));
    } catch (IOException e) {
      throw root.failure("look at " + DirErrors.shown(key), e);
    }
  }

  @Override
  public Map<ObjectKey, RemoteException> move(Map<ObjectKey, ObjectKey> moves)
      throws RemoteException {
    root.ensureThere();
    Map<ObjectKey, RemoteException> failed = new LinkedHashMap<>();
    Set<Path> changed = new LinkedHashSet<>();
    for (Map.Entry<ObjectKey, ObjectKey> entry : moves.entrySet()) {
      ObjectKey from = entry.getKey();
      ObjectKey to = entry.getValue();
      try {
        Path source = root.pathOf(from);
        Path target = root.pathOf(to);
        if (!from.equals(to) && isThere(source)) {
          uploads.move(source, to, target);
          folders.flush(folders.parentOf(target));
          changed.add(folders.parentOf(source));
          folders.prune(folders.parentOf(source));
        }
      } catch (RemoteException e) {
        failed.put(from, e);
      } catch (IOException e) {
        String doing = "move " + DirErrors.shown(from) + " to " + DirErrors.shown(to);
        failed.put(from, root.failure(doing, e));
      }
    }
    flush(changed);
    return failed;
  }

  @Override
  public Map<ObjectKey, RemoteException> delete(Collection<ObjectKey> keys) throws RemoteException {
    root.ensureThere();
    Map<ObjectKey, RemoteException> failed = new LinkedHashMap<>();
    Set<Path> changed = new LinkedHashSet<>();
    for (ObjectKey key : keys) {
      try {
        Path path = root.pathOf(key);
        if (isThere(path)) {
          Files.deleteIfExists(path);
          changed.add(folders.parentOf(path));
          folders.prune(folders.parentOf(path));
        }
      } catch (RemoteException e) {
        failed.put(key, e);
      } catch (IOException e) {
        failed.put(key, root.failure("delete " + DirErrors.shown(key), e));
      }
    }
    flush(changed);
    return failed;
  }

  /** An object that is not there counts as moved and deleted, unless the whole remote is gone. */
  private boolean isThere(Path path) throws IOException, RemoteException {
    if (root.find(path).isPresent()) {
      return true;
    }
    root.ensureThere();
    return false;
  }

  private void flush(Set<Path> changed) throws RemoteException {
    for (Path folder : changed) {
      try {
        folders.flush(folder);
      } catch (IOException e) {
        throw root.failure("make the changes in " + DirErrors.shown(folder) + " durable", e);
      }
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>Temporary files carry their key, so those of the key are ours whenever they were begun;
   * those of other keys are removed once nobody has written to them for an hour.
   */
  @Override
  public void sweep(ObjectKey key, Instant begunAt) throws RemoteException {
    root.ensureThere();
    try {
      Path beside = folders.parentOf(root.pathOf(key));
      for (Path folder : List.of(tempFolder(), beside)) {
        if (root.isFolder(folder)) {
          temps.sweep(folder, key, clock.instant());
        }
      }
    } catch (IOException e) {
      throw root.failure("sweep the temporary files of " + DirErrors.shown(key), e);
    }
  }

  @Override
  public void close() {
    carrier.ifPresent(FileCarrier::close);
  }

  private Path tempFolder() throws RemoteException {
    return root.pathOf(TempNames.FOLDER);
  }

  private Map<String, String> facts(String checksum) throws IOException {
    FileStore store = Files.getFileStore(root.path());
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("file_system", store.type());
    facts.put("checksum", checksum);
    facts.put("free_bytes", Long.toString(store.getUsableSpace()));
    facts.put("total_bytes", Long.toString(store.getTotalSpace()));
    return facts;
  }

  private static String withoutSlash(String folderKey) {
    return folderKey.substring(0, folderKey.length() - 1);
  }
}
