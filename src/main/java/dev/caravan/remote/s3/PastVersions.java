package dev.caravan.remote.s3;

import dev.caravan.event.StorePath;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.ObjectStat;
import dev.caravan.remote.Remote;
import dev.caravan.remote.RemoteException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The versions that a bucket keeps. Where versioning was never switched on, a bucket lists what is
 * there as the version {@code null}; that one is replaced by the next put.
 */
final class PastVersions implements Remote.Past {

  private static final Duration SECOND = Duration.ofSeconds(1);

  private final S3Connection s3;
  private final ObjectReads reads;

  PastVersions(S3Connection s3, ObjectReads reads) {
    this.s3 = s3;
    this.reads = reads;
  }

  @Override
  public Optional<Cursor> at(String prefix, Instant time) throws RemoteException {
    VersionListing listing = new VersionListing(s3, prefix);
    return listing.begin() ? Optional.of(new Moments(listing, time)) : Optional.empty();
  }

  @Override
  public Optional<ObjectStat> find(ObjectKey key, String version) throws RemoteException {
    return reads.find(key, version);
  }

  @Override
  public InputStream open(ObjectKey key, String version) throws RemoteException {
    return reads.open(key, version);
  }

  /** What is known of one key while its versions come by. */
  private static final class Group {
    final ObjectKey key;
    VersionListing.@Nullable Entry newest;
    boolean replaced;

    Group(ObjectKey key) {
      this.key = key;
    }

    void take(VersionListing.Entry entry, boolean inTime) {
      if (!inTime) {
        replaced |= entry.version().equals(VersionListing.UNVERSIONED);
      } else if (newest == null || entry.at().isAfter(newest.at())) {
        // Of two that bear the same time, the one that is listed first is the newer.
        newest = entry;
      }
    }

    Moment moment() {
      if (replaced) {
        return new Moment(key, Moment.State.REPLACED, "");
      }
      if (newest == null) {
        return new Moment(key, Moment.State.LATER, "");
      }
      return newest.marker()
          ? new Moment(key, Moment.State.DELETED, "")
          : new Moment(key, Moment.State.HELD, newest.version());
    }
  }

  /** Makes of the versions of each key what lay there at one time. */
  private final class Moments implements Cursor {
    private final VersionListing listing;
    private final Instant time;
    private @Nullable Group group;

    Moments(VersionListing listing, Instant time) {
      this.listing = listing;
      this.time = time;
    }

    @Override
    public Optional<Moment> next() throws RemoteException {
      while (true) {
        Optional<VersionListing.Entry> entry = listing.peek();
        Group begun = group;
        if (begun != null && (entry.isEmpty() || !entry.get().key().equals(begun.key))) {
          group = null;
          return Optional.of(begun.moment());
        }
        if (entry.isEmpty()) {
          return Optional.empty();
        }
        if (isStorePath(entry.get().key())) {
          boolean inTime = isInTime(entry.get());
          Group mine = begun == null ? new Group(entry.get().key()) : begun;
          mine.take(entry.get(), inTime);
          group = mine;
        }
        listing.drop();
      }
    }

    /**
     * Some servers tell whole seconds only. What came in the very second is judged by the file's
     * own time; a deletion in that second counts as later, for the file was there before it.
     */
    private boolean isInTime(VersionListing.Entry entry) throws RemoteException {
      if (entry.at().isAfter(time)) {
        return false;
      }
      boolean sure = entry.at().getNano() != 0 || !entry.at().plus(SECOND).isAfter(time);
      if (sure || entry.marker()) {
        return sure;
      }
      return find(entry.key(), entry.version())
          .map(stat -> !stat.modifiedAt().isAfter(time))
          .orElse(false);
    }
  }

  private static boolean isStorePath(ObjectKey key) {
    try {
      return !key.isOwn() && !StorePath.of(key.value()).value().isEmpty();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
