/** A remote that lives in memory, for tests and rehearsals, with faults on demand. */
@NullMarked
package dev.caravan.remote.memory;

import org.jspecify.annotations.NullMarked;
