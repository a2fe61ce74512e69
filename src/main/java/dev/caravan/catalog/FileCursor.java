package dev.caravan.catalog;

import java.util.Optional;

/** Reads rows in path order, one at a time, as they were when the cursor was opened. */
public interface FileCursor extends AutoCloseable {
  /** The next row; empty at the end. */
  Optional<FileRow> next();

  @Override
  void close();
}
