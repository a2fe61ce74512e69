package dev.caravan.sync.move;

import dev.caravan.catalog.RunBook;
import dev.caravan.event.ForwardingContent;
import dev.caravan.event.ObjectContent;
import dev.caravan.event.SendingStoppedException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.BooleanSupplier;

/**
 * Counts content on its way into the run's progress, and stops it when the run is cancelled or the
 * remote is to be left alone.
 */
public final class MeteredContent extends ForwardingContent {

  private final RunBook book;
  private final BooleanSupplier stopped;

  /**
   * @param stopped whether the remote is to be left alone
   */
  public MeteredContent(ObjectContent content, RunBook book, BooleanSupplier stopped) {
    super(content);
    this.book = book;
    this.stopped = stopped;
  }

  @Override
  public void ensureUnchanged() throws IOException {
    ensureWanted();
    super.ensureUnchanged();
  }

  private void ensureWanted() throws CancelledException {
    if (book.isCancelled()) {
      throw new CancelledException("the run was cancelled");
    }
    if (stopped.getAsBoolean()) {
      throw new CancelledException("the remote was stopped");
    }
  }

  @Override
  public InputStream open(long offset, long length) throws IOException {
    ensureWanted();
    return new FilterInputStream(super.open(offset, length)) {
      @Override
      public int read() throws IOException {
        int read = super.read();
        count(read < 0 ? -1 : 1);
        return read;
      }

      @Override
      public int read(byte[] buffer, int start, int wanted) throws IOException {
        int read = super.read(buffer, start, wanted);
        count(read);
        return read;
      }

      private void count(int read) throws CancelledException {
        ensureWanted();
        if (read > 0) {
          book.moving(read);
        }
      }
    };
  }

  @Override
  public InputStream peek(long offset, long length) throws IOException {
    ensureWanted();
    return super.peek(offset, length);
  }

  /** The run, or the remote's part of it, was asked to end. */
  public static final class CancelledException extends SendingStoppedException {
    private static final long serialVersionUID = 1L;

    CancelledException(String message) {
      super(message);
    }
  }
}
