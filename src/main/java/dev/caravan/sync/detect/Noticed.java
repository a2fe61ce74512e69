package dev.caravan.sync.detect;

import dev.caravan.event.StorePath;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * What the watch has told of since it was looked at: a few files, so that a look at them is enough,
 * or more than that, so that the whole store has to be looked at. In doubt it is the whole store.
 * Thread-safe.
 */
public final class Noticed {

  /** More than these are no quicker to look at one by one. */
  private static final int MOST = 1_000;

  private final Map<StorePath, Instant> files = new HashMap<>();
  private BooleanSupplier complete = () -> false;
  private boolean whole = true;

  /** Says whether every change in the store is told of now. */
  public synchronized void following(BooleanSupplier value) {
    complete = value;
  }

  /**
   * Something lies, or lay, at this path and changed.
   *
   * @return false when the whole store has to be looked at even so
   */
  public synchronized boolean note(StorePath path, Instant at) {
    if (!whole && files.size() >= MOST && !files.containsKey(path)) {
      everything();
    }
    if (!whole) {
      files.merge(path, at, (was, now) -> now.isAfter(was) ? now : was);
    }
    return !whole;
  }

  /** Anything may have changed. */
  public synchronized void everything() {
    whole = true;
    files.clear();
  }

  /** True when a look at a few files is not enough. */
  public synchronized boolean isWhole() {
    return whole || !complete.getAsBoolean();
  }

  /** True when no file is named: either nothing changed, or everything may have. */
  public synchronized boolean isEmpty() {
    return files.isEmpty();
  }

  /** When the first of the files will have been quiet for so long; empty when none is named. */
  public synchronized Optional<Instant> quietAt(Duration settle) {
    return files.values().stream().min(Instant::compareTo).map(at -> at.plus(settle));
  }

  /**
   * Hands out what has to be looked at now, and begins anew: what is told of from now on is for the
   * next look.
   *
   * @param since only files that were quiet since then; the others stay
   * @return empty when the whole store has to be looked at
   */
  public synchronized Optional<List<StorePath>> take(Instant since) {
    List<StorePath> quiet =
        isWhole()
            ? List.of()
            : files.entrySet().stream()
                .filter(each -> !each.getValue().isAfter(since))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    if (quiet.isEmpty()) {
      takeAll();
      return Optional.empty();
    }
    quiet.forEach(files::remove);
    return Optional.of(quiet);
  }

  /** The whole store is looked at from now on. */
  public synchronized void takeAll() {
    files.clear();
    whole = !complete.getAsBoolean();
  }
}
