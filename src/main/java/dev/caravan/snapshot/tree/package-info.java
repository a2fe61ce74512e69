/** The folder that a snapshot is made of, walked whole. */
@NullMarked
package dev.caravan.snapshot.tree;

import org.jspecify.annotations.NullMarked;
