/**
 * Dgraph's exports: seen as they are asked for, awaited, brought to S3 under the customer's key,
 * proven there, and only then taken off the Alpha's disk.
 */
@NullMarked
package dev.caravan.dgraph;

import org.jspecify.annotations.NullMarked;
