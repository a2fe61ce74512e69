package dev.caravan.snapshot.move;

/**
 * What a look at the source and at the last backup found, before anything is changed.
 *
 * @param files of the source
 * @param bytes of them
 * @param changed files that the last backup has not, or not like this
 * @param changedBytes of them
 * @param known files of the last backup
 * @param gone files of the last backup that the source has no more
 * @param problems names that cannot be read
 */
public record Survey(
    long files,
    long bytes,
    long changed,
    long changedBytes,
    long known,
    long gone,
    long problems) {}
