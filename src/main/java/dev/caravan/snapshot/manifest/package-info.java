/**
 * What a snapshot consists of, written down: one line for each file, folder and link, and a last
 * line that says how many there are. docs/datamover-format.md describes it for other programs.
 */
@NullMarked
package dev.caravan.snapshot.manifest;

import org.jspecify.annotations.NullMarked;
