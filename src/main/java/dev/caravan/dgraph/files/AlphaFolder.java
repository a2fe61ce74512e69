package dev.caravan.dgraph.files;

import dev.caravan.store.FileStat;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One folder {@code dgraph.r<readTs>.u<MMDD.HHMM>} of the Alpha's, at one look.
 *
 * @param name of the folder
 * @param readTs the read timestamp in its name
 * @param madeMillis when the folder itself last changed
 * @param files that lie in it, in the order of their names
 */
public record AlphaFolder(String name, long readTs, long madeMillis, List<FileStat> files) {

  /** When something in it last changed, milliseconds since 1970. */
  public long newestMillis() {
    return files.stream()
        .mapToLong(file -> TimeUnit.NANOSECONDS.toMillis(file.modifiedNs()))
        .reduce(files.isEmpty() ? madeMillis : Long.MIN_VALUE, Math::max);
  }

  /** When the file in it that was left alone for longest was written. */
  public long oldestMillis() {
    return files.stream()
        .mapToLong(file -> TimeUnit.NANOSECONDS.toMillis(file.modifiedNs()))
        .reduce(madeMillis, Math::min);
  }
}
