/** Words and cron expressions, looked at for themselves. */
@NullMarked
package dev.caravan.config.read.text;

import org.jspecify.annotations.NullMarked;
