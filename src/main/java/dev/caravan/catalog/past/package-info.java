/** What the catalog still knows of the files of earlier times. */
@NullMarked
package dev.caravan.catalog.past;

import org.jspecify.annotations.NullMarked;
