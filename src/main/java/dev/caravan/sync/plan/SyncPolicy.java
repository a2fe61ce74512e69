package dev.caravan.sync.plan;

import dev.caravan.catalog.FileRow;
import dev.caravan.event.StorePath;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The rules that one remote's plan is made by.
 *
 * @param admits whether the filters admit a file
 * @param settle how long a file must have been quiet
 * @param refusal why the remote cannot hold a name and size; empty when it can
 * @param unkept what the remote does not keep beside a file's bytes, in a few words each
 * @param retriesNow true when failed files are tried again before they are due
 */
public record SyncPolicy(
    Predicate<StorePath> admits,
    Duration settle,
    BiFunction<StorePath, Long, Optional<String>> refusal,
    Function<FileRow, List<String>> unkept,
    boolean retriesNow) {

  /** Why the remote cannot hold a file, in words for a person. */
  public String refusalOf(FileRow file) {
    return refusal.apply(file.path(), file.sizeBytes()).orElse("the remote cannot hold it");
  }
}
