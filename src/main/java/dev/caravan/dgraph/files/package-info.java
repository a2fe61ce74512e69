/** The folders that the Alpha exports to, the files in them, and what they are called far away. */
@NullMarked
package dev.caravan.dgraph.files;

import org.jspecify.annotations.NullMarked;
