package dev.caravan.archive.queue;

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
  private final ChangeWatch watch;
  private Optional<ArchiveStats> known = Optional.empty();
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
    this.watch = new ChangeWatch(file);
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
    if (known.isEmpty() || (!rests && watch.isChanged())) {
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

  @Override
  public synchronized void close() {
    watch.close();
    known = Optional.empty();
  }
}
