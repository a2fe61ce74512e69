/** Which snapshots stay, and how those that do not are removed. */
@NullMarked
package dev.caravan.snapshot.keep;

import org.jspecify.annotations.NullMarked;
