package dev.caravan.archive.queue;

import dev.caravan.catalog.sql.Session;
import dev.caravan.catalog.sql.SqlFailedException;
import java.util.Optional;

/**
 * How one archive stands, kept until somebody changes the database: whoever it is, for SQLite tells
 * a connection whether any other has committed since. Where counting takes long it is not done
 * again at once, so that it never takes more than a twentieth of the time. For many threads.
 */
public final class Tally implements AutoCloseable {

  /** So long as counting takes no longer than this, every change is seen at once. */
  private static final long QUICK_NANOS = 20_000_000;

  private static final int SHARE = 20;

  private final QueueFile file;
  private final String archive;
  private final int maxAttempts;
  private final boolean announce;
  private Optional<Session> watch = Optional.empty();
  private Optional<ArchiveStats> known = Optional.empty();
  private long version;
  private long countedNanos;
  private long tookNanos;

  /**
   * @param maxAttempts after which a file is given up
   * @param announce whether files that were given up hold {@code finalized_until} back no more
   */
  public Tally(QueueFile file, String archive, int maxAttempts, boolean announce) {
    this.file = file;
    this.archive = archive;
    this.maxAttempts = maxAttempts;
    this.announce = announce;
  }

  /**
   * How it stands; no older than twenty times what counting takes, and never older than a change
   * where that is quick.
   *
   * @param now in seconds since 1970
   */
  public synchronized ArchiveStats read(double now) {
    long began = System.nanoTime();
    boolean rests = tookNanos > QUICK_NANOS && began - countedNanos < SHARE * tookNanos;
    if (known.isEmpty() || (!rests && isChanged())) {
      known = Optional.of(ArchiveStats.read(file, archive, maxAttempts, announce));
      countedNanos = System.nanoTime();
      tookNanos = countedNanos - began;
    }
    return known.get().at(now);
  }

  /** What is kept is known to be old: the next question counts anew. */
  public synchronized void forget() {
    known = Optional.empty();
  }

  /** Asked before counting: what is committed meanwhile is a change the next time. */
  private boolean isChanged() {
    try {
      Session session = watch.orElseGet(file::openSession);
      boolean first = watch.isEmpty();
      watch = Optional.of(session);
      long seen = session.createQuery("PRAGMA data_version").mapToLong().one();
      boolean changed = first || seen != version;
      version = seen;
      return changed;
    } catch (SqlFailedException e) {
      close();
      return true;
    }
  }

  @Override
  public synchronized void close() {
    watch.ifPresent(Session::close);
    watch = Optional.empty();
    known = Optional.empty();
  }
}
