package dev.caravan.store.watch;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * How well the store is watched.
 *
 * @param watching whether changes are noticed at all
 * @param watchedFolders folders in which changes are noticed, about right while folders go away
 * @param unwatchedFolders folders that could not be watched: what changes there waits for a scan
 * @param heartbeatAgeSeconds since a change of Caravan's own was last noticed; empty before the
 *     first, and where none can be made
 * @param lastChange when a change was last noticed
 * @param overflows how often events were dropped
 * @param problem why changes are not, or not all, noticed
 */
public record WatchState(
    boolean watching,
    long watchedFolders,
    long unwatchedFolders,
    OptionalLong heartbeatAgeSeconds,
    Optional<Instant> lastChange,
    long overflows,
    Optional<String> problem) {

  /** As the API shows it. */
  public Map<String, @Nullable Object> view() {
    Map<String, @Nullable Object> view = new LinkedHashMap<>();
    view.put("watching", watching);
    view.put("watched_folders", watchedFolders);
    view.put("unwatched_folders", unwatchedFolders);
    view.put(
        "heartbeat_age_s",
        heartbeatAgeSeconds.isPresent() ? heartbeatAgeSeconds.getAsLong() : null);
    view.put("overflows", overflows);
    view.put("problem", problem.orElse(null));
    return view;
  }
}
