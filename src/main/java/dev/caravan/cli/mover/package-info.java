/** The commands below {@code caravan datamover}: what can be done with backups that are there. */
@NullMarked
package dev.caravan.cli.mover;

import org.jspecify.annotations.NullMarked;
