package dev.caravan.snapshot.move;

import dev.caravan.event.ObjectContent;
import dev.caravan.snapshot.manifest.ManifestEntry;
import dev.caravan.snapshot.manifest.ManifestHeader;
import dev.caravan.snapshot.manifest.ManifestTotals;
import dev.caravan.snapshot.manifest.ManifestWriter;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Puts the entries of batches that end in any order into the manifest in theirs. Who makes batches
 * waits where one is slow, so that only a bounded number of them is held.
 */
final class ManifestSink {

  private static final int WINDOW = 256;

  private final ManifestWriter writer;
  private final NavigableMap<Long, List<ManifestEntry>> waiting = new TreeMap<>();
  private long next;
  private boolean broken;

  ManifestSink(ManifestHeader header) {
    this.writer = new ManifestWriter(header);
  }

  /** Waits until a batch of this number may be made. */
  synchronized void awaitRoom(long number) throws InterruptedException {
    while (!broken && number - next >= WINDOW) {
      wait();
    }
  }

  /** Takes what came of a batch. */
  synchronized void add(long number, List<ManifestEntry> entries) {
    waiting.put(number, entries);
    while (!waiting.isEmpty() && waiting.firstKey() == next) {
      waiting.pollFirstEntry().getValue().forEach(writer::add);
      next++;
    }
    notifyAll();
  }

  /** Nobody needs to wait any more: there will be no manifest. */
  synchronized void breakOff() {
    broken = true;
    notifyAll();
  }

  /** So many batches came, without a gap. */
  synchronized long taken() {
    return next;
  }

  synchronized ManifestTotals totals(long problems) {
    return writer.totals(problems);
  }

  /** Ends it; all batches were added. */
  synchronized ObjectContent finish(long problems) {
    if (!waiting.isEmpty()) {
      throw new IllegalStateException("Batch " + next + " is missing from the manifest");
    }
    return writer.finish(problems);
  }
}
