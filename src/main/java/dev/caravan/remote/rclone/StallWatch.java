package dev.caravan.remote.rclone;

import dev.caravan.remote.rclone.rcd.RcloneLimits;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Breaks off downloads of which nothing comes any more. */
final class StallWatch implements AutoCloseable {

  private static final long NOT_READING = Long.MIN_VALUE;

  private final Duration stall;
  private final Set<Watched> streams = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          work -> {
            Thread thread = new Thread(work, "rclone-stall-watch");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * @param stall how long a reader waits for the next byte
   */
  StallWatch(RcloneLimits limits) {
    this.stall = limits.stall();
    long look = limits.look().toMillis();
    clock.scheduleWithFixedDelay(this::look, look, look, TimeUnit.MILLISECONDS);
  }

  /** The same bytes; a read that waits too long throws. */
  InputStream over(InputStream in, String doing) {
    Watched stream = new Watched(in, doing);
    streams.add(stream);
    return stream;
  }

  private void look() {
    streams.forEach(Watched::breakWhenStalled);
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }

  private final class Watched extends FilterInputStream {
    private final String doing;
    private volatile long readingSince = NOT_READING;
    private volatile boolean stalled;

    Watched(InputStream in, String doing) {
      super(in);
      this.doing = doing;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] buffer, int start, int wanted) throws IOException {
      readingSince = System.nanoTime();
      try {
        int read = super.read(buffer, start, wanted);
        ensureNotStalled();
        return read;
      } catch (IOException e) {
        ensureNotStalled();
        throw e;
      } finally {
        readingSince = NOT_READING;
      }
    }

    private void ensureNotStalled() throws IOException {
      if (stalled) {
        throw new IOException("Cannot " + doing + ": nothing came for " + stall);
      }
    }

    private void breakWhenStalled() {
      long since = readingSince;
      if (since != NOT_READING && System.nanoTime() - since > stall.toNanos()) {
        stalled = true;
        try {
          in.close();
        } catch (IOException e) {
          // It is broken off either way.
        }
      }
    }

    @Override
    public void close() throws IOException {
      streams.remove(this);
      super.close();
    }
  }
}
