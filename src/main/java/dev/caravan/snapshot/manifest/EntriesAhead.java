package dev.caravan.snapshot.manifest;

import dev.caravan.event.Ahead;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Optional;

/**
 * Reads a manifest on a thread of its own, ahead of who asks for entries: who walks along it has
 * something else to do as well. As strict as {@link ManifestReader}: what is wrong is told in the
 * place where it is. For one thread.
 */
public final class EntriesAhead implements AutoCloseable {

  private final ManifestReader reader;
  private final Ahead<Read> ahead;
  private Optional<Read> last = Optional.empty();

  /** An entry; without one it is the end, or why there is no more. */
  private record Read(Optional<ManifestEntry> entry, Optional<Throwable> fault) {}

  /**
   * Begins to read.
   *
   * @param reader is closed with this
   */
  public EntriesAhead(ManifestReader reader) {
    this.reader = reader;
    this.ahead = new Ahead<>("mover-manifest", this::read);
  }

  /**
   * The next entry; empty when all came, and are what was written.
   *
   * @throws DamagedManifestException when it is not whole: what came before must not be used
   */
  public Optional<ManifestEntry> next() throws IOException {
    Read next = last.isPresent() ? last.get() : take();
    if (next.entry().isPresent()) {
      return next.entry();
    }
    last = Optional.of(next);
    if (next.fault().isPresent()) {
      Throwable fault = next.fault().get();
      if (fault instanceof IOException e) {
        throw e;
      }
      throw new IllegalStateException(fault);
    }
    return Optional.empty();
  }

  private Read take() throws IOException {
    try {
      return ahead.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while a manifest was read");
    }
  }

  private void read(Ahead<Read> to) {
    Optional<Throwable> fault = Optional.empty();
    try (reader) {
      for (Optional<ManifestEntry> next = reader.next();
          next.isPresent() && !to.isClosed();
          next = reader.next()) {
        to.put(new Read(next, fault));
      }
    } catch (IOException | RuntimeException | Error e) {
      fault = Optional.of(e);
    }
    to.put(new Read(Optional.empty(), fault));
  }

  @Override
  public void close() {
    ahead.close();
  }
}
