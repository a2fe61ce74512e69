package dev.caravan.remote;

import dev.caravan.event.ContentChangedException;
import dev.caravan.event.ObjectContent;
import dev.caravan.event.Owner;
import dev.caravan.event.StorePath;
import dev.caravan.event.WantedSums;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A far place that holds objects. Providers are thin and do not retry: retry, limits and metering
 * are wrappers that implement the same contract. All methods may be called from many threads at
 * once.
 */
public interface Remote extends AutoCloseable {

  /** The name from the configuration; unique. */
  String name();

  /** The provider as written in the configuration: {@code s3}, {@code dir}, … */
  String provider();

  /**
   * Where the objects lie, without any secret, in one stable line, such as {@code
   * s3://bucket/prefix at https://host}. When it differs from what the catalog remembers, all
   * proofs for this remote are void.
   */
  String identity();

  /**
   * Asks the remote whether it can be used and what it can do. Cheap to call again; called before
   * the first use in each process and after failures.
   *
   * @return facts for the status, such as {@code checksum=sha256}, in display order
   * @throws RemoteException naming what to mend
   */
  Map<String, String> probe() throws RemoteException;

  /** True when only those who write there need to have probed it. */
  default boolean readsUnprobed() {
    return false;
  }

  /**
   * Finds out whether it can be read from. Writes nothing there, unless reading takes a probe.
   *
   * @throws RemoteException naming what to mend
   */
  default void reach() throws RemoteException {
    if (!readsUnprobed()) {
      probe();
      return;
    }
    // The answer to a HEAD would not say why it is refused.
    try (InputStream in = open(ObjectKey.own("store.id"), 0, -1)) {
      in.transferTo(OutputStream.nullOutputStream());
    } catch (RemoteException e) {
      if (e.reason() != RemoteException.Cause.NO_SUCH_OBJECT) {
        throw e;
      }
    } catch (IOException e) {
      throw new RemoteException(
          RemoteException.Cause.NETWORK,
          "Remote '%s' broke off in its answer: %s".formatted(name(), e.getMessage()),
          e);
    }
  }

  /** Why this remote cannot hold a file of this name and size; empty when it can. */
  default Optional<String> refusal(StorePath path, long sizeBytes) {
    return Optional.empty();
  }

  /**
   * What of a file is not kept beside its object, so that only the catalog and its copies know it,
   * in a few words each: see {@link Unkept}. Whether a server allows it shows at the put.
   */
  default List<String> unkept(Traits file, long modifiedNs) {
    return List.of();
  }

  /**
   * True when a file and a folder cannot have the same name here, so that putting {@code a} moves
   * {@code a/b} out of the way, and the other way round.
   */
  default boolean displaces() {
    return false;
  }

  /**
   * True when Caravan may keep things of its own there and find them again: the owner marker, the
   * trash, the copy of the catalog. A remote that can only be sent to is never asked what it holds.
   */
  default boolean keepsOwn() {
    return true;
  }

  /**
   * False when {@link #find} cannot be answered there: what such a remote holds is not known, and
   * no copy there ever counts as proven.
   */
  default boolean canFind() {
    return true;
  }

  /** The folder of this machine in which the objects lie under their keys, if that is so. */
  default Optional<Path> localFolder() {
    return Optional.empty();
  }

  /** False when {@link #delete} cannot be done there at all. */
  default boolean canDelete() {
    return true;
  }

  /** What {@link #put} will ask content of this size for, beside its SHA-256. */
  default WantedSums wantedSums(long sizeBytes) {
    return WantedSums.NONE;
  }

  /**
   * Stores the content under the key, whole or not at all, replacing what was there. Returns only
   * once the remote holds exactly these bytes.
   *
   * @throws ContentChangedException when the file changed meanwhile; nothing new is visible then
   * @throws IOException when the local file cannot be read
   */
  StoredObject put(ObjectKey key, ObjectContent content) throws RemoteException, IOException;

  /** What lies under the key, asked now. */
  Optional<ObjectStat> find(ObjectKey key) throws RemoteException;

  /**
   * Opens the bytes {@code offset} to {@code offset + length}; the caller closes.
   *
   * @param length -1 for all to the end
   * @throws RemoteException with {@code NO_SUCH_OBJECT} when there is none
   */
  InputStream open(ObjectKey key, long offset, long length) throws RemoteException;

  /**
   * Visits every object whose key begins with {@code prefix} ({@code ""} for all), in no particular
   * order, without holding them in memory. {@code sha256} is usually absent in a listing. Stops at
   * the first throw; a listing that cannot be completed throws, it is never silently short.
   */
  void list(String prefix, Visitor each) throws RemoteException;

  /**
   * The names of the folders right below a prefix, without slashes: {@code a} and {@code b} for
   * {@code a/x}, {@code b/c/y} and {@code z}. A folder is there when something lies in it.
   *
   * @param prefix {@code ""}, or a folder with its slash
   */
  default SortedSet<String> folders(String prefix) throws RemoteException {
    SortedSet<String> names = new TreeSet<>();
    list(
        prefix,
        stat -> {
          String key = stat.key().value();
          int slash = key.indexOf('/', prefix.length());
          if (slash > prefix.length()) {
            names.add(key.substring(prefix.length(), slash));
          }
        });
    return names;
  }

  /** Receives the objects of a listing. */
  interface Visitor {
    void visit(ObjectStat stat) throws RemoteException;
  }

  /** The versions of objects that the remote keeps; empty where it keeps only the last. */
  default Optional<Past> past() {
    return Optional.empty();
  }

  /** Objects as they were: also those that were replaced or deleted since. */
  interface Past {

    /**
     * Lists what lay there at a time, read a page at a time; the store's files only.
     *
     * @param prefix {@code ""} for all
     * @return empty when this remote turns out to keep no versions
     */
    Optional<Cursor> at(String prefix, Instant time) throws RemoteException;

    /** What a version is; empty when it is gone. */
    Optional<ObjectStat> find(ObjectKey key, String version) throws RemoteException;

    /** Opens a version; the caller closes. */
    InputStream open(ObjectKey key, String version) throws RemoteException;

    /** A listing, in byte order of the keys, each once. After a failure it may be asked again. */
    interface Cursor {
      Optional<Moment> next() throws RemoteException;
    }

    /**
     * What lay under a key at a time.
     *
     * @param version to be asked for; empty unless {@code HELD}
     */
    record Moment(ObjectKey key, State state, String version) {

      /** How much is known. */
      public enum State {
        /** This version lay there. */
        HELD,
        /** It had been deleted. */
        DELETED,
        /** What is kept of it came later: it was not there, or is not kept any more. */
        LATER,
        /** What lay there then was replaced when no versions were kept, or may have been. */
        REPLACED
      }
    }
  }

  /** What the remote does under a condition that it judges by itself; empty where it cannot. */
  default Optional<Conditions> conditions() {
    return Optional.empty();
  }

  /** Calls that the remote fulfils only while something holds, in one step with the look at it. */
  interface Conditions {

    /**
     * Stores the content where nothing lies yet: of several that try at the same moment, one does.
     *
     * @param content small; it may be sent a few times
     */
    Creation create(ObjectKey key, ObjectContent content) throws RemoteException, IOException;

    /**
     * Opens an object from an offset to its end, as long as it is the one that was seen; the caller
     * closes.
     *
     * @throws RemoteException with {@code NO_SUCH_OBJECT} when it is not there any more, or is
     *     another
     */
    InputStream open(ObjectStat seen, long offset) throws RemoteException;

    /** What became of a {@link #create}. */
    enum Creation {
      /** Nothing lay there, and now this does. */
      CREATED,
      /** Something lies there, or is being put there by somebody else; nothing was stored. */
      TAKEN,
      /** This server turns out not to judge; nothing was stored. */
      UNSUPPORTED
    }
  }

  /**
   * Lets the remote copy an object to another key by itself, replacing what was there, so that the
   * bytes need not be sent again. What appears under the new key is whole.
   *
   * @param from as it was when it was proven; anything else must not be copied
   * @return what the remote holds under the new key, asked afterwards; empty when it cannot copy
   * @throws RemoteException when it can, but not this object: {@code NO_SUCH_OBJECT} when it is not
   *     there any more
   */
  default Optional<ObjectStat> copy(ObjectStat from, ObjectKey to) throws RemoteException {
    return Optional.empty();
  }

  /**
   * As {@link #copy}, for who looks afterwards, by a listing, whether the copy is there with its
   * size: where the remote names what it copied, and it is what was proven, it is not asked again.
   *
   * @param from with the SHA-256 that was proven of just this object
   * @return what lies under the new key as far as it was asked, else as {@code from} says
   */
  default Optional<ObjectStat> copyOnWord(ObjectStat from, ObjectKey to) throws RemoteException {
    return copy(from, to);
  }

  /**
   * Gives an object that is there the time, permissions and owner of a content with the same bytes,
   * which are not sent again.
   *
   * @param held as it was when it was proven; anything else is left alone
   * @return what lies there then, asked afterwards; empty when the remote can do nothing of that
   * @throws RemoteException with {@code NO_SUCH_OBJECT} when it is not there any more, or is
   *     another
   */
  default Optional<ObjectStat> describe(ObjectStat held, ObjectContent content)
      throws RemoteException {
    return Optional.empty();
  }

  /** What is kept beside an object; what the remote does not keep is absent. */
  default Traits traits(ObjectKey key) throws RemoteException {
    return Traits.NONE;
  }

  /**
   * What a remote keeps beside the bytes and the time of an object.
   *
   * @param permissions {@code 0} to {@code 07777}
   * @param owner by number
   */
  record Traits(OptionalInt permissions, Optional<Owner> owner) {

    /** Of a remote that keeps nothing of that. */
    public static final Traits NONE = new Traits(OptionalInt.empty(), Optional.empty());
  }

  /**
   * Moves each object to another key at the remote, by server-side copy and then deletion. A source
   * that is not there counts as moved.
   *
   * @param moves from, to; at most 1,000
   * @return what failed, and why; the object is still under its old key then
   */
  Map<ObjectKey, RemoteException> move(Map<ObjectKey, ObjectKey> moves) throws RemoteException;

  /**
   * Deletes the objects; one that is not there counts as deleted.
   *
   * @param keys at most 1,000
   * @return what failed, and why
   */
  Map<ObjectKey, RemoteException> delete(Collection<ObjectKey> keys) throws RemoteException;

  /**
   * Removes what interrupted uploads of this key left behind: multipart uploads, temporary files.
   * An upload in parts that its {@link UploadJournal} has to be gone on with is spared.
   *
   * @param key whose upload was interrupted
   * @param begunAt leftovers older than five minutes before this are not ours
   */
  void sweep(ObjectKey key, Instant begunAt) throws RemoteException;

  /**
   * Uploads that were begun and not ended, whoever began them; what they sent is shown in no
   * listing, and costs as stored data all the same.
   *
   * @param most so many are looked for
   */
  default List<Begun> begunUploads(int most) throws RemoteException {
    return List.of();
  }

  /**
   * One of them.
   *
   * @param begunAt by the remote's clock
   */
  record Begun(ObjectKey key, Instant begunAt) {}

  /** True while this process sends the parts of an upload of this key, which no sweep may touch. */
  default boolean isSendingParts(ObjectKey key) {
    return false;
  }

  /**
   * Removes what interrupted uploads left behind below a folder that nobody writes to any more,
   * whenever they began, as far as it is kept apart from the objects and costs something.
   *
   * @param folder with its slash
   */
  default void sweepBelow(String folder) throws RemoteException {}

  @Override
  void close();
}
