/** What must hold for sections of the configuration, beyond the form of each key. */
@NullMarked
package dev.caravan.config.check;

import org.jspecify.annotations.NullMarked;
