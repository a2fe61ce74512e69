package dev.caravan.store.scan;

import dev.caravan.event.StorePath;
import dev.caravan.store.FileStat;
import java.util.Optional;

/**
 * One step of a scan, in byte order of the path: a file, or a place that could not be read. A
 * folder that could not be read stands where the first file in it would stand.
 *
 * @param path of the file, or of the folder or file that could not be read
 * @param stat present for what could be looked at; absent for a problem
 * @param problem why it could not be read; everything at or below {@code path} is unknown then and
 *     must not be taken for deleted
 */
public record ScanEntry(StorePath path, Optional<FileStat> stat, Optional<String> problem) {}
