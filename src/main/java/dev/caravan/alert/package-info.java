/** Tells people and watchdogs how runs end: what to say, and that it arrives. */
@NullMarked
package dev.caravan.alert;

import org.jspecify.annotations.NullMarked;
