/** What makes things happen in time, without looking again and again whether it is time. */
@NullMarked
package dev.caravan.clock;

import org.jspecify.annotations.NullMarked;
