/**
 * The database of an archive: the tables of SupRsync as its Python package makes and uses them, and
 * Caravan's own beside them. Other programs write to the same file at the same time, so changes are
 * short, and nothing here counts on what was read before.
 */
@NullMarked
package dev.caravan.archive.queue;

import org.jspecify.annotations.NullMarked;
