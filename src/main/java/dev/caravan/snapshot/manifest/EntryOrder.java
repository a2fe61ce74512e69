package dev.caravan.snapshot.manifest;

import dev.caravan.event.StorePath;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Holds entries to their order: each once, ascending, below folders that came before. A path that
 * leads through a link or a file is no such thing.
 */
final class EntryOrder {

  private final Deque<String> folders = new ArrayDeque<>();
  private String last = "";

  /** Why this entry may not follow; {@code ""} when it may, and then it is the last one. */
  String faultOf(ManifestEntry next) {
    String key = next.orderKey();
    if (StorePath.compareUtf8(last, key) >= 0) {
      return "'%s' is out of order after '%s'".formatted(key, last);
    }
    String parent = next.path().folder();
    while (!folders.isEmpty() && !folders.getFirst().equals(parent)) {
      folders.pop();
    }
    if (folders.isEmpty() && !parent.isEmpty()) {
      return "'%s' lies in a folder that is not listed before it".formatted(key);
    }
    last = key;
    if (next.isFolder()) {
      folders.push(next.path().value());
    }
    return "";
  }
}
