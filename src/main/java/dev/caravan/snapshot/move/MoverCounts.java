package dev.caravan.snapshot.move;

import dev.caravan.config.ByteSize;
import dev.caravan.event.Counted;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What was done so far; counted by many threads. */
public final class MoverCounts {

  final LongAdder files = new LongAdder();
  final LongAdder bytes = new LongAdder();
  final LongAdder uploaded = new LongAdder();
  final LongAdder uploadedBytes = new LongAdder();
  final LongAdder sentBytes = new LongAdder();
  final LongAdder copied = new LongAdder();
  final LongAdder unchanged = new LongAdder();
  final LongAdder resumed = new LongAdder();
  final LongAdder trashed = new LongAdder();
  final LongAdder verified = new LongAdder();
  final LongAdder removedSnapshots = new LongAdder();

  /** Files that the backup has so far. */
  public long files() {
    return files.sum();
  }

  /** Bytes of them. */
  public long bytes() {
    return bytes.sum();
  }

  /** Files that were sent. */
  public long uploaded() {
    return uploaded.sum();
  }

  /** Bytes of them. */
  public long uploadedBytes() {
    return uploadedBytes.sum();
  }

  /** Files that the server copied. */
  public long copied() {
    return copied.sum();
  }

  /** Files that were there already, as they are now. */
  public long unchanged() {
    return unchanged.sum() + resumed.sum();
  }

  /** Bytes that went over the line, those of tries that failed as well. */
  public void sent(long more) {
    sentBytes.add(more);
  }

  /** Snapshots that nobody kept. */
  public long removedSnapshots() {
    return removedSnapshots.sum();
  }

  /** Bytes that went over the line so far. */
  public long sent() {
    return sentBytes.sum();
  }

  /** For a person. */
  public String text() {
    return "%s, %s; %d sent (%s), %d copied, %d unchanged"
        .formatted(
            Counted.of(files(), "file"),
            ByteSize.format(bytes()),
            uploaded(),
            ByteSize.format(uploadedBytes()),
            copied(),
            unchanged());
  }

  /** For a line of JSON. */
  public Map<String, Long> view() {
    Map<String, Long> view = new LinkedHashMap<>();
    view.put("files", files.sum());
    view.put("bytes", bytes.sum());
    view.put("uploaded", uploaded.sum());
    view.put("uploaded_bytes", uploadedBytes.sum());
    view.put("copied", copied.sum());
    view.put("unchanged", unchanged.sum());
    view.put("resumed", resumed.sum());
    view.put("deleted", trashed.sum());
    view.put("verified", verified.sum());
    view.put("snapshots_removed", removedSnapshots.sum());
    return view;
  }
}
