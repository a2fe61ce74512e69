/**
 * Compares the store, the catalog and what lies at every remote, names each difference, and mends
 * what it can where that is asked for.
 */
@NullMarked
package dev.caravan.check;

import org.jspecify.annotations.NullMarked;
