/**
 * Archives: files that producers register in a queue are copied to a server, proven there, deleted
 * here after a while, and announced by timecode. What SupRsync does, with its own database.
 */
@NullMarked
package dev.caravan.archive;

import org.jspecify.annotations.NullMarked;
