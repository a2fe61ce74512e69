package dev.caravan.restore;

import dev.caravan.catalog.FileRow;
import java.util.List;

/**
 * Files of a run that one thread brings back: many small ones together, a larger one alone.
 *
 * @param rows at least one, of files that were away
 */
public record RestoreBatch(List<FileRow> rows) {

  /** More do not make it cheaper, and each keeps a file open until all of them are there. */
  static final int FILES_MAX = 32;

  /** What is larger has a thread of its own, and room that is taken for it alone. */
  static final long SMALL_BYTES = 1 << 20;

  /** What the files of one batch have together, at most. */
  static final long BYTES_MAX = 4 << 20;

  /** For each thread there are to be some batches left, so that all of them end together. */
  private static final int SHARES = 32;

  public RestoreBatch {
    rows = List.copyOf(rows);
  }

  /**
   * How many files the next batch may have.
   *
   * @param left files of the run
   */
  static int mostOf(long left) {
    return (int) Math.max(1, Math.min(FILES_MAX, left / SHARES));
  }

  /** True when these are brought together. */
  boolean isSmall() {
    return rows.stream().allMatch(row -> row.sizeBytes() <= SMALL_BYTES);
  }

  long bytes() {
    return rows.stream().mapToLong(FileRow::sizeBytes).sum();
  }
}
