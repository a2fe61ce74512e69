package dev.caravan.snapshot.restore;

import dev.caravan.event.StorePath;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import dev.caravan.remote.RemoteException.Cause;
import dev.caravan.snapshot.fetch.ObjectFetch;
import dev.caravan.store.AtomicFile;
import dev.caravan.store.FileStat;
import dev.caravan.store.StoreTree;
import dev.caravan.store.place.Attributes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;

/** Puts one file in its place, whole and with the right bytes or not at all. For many threads. */
final class FilePlacer {

  private static final int BUFFER = 128 * 1024;

  private final Remote remote;
  private final StoreTree tree;

  FilePlacer(Remote remote, StoreTree tree) {
    this.remote = remote;
    this.tree = tree;
  }

  /**
   * What became of a file.
   *
   * @param fetched false when it lay there already, with the same bytes
   * @param owned false when it could not be given its owner
   * @param local what lay there before
   * @param newer true when the mirror has other content than its manifest says, and proves it
   */
  record Placed(boolean fetched, boolean owned, Local local, boolean newer) {}

  /** What lay where a file goes. */
  enum Local {
    NOTHING,
    /** A file or link of another content, which is replaced. */
    OTHER,
    /** The same, and modified after what replaces it. */
    NEWER
  }

  /**
   * Makes it so.
   *
   * @throws RemoteException when the object is not there, cannot be had or is not what was stored
   * @throws IOException when the disk refuses, or the path would lead out of the folder
   */
  Placed place(Wanted wanted) throws RemoteException, IOException {
    Path target = tree.makeFoldersFor(wanted.path());
    if (isThere(wanted)) {
      return new Placed(false, giveAttributes(wanted, target), Local.NOTHING, false);
    }
    try {
      return fetch(wanted, target, OptionalLong.empty(), false);
    } catch (RemoteException e) {
      if (e.reason() != Cause.CORRUPT || !wanted.mirrored()) {
        throw e;
      }
      // A backup that broke off has put another content here, and no manifest.
      ObjectStat found = remote.find(wanted.key()).orElseThrow(() -> e);
      if (found.sha256().isEmpty() || found.sha256().equals(wanted.sha256())) {
        throw e;
      }
      return fetch(wanted.with(found), target, OptionalLong.of(ns(found.modifiedAt())), true);
    }
  }

  /** The same for a file of which only the object itself tells. */
  Placed placePlain(Wanted listed) throws RemoteException, IOException {
    ObjectStat found =
        remote
            .find(listed.key())
            .orElseThrow(
                () -> new RemoteException(Cause.NO_SUCH_OBJECT, listed.key() + " went away"));
    Wanted wanted = listed.with(found);
    Path target = tree.makeFoldersFor(wanted.path());
    if (isThere(wanted)) {
      return new Placed(false, true, Local.NOTHING, false);
    }
    return fetch(wanted, target, OptionalLong.of(ns(found.modifiedAt())), false);
  }

  private static long ns(Instant time) {
    return time.getEpochSecond() * 1_000_000_000L + time.getNano();
  }

  private Placed fetch(Wanted wanted, Path target, OptionalLong modifiedNs, boolean newer)
      throws RemoteException, IOException {
    Local local = local(wanted, modifiedNs);
    try (AtomicFile file = begin(wanted, target)) {
      String sha256 =
          new ObjectFetch(remote, wanted.key(), wanted.sizeBytes())
              .read(new Writing(file.channel()));
      ensureSame(wanted, sha256);
      boolean owned = giveAttributes(wanted, file.path());
      modifiedNs.ifPresent(file::modifiedAt);
      if (wanted.attributes().isPresent()) {
        // The folders of a manifest are forced once each, when all is in them.
        file.commitUnforced();
      } else {
        file.commit();
      }
      return new Placed(true, owned, local, newer);
    }
  }

  private Local local(Wanted wanted, OptionalLong modifiedNs) throws IOException {
    Optional<FileStat> stat = tree.stat(wanted.path());
    if (stat.isEmpty()) {
      return Local.NOTHING;
    }
    long given =
        modifiedNs.orElseGet(
            () -> wanted.attributes().map(Attributes::modifiedNs).orElse(Long.MAX_VALUE));
    return stat.get().modifiedNs() > given ? Local.NEWER : Local.OTHER;
  }

  private boolean giveAttributes(Wanted wanted, Path file) throws IOException {
    return wanted.attributes().isEmpty() || wanted.attributes().get().giveTo(file);
  }

  private void ensureSame(Wanted wanted, String sha256) throws RemoteException {
    if (wanted.sha256().isPresent() && !wanted.sha256().get().equals(sha256)) {
      throw new RemoteException(
          Cause.CORRUPT,
          "What remote '%s' has under %s does not have the SHA-256 of what was stored: not used"
              .formatted(remote.name(), wanted.key()));
    }
  }

  /** By its bytes, not by its time: only with their checksum on record is anything left alone. */
  private boolean isThere(Wanted wanted) throws IOException {
    if (wanted.sha256().isEmpty()) {
      return false;
    }
    StorePath path = wanted.path();
    Optional<FileStat> stat = tree.stat(path);
    if (stat.isEmpty()
        || stat.get().kind() != FileStat.Kind.FILE
        || stat.get().sizeBytes() != wanted.sizeBytes()) {
      return false;
    }
    MessageDigest digest = sha256();
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(BUFFER, wanted.sizeBytes() + 1));
    try (FileChannel in = tree.open(path)) {
      while (in.read(buffer.clear()) >= 0) {
        digest.update(buffer.flip());
      }
    } catch (AccessDeniedException e) {
      return false;
    }
    return HexFormat.of().formatHex(digest.digest()).equals(wanted.sha256().get());
  }

  private static AtomicFile begin(Wanted wanted, Path target) throws IOException {
    return wanted.attributes().isPresent()
        ? AtomicFile.beginPrivate(target)
        : AtomicFile.begin(target);
  }

  /** Into a file that is not visible yet. */
  private record Writing(FileChannel out) implements ObjectFetch.Sink {

    @Override
    public void accept(ByteBuffer bytes) throws IOException {
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
    }

    @Override
    public void restart() throws IOException {
      out.truncate(0);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is missing from this Java", e);
    }
  }
}
