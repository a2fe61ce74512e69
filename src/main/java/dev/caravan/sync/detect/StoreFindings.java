package dev.caravan.sync.detect;

import java.util.List;

/**
 * What a scan found, compared with the catalog.
 *
 * @param found files in the store that the filters admit
 * @param foundBytes their bytes
 * @param known files that the catalog held to be present before
 * @param changed files that are new or differ from the catalog
 * @param missing known files that were not found, and for which the scan can be believed
 * @param unreadable folders and files that could not be read: nothing below them is judged
 */
public record StoreFindings(
    long found, long foundBytes, long known, long changed, long missing, List<String> unreadable) {}
