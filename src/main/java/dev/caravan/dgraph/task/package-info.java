/** Asks the Alpha how the tasks it has taken fare. */
@NullMarked
package dev.caravan.dgraph.task;

import org.jspecify.annotations.NullMarked;
