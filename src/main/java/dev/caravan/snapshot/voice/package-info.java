/** Says how a backup, a restore or a verification fares: phases, progress and the last words. */
@NullMarked
package dev.caravan.snapshot.voice;

import org.jspecify.annotations.NullMarked;
