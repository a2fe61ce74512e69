package dev.caravan.sync.detect;

import dev.caravan.catalog.Catalog;
import dev.caravan.catalog.FileRow;
import dev.caravan.event.StorePath;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Gathers what a scan found to be different and records it in batches, so that memory stays flat
 * however much there is.
 */
public final class StoreChanges {

  private static final int BATCH = 1_000;

  private final Catalog catalog;
  private final Collection<Integer> remotes;
  private final long nowMillis;
  private final boolean looksCount;
  private List<FileRow> seen = new ArrayList<>();
  private List<StorePath> missing = new ArrayList<>();
  private List<StorePath> back = new ArrayList<>();
  private CompletableFuture<Void> last = CompletableFuture.completedFuture(null);

  /**
   * @param remotes ids of the configured remotes
   * @param looksCount false in a dry run, which must not bring a deletion nearer
   */
  public StoreChanges(
      Catalog catalog, Collection<Integer> remotes, long nowMillis, boolean looksCount) {
    this.catalog = catalog;
    this.remotes = remotes;
    this.nowMillis = nowMillis;
    this.looksCount = looksCount;
  }

  public void seen(FileRow row) {
    seen.add(row);
    flushIfFull(seen);
  }

  public void missing(StorePath path) {
    missing.add(path);
    flushIfFull(missing);
  }

  public void back(StorePath path) {
    back.add(path);
    flushIfFull(back);
  }

  private void flushIfFull(List<?> list) {
    if (list.size() >= BATCH) {
      flush();
    }
  }

  /** Records what was gathered; returns once all before it is committed. */
  public void flush() {
    if (!last.isDone()) {
      // Somebody waits, so the writer commits at once; it would linger for half a second else.
      catalog.flush();
    }
    last.join();
    List<FileRow> seenNow = seen;
    List<StorePath> missingNow = looksCount ? missing : List.of();
    List<StorePath> backNow = back;
    seen = new ArrayList<>();
    missing = new ArrayList<>();
    back = new ArrayList<>();
    if (seenNow.isEmpty() && missingNow.isEmpty() && backNow.isEmpty()) {
      return;
    }
    List<StorePath> paths = seenNow.stream().map(FileRow::path).toList();
    last =
        catalog.submit(
            handle -> {
              if (!seenNow.isEmpty()) {
                catalog.files().recordSeen(handle, seenNow, nowMillis);
                catalog.copies().recordPending(handle, paths, remotes, nowMillis);
              }
              catalog.files().recordMissing(handle, missingNow, nowMillis);
              catalog.files().recordBack(handle, backNow);
            });
  }

  public void finish() {
    flush();
    catalog.flush();
    last.join();
  }
}
