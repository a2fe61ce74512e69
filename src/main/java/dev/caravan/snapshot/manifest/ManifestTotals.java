package dev.caravan.snapshot.manifest;

import java.time.Instant;

/**
 * The last line of a manifest.
 *
 * @param createdAt as in the header
 * @param files how many
 * @param folders how many
 * @param symlinks how many
 * @param bytes of all files
 * @param problems how many names of the source could not be taken along
 */
public record ManifestTotals(
    Instant createdAt, long files, long folders, long symlinks, long bytes, long problems) {

  public long entries() {
    return files + folders + symlinks;
  }
}
