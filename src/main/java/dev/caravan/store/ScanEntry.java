package dev.caravan.store;

import dev.caravan.event.StorePath;
import java.util.Optional;

/**
 * One step of a scan, in byte order of the path: a file, or a place that could not be read. A
 * folder that could not be read stands where the first file in it would stand.
 *
 * @param path of the file, or of the folder or file that could not be read
 * @param stat present for what could be looked at; absent for a problem
 * @param problem why it could not be read; everything at or below {@code path} is unknown then and
 *     must not be taken for deleted
 * @param owner present where {@code stat} is, in a scan of the whole tree
 */
public record ScanEntry(
    StorePath path, Optional<FileStat> stat, Optional<String> problem, Optional<Owner> owner) {

  /** An entry of a scan that asks nothing about owners. */
  public ScanEntry(StorePath path, Optional<FileStat> stat, Optional<String> problem) {
    this(path, stat, problem, Optional.empty());
  }

  /** Who owns it: numbers of Linux, to be read as unsigned. */
  public record Owner(int uid, int gid) {}
}
